"""The whole lab once under a kernel that has sch_netem: engine, stack, study, benchmark, and away again."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.stack.images import NAMES
from lab.system import store
from tests.conftest import cannot_run
from tests.netem.engine_disk import PROGRAMS, engine_disk
from tests.netem.kernel import run_module
from tests.netem.needs import demand_programs
from tests.netem.whole_lab import PROFILES
from tests.stack.conftest import engine
from tests.stack.lab import Lab

__all__ = ["engine"]
pytestmark = pytest.mark.timeout(1500)
INSTANCES = 48


@pytest.fixture(scope="module")
def disk(request: pytest.FixtureRequest) -> Iterator[tuple[str, Path]]:
    """A project, and a disk with its images; both are gone afterwards."""
    demand_programs(*PROGRAMS)
    if os.geteuid():
        cannot_run("a second engine and its network namespace need root")
    request.getfixturevalue("engine")
    with tempfile.TemporaryDirectory(dir=Path.home()) as scratch:  # not under /tmp, which the guest hides
        lab = Lab(Path(scratch), f"netemtest-{os.getpid()}")
        try:
            lab("images", "build")
            yield lab.project, engine_disk([f"{lab.project}/{name}:latest" for name in NAMES], lab.root)
        finally:
            lab("images", "remove")


@pytest.fixture(scope="module")
def told(disk: tuple[str, Path]) -> Any:
    project, image = disk
    return json.loads(run_module("tests.netem.whole_lab", project, memory="3G", disk=image, timeout_s=1200))


@pytest.fixture(params=PROFILES)
def run(request: pytest.FixtureRequest, told: Any) -> Any:
    """The benchmark's run over one of the profiles."""
    return {run["profile"]: run for run in told["record"]["runs"]}[request.param]


def test_each_profile_was_in_force_by_netem(run: Any) -> None:
    """A benchmark names the profile and the shaper that it read back, before its runs and after them."""
    assert run["shaper"] == "netem"


def test_the_whole_study_was_delivered_over_each(run: Any) -> None:
    assert (run["instances"], run["instances_expected"]) == (INSTANCES, INSTANCES)
    assert run["suboperations"] == {"completed": INSTANCES, "failed": 0, "warning": 0}


def test_each_profiles_round_trip_was_felt(run: Any) -> None:
    profile = store.profile(run["profile"])
    jitter_ms = (profile.down.jitter_s + profile.up.jitter_s) * 1e3
    assert run["rtt_ms"] == pytest.approx(profile.rtt_s * 1e3, abs=2 + jitter_ms)
    assert run["duration_s"] > INSTANCES * profile.rtt_s * 0.9


def test_the_link_is_the_baseline_after_clearing(told: Any) -> None:
    cleared = told["cleared"]
    assert (cleared["profile"], cleared["shaper"]) == ("baseline", "none")
    assert [host["trouble"] for host in cleared["hosts"]] == ["", "", ""]


def test_nothing_runs_when_the_stack_is_down(told: Any) -> None:
    assert told["containers_left"] == []
