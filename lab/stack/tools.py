"""The tools container's programs, run by hand over the link that the tools container has."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from lab.errors import UsageProblem
from lab.system import process
from lab.system.engine import TOOL_ROLE, Engine
from lab.system.home import PROJECT_LABEL, ROLE_LABEL
from lab.system.owner import OWNER_LABEL, us

TOOLS = "dcmtk"


def run_tool(engine: Engine, tool: str, words: Sequence[str], *, nagle: bool) -> int:
    """Run a program of the tools image with our folder and streams; returns its exit code.

    It shares the network of the tools container: what it sends is shaped like that of every client.
    Raises UsageProblem when the image has no such program, UnhealthyError when the container is not up.
    """
    network = f"container:{engine.service(TOOLS).id}"
    if engine.exec(TOOLS, ["sh", "-c", 'command -v -- "$0"', tool]).returncode:
        msg = f"the tools image has no program {tool!r}"
        raise UsageProblem(msg, "lab exec dcmtk ls /usr/bin lists what it has")
    return process.pass_through(_argv(engine.project, network, tool, words, nagle=nagle))


def _argv(project: str, network: str, tool: str, words: Sequence[str], *, nagle: bool) -> list[str]:
    """A container of its own, for a running one can be given no folder."""
    here = Path.cwd()
    return [
        *("docker", "run", "--rm", "--init", "--interactive", *_terminal()),
        *("--pull", "never", "--network", network, "--cap-drop", "ALL"),
        *("--security-opt", "no-new-privileges:true", "--user", f"{os.getuid()}:{os.getgid()}"),
        *("--label", f"{PROJECT_LABEL}={project}", "--label", f"{ROLE_LABEL}={TOOL_ROLE}"),
        *("--label", f"{OWNER_LABEL}={us()}"),
        *("--volume", f"{here}:{here}", "--workdir", str(here)),
        *("--env", f"TCP_NODELAY={0 if nagle else 1}"),
        *(f"{project}/{TOOLS}", tool, *words),
    ]


def _terminal() -> list[str]:
    return ["--tty"] if sys.stdin.isatty() and sys.stdout.isatty() else []
