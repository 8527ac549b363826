"""Runs inside the guest: the `lab` command line's own way from `up` to `down`, on a kernel with netem.

Its argument is the project whose images are there. Prints one JSON object: what the commands said.
"""

import json
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from lab.cli.main import main as lab_main
from lab.system import store
from tests.netem.guest_engine import engine

PROFILES = ("wan-20ms", "mpls-hospital")
_RTT_TOLERANCE_MS = 2.0


def main() -> None:
    with engine():
        print(json.dumps(_whole_way(sys.argv[1])))


def _whole_way(project: str) -> dict[str, Any]:
    _lab(project, "up", "--timeout", "240")
    _lab(project, "data", "make", "quick")
    _lab(project, "seed", "quick")
    records = _benchmarked(project, PROFILES, "/run/records")
    if doubtful := [name for name in PROFILES if not was_felt(records[name]["runs"][0])]:
        records |= _benchmarked(project, doubtful, "/run/again")
    _lab(project, "net", "clear")
    cleared = json.loads(_lab(project, "net", "status", "-o", "json"))
    _lab(project, "down", "--volumes")
    return {
        "kernel": platform.release(),
        "records": records,
        "cleared": cleared,
        "containers_left": _containers(),
    }


def _benchmarked(project: str, names: Sequence[str], save: str) -> dict[str, Any]:
    """The record of one run over each of these profiles, by its name."""
    profiles = [word for name in names for word in ("--profile", name)]
    options = ["--shaper", "netem", "--runs", "1", "--warmup", "0", "--save", save]
    _lab(project, "bench", "move", "quick", *profiles, *options)
    records = [json.loads(file.read_text()) for file in Path(save).glob("*.json")]
    return {record["case"]["profile"]["name"]: record for record in records}


def was_felt(run: Mapping[str, Any]) -> bool:
    """Whether the round trip before a run was the profile's; when not, other guests may have had the CPU."""
    profile = store.profile(run["profile"])
    allowed_ms = _RTT_TOLERANCE_MS + (profile.down.jitter_s + profile.up.jitter_s) * 1e3
    return bool(abs(run["rtt_ms"] - profile.rtt_s * 1e3) <= allowed_ms)


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
