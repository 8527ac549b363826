"""The tools container's programs, run by hand over the link that the tools container has."""

import csv
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab.errors import UsageProblem
from lab.system import process, settings
from lab.system.engine import TOOL_ROLE, Engine
from lab.system.home import PROJECT_LABEL, ROLE_LABEL, Home
from lab.system.owner import OWNER_LABEL, us

TOOLS = "dcmtk"


def run_tool(home: Home, engine: Engine, tool: str, words: Sequence[str], *, nagle: bool) -> int:
    """Run a program of the tools image with our folder and streams; returns its exit code.

    It shares the network of the tools container: what it sends is shaped like that of every client. In a lab
    with TLS it has that container's certificate at the same place.
    Raises UsageProblem when the image has no such program, UnhealthyError when the container is not up.
    """
    shared = ["--network", f"container:{engine.service(TOOLS).id}", *certificate_mounts(home)]
    if engine.exec(TOOLS, ["sh", "-c", 'command -v -- "$0"', tool]).returncode:
        msg = f"the tools image has no program {tool!r}"
        raise UsageProblem(msg, "lab exec dcmtk ls /usr/bin lists what it has")
    return process.pass_through(_argv(engine.project, shared, tool, words, nagle=nagle))


def _argv(project: str, shared: Sequence[str], tool: str, words: Sequence[str], *, nagle: bool) -> list[str]:
    """A container of its own, for a running one can be given no folder."""
    here = str(Path.cwd())
    return [
        *("docker", "run", "--rm", "--init", "--interactive", *_terminal()),
        *("--pull", "never", *shared, "--cap-drop", "ALL"),
        *("--security-opt", "no-new-privileges:true", "--user", f"{os.getuid()}:{os.getgid()}"),
        *("--label", f"{PROJECT_LABEL}={project}", "--label", f"{ROLE_LABEL}={TOOL_ROLE}"),
        *("--label", f"{OWNER_LABEL}={us()}"),
        *("--mount", mount(here, here), "--workdir", here),
        *("--env", f"TCP_NODELAY={0 if nagle else 1}"),
        *(f"{project}/{TOOLS}", tool, *words),
    ]


def certificate_mounts(home: Home) -> Iterator[str]:
    """In a lab with TLS: keys are readable by the user alone, whom the container runs as."""
    chosen = settings.read(home)
    if not (chosen and chosen.https):
        return
    here, there = home.tls_files(TOOLS), chosen.https
    for source, target in (
        (here.key_file, there.key_file),
        (here.certificate_file, there.certificate_file),
        (here.ca_file, there.ca_file),
    ):
        yield from ("--mount", mount(source, target, "readonly"))


def mount(source: str, target: str, *more: str) -> str:
    """As docker's --mount reads it, whose fields are CSV: no name of a folder breaks it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(["type=bind", f"source={source}", f"target={target}", *more])
    return line.getvalue()


def _terminal() -> list[str]:
    return ["--tty"] if sys.stdin.isatty() and sys.stdout.isatty() else []
