"""The whole lab once under a kernel that has sch_netem: engine, stack, study, benchmark, and away again."""

from typing import Any

import pytest

from lab.link.commands import seed_of
from lab.machine import netem_kernel
from lab.system import store
from tests.conftest import cannot_run
from tests.netem.conftest import Guests
from tests.netem.whole_lab import PROFILES, was_felt

pytestmark = [pytest.mark.alone, pytest.mark.timeout(1500)]
INSTANCES = 48


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, guests: Guests) -> Any:
    request.getfixturevalue("engine")
    (guest,) = guests["whole lab"]
    return guest.result()


@pytest.fixture(params=PROFILES)
def record(request: pytest.FixtureRequest, told: Any) -> Any:
    """Of the benchmark over one of the profiles."""
    return told["records"][request.param]


@pytest.fixture
def run(record: Any) -> Any:
    """Its only one."""
    (run,) = record["runs"]
    return run


def test_each_profile_was_in_force_by_netem(run: Any) -> None:
    """A benchmark names the profile and the shaper that it read back, before its runs and after them."""
    assert run["shaper"] == "netem"


def test_the_whole_study_was_delivered_over_each(run: Any) -> None:
    assert (run["instances"], run["instances_expected"]) == (INSTANCES, INSTANCES)
    assert run["suboperations"] == {"completed": INSTANCES, "failed": 0, "warning": 0}


def test_each_profiles_round_trip_was_felt(run: Any) -> None:
    """At the second try where not at the first."""
    assert was_felt(run), run["rtt_ms"]
    assert run["duration_s"] > INSTANCES * store.profile(run["profile"]).rtt_s * 0.9


def test_the_kernel_draws_the_fate_of_packets_from_the_seed_of_the_record(
    told: Any, record: Any, run: Any
) -> None:
    if not netem_kernel.is_new_enough(told["kernel"]):
        cannot_run(f"the netem of Linux {told['kernel']} takes no seed")
    seed = record["case"]["profile"]["seed"]
    assert run["link"]["seed"] == {"pacs": seed_of(seed, "orthanc"), "tester": seed_of(seed, "tester")}


def test_the_link_is_the_baseline_after_clearing(told: Any) -> None:
    cleared = told["cleared"]
    assert (cleared["profile"], cleared["shaper"]) == ("baseline", "none")
    assert [host["trouble"] for host in cleared["hosts"]] == ["", "", ""]


def test_nothing_runs_when_the_stack_is_down(told: Any) -> None:
    assert told["containers_left"] == []
