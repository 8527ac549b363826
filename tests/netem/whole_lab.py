"""Runs inside the guest: the `lab` command line's own way from `up` to `down`, on a kernel with netem.

Its argument is the project whose images are there. Prints one JSON object: what the commands said.
"""

import json
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from lab.cli.main import main as lab_main
from tests.netem.guest_engine import engine

PROFILES = ("wan-20ms", "mpls-hospital")
_RECORDS = "/run/records"


def main() -> None:
    with engine():
        print(json.dumps(_whole_way(sys.argv[1])))


def _whole_way(project: str) -> dict[str, Any]:
    profiles = [word for name in PROFILES for word in ("--profile", name)]
    options = ["--shaper", "netem", "--runs", "1", "--warmup", "0"]
    _lab(project, "up", "--timeout", "240")
    _lab(project, "data", "make", "quick")
    _lab(project, "seed", "quick")
    _lab(project, "bench", "move", "quick", *profiles, *options, "--save", _RECORDS)
    _lab(project, "net", "clear")
    cleared = json.loads(_lab(project, "net", "status", "-o", "json"))
    _lab(project, "down", "--volumes")
    return {
        "kernel": platform.release(),
        "records": [json.loads(record.read_text()) for record in Path(_RECORDS).glob("*.json")],
        "cleared": cleared,
        "containers_left": _containers(),
    }


def _lab(project: str, *words: str) -> str:
    """In this process, for importing everything anew takes seconds here."""
    began_s = time.monotonic()
    ended = CliRunner().invoke(lab_main, ["--root", "/run/lab", "--project", project, *words])
    said = f"lab {' '.join(words)}: {time.monotonic() - began_s:.1f} s\n{ended.stderr}"
    print(said, file=sys.stderr, flush=True)
    if ended.exit_code:
        raise RuntimeError(f"exit code {ended.exit_code}: {ended.stdout}") from ended.exception
    return ended.stdout


def _containers() -> list[str]:
    argv = ["docker", "ps", "--all", "--quiet"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()


if __name__ == "__main__":
    main()
