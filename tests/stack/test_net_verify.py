"""The link of the stack, measured: as it should be, and slowed down where no read-back looks."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import cannot_run
from tests.stack.lab import Lab
from tests.stack.waiting_lab import waiting_lab

pytestmark = [pytest.mark.alone, pytest.mark.usefixtures("clear_link")]


def verdicts(document: Any) -> dict[tuple[str, str], str]:
    return {(line["direction"], line["what"]): line["verdict"] for line in document["verdicts"]}


def test_a_link_that_is_what_it_claims_is_found_to_be(lab: Lab) -> None:
    lab("net", "apply", "4g-lte")
    document = lab.json("net", "verify", "--seconds", "8")
    assert document["profile"] == "4g-lte"
    found = verdicts(document)
    assert "out" not in found.values()
    timed = [("both", "round trip"), ("down", "delay"), ("up", "delay"), ("down", "rate"), ("up", "rate")]
    assert {found[key] for key in timed} == {"ok"}


@pytest.fixture
def slower_outside(lab: Lab) -> Iterator[None]:
    """The engine's end of the tester's wire lets 20 Mbit/s through: no container sees why."""
    if os.geteuid() or not shutil.which("tc"):
        cannot_run("slowing a wire down from outside the containers needs root and tc")
    index = lab("exec", "tester", "cat", "/sys/class/net/eth0/iflink").stdout.strip()
    device = next(
        path.name
        for path in Path("/sys/class/net").iterdir()
        if (path / "ifindex").read_text().strip() == index
    )
    tbf = ["root", "tbf", "rate", "20mbit", "burst", "16kb", "latency", "20ms"]
    subprocess.run(["tc", "qdisc", "add", "dev", device, *tbf], check=True)
    yield
    subprocess.run(["tc", "qdisc", "del", "dev", device, "root"], check=True)


@pytest.mark.usefixtures("slower_outside")
def test_a_link_that_reads_back_well_and_carries_less_is_found_out(lab: Lab) -> None:
    state = lab.json("net", "apply", "mpls-hospital")
    assert state["profile"] == "mpls-hospital"
    said = lab("net", "verify", "--seconds", "5", code=5).stderr
    assert "the link is not what mpls-hospital claims" in said
    assert "down rate" in said
    assert "up rate" not in said


def test_a_link_that_changes_is_not_measured_as_one(lab: Lab) -> None:
    lab("net", "apply", "rate-falls")
    assert "a schedule changes rate-falls" in lab("net", "verify", code=2).stderr


def test_a_profile_is_held_against_its_prediction_with_each_congestion_control(
    lab: Lab, tmp_path: Path
) -> None:
    """The shaper's tolerance: one retry on a busy machine."""
    words = ["--profile", "wan-20ms", "--study", "quick", "--cc", "cubic", "--cc", "reno", "--seconds", "5"]
    for folder in (tmp_path / "first", tmp_path / "second"):
        ended = waiting_lab().run(lab.argv("bench", "links", *words, "--save", str(folder), "-o", "json"))
        lines = json.loads(ended.stdout)
        assert [line["run"]["congestion_control"]["tester"] for line in lines] == ["cubic", "reno"]
        assert [line["profile"]["name"] for line in lines] == ["wan-20ms"] * 2
        assert all(line["run"]["duration_s"] > line["run"]["expected_s"] * 0.9 for line in lines)
        assert len(list(folder.glob("*.json"))) == 2
        out = [verdict for line in lines for verdict in line["verdicts"] if verdict["verdict"] == "out"]
        if not out:
            break
    assert out == []
    assert lab.json("net", "status")["profile"] == "baseline"
