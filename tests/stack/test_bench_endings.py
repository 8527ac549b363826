"""Benchmarks that are ended in the middle, by whatever: no number, and the link as it was."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.stack.lab import INSTANCES, Lab, docker


def test_killing_the_pacs_in_the_middle_gives_a_plain_message_and_no_number(lab: Lab) -> None:
    """Over a link that was shaped before: without a PACS it cannot be put back, and that is no obstacle."""
    lab("net", "apply", "metro-fibre")
    folder = lab.root / "killed"
    words = ["--profile", "transatlantic", "-o", "json", "--save", str(folder)]
    running = lab.start("bench", "move", "quick", *words)
    _wait_for(running, "warm-up 1")
    _wait_for_images(lab, running)
    docker("kill", lab.container("orthanc"))
    stdout, stderr = running.communicate(timeout=120)
    lab("up")
    lab("net", "clear")
    assert running.returncode in (4, 6)
    assert (stdout, list(folder.iterdir())) == ("", [])
    assert f"of {INSTANCES} instances" in stderr
    assert "could not be put back to metro-fibre" in stderr
    assert "Traceback" not in stderr


def test_a_shaper_that_dies_between_the_runs_leaves_no_number(lab: Lab) -> None:
    running = lab.start(
        "bench", "move", "quick", "--profile", "transatlantic", "--shaper", "tun", "--runs", "1"
    )
    _wait_for(running, "warm-up 1")
    emulators = [
        "--filter",
        f"label=org.dicom-lab.project={lab.project}",
        "--filter",
        "label=org.dicom-lab.role=emulator",
    ]
    for container in docker("ps", "-q", *emulators).split():
        docker("kill", "--signal", "KILL", container)
    _, stderr = running.communicate(timeout=120)
    assert running.returncode == 5
    assert "it is no number" in stderr
    assert lab.json("net", "status")["profile"] == "baseline"


def test_ctrl_c_ends_a_benchmark_with_130_the_link_as_it_was_and_what_was_measured_saved(
    lab: Lab, tmp_path: Path
) -> None:
    words = ["--profile", "transatlantic", "--warmup", "0", "--save", str(tmp_path)]
    running = lab.start("bench", "move", "quick", *words)
    _wait_for(running, "run 2 of 3")
    os.killpg(running.pid, signal.SIGINT)
    _, stderr = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "Traceback" not in stderr
    (record,) = [json.loads(file.read_text()) for file in tmp_path.glob("*.json")]
    assert (len(record["runs"]), record["case"]["runs"]) == (1, 3)
    assert min(record["runs"][0]["path"][way]["mbit_s"] for way in ("down", "up")) > 0
    assert lab.json("net", "status")["profile"] == "baseline"
    assert not _agents(lab)


def test_after_kill_9_the_next_command_says_what_was_left_and_puts_it_right(lab: Lab) -> None:
    running = lab.start("bench", "move", "quick", "--profile", "transatlantic")
    _wait_for(running, "warm-up 1")
    running.kill()
    running.communicate(timeout=120)
    status = lab("net", "status")
    assert "was killed: putting the link back to clear" in status.stderr
    assert "profile baseline" in status.stdout
    assert not _agents(lab)


def _wait_for(running: Any, text: str) -> None:
    for line in running.stderr:
        if text in line:
            return
    pytest.fail(f"the benchmark ended before {text!r}")


def _wait_for_images(lab: Lab, running: Any) -> None:
    """Until Orthanc has sent some more than a handshake."""
    argv = ["exec", lab.container("orthanc"), "cat", "/sys/class/net/eth0/statistics/tx_bytes"]
    before = int(docker(*argv))
    while int(docker(*argv)) < before + 500_000:
        assert running.poll() is None, "the benchmark ended before it was killed"


def _agents(lab: Lab) -> str:
    return "\n".join(
        line for line in docker("top", lab.container("tester")).splitlines() if "lab.inside" in line
    )
