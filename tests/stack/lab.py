"""The `lab` command as its users have it: a process of its own, a project and a folder of its own."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stack.waiting_lab import waiting_lab

LAB = [str(Path(sys.executable).parent / "lab")]
INSTANCES, JPEG_LS = 48, "1.2.840.10008.1.2.4.80"  # of the study `quick`


@dataclass(frozen=True)
class Lab:
    """One lab under test."""

    root: Path
    project: str

    def argv(self, *words: str) -> list[str]:
        """The command line."""
        return [*LAB, "--root", str(self.root), "--project", self.project, *words]

    def __call__(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run to the end; the exit code must be ``code``."""
        ended = waiting_lab().run(self.argv(*words))
        assert ended.returncode == code, f"{words}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        assert "Traceback" not in ended.stderr
        return ended

    def json(self, *words: str) -> Any:
        """Run with -o json; what it printed."""
        return json.loads(self(*words, "-o", "json").stdout)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start and do not wait; in a process group of its own and heeding Ctrl-C, as a shell would."""
        return subprocess.Popen(
            self.argv(*words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=_heed_ctrl_c,
        )

    def container(self, service: str) -> str:
        """Name of a service's container."""
        return f"{self.project}-{service}-1"


def _heed_ctrl_c() -> None:
    """Whoever runs the tests in the background ignores SIGINT, and what they start would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def docker(*words: str, check: bool = True, with_stderr: bool = False) -> str:
    """Docker's own command line, to look from outside."""
    ended = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    if check:
        assert ended.returncode == 0, f"docker {words}: {ended.stderr}"
    return (ended.stdout + (ended.stderr if with_stderr else "")).strip()


def inspect(*words: str) -> Any:
    """The first object that docker inspect prints."""
    return json.loads(docker("inspect", *words))[0]


def ours(project: str) -> dict[str, list[str]]:
    """Everything in the engine that carries the project's label, by kind; images left out."""
    label = f"label=org.dicom-lab.project={project}"
    return {
        "containers": docker("ps", "-aq", "--filter", label).split(),
        "networks": docker("network", "ls", "-q", "--filter", label).split(),
        "volumes": docker("volume", "ls", "-q", "--filter", label).split(),
    }


NOTHING: dict[str, list[str]] = {"containers": [], "networks": [], "volumes": []}
