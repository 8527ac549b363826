"""The netem shaper's commands on a real kernel that has sch_netem: set, read back, felt, taken off."""

import json
from typing import Any

import pytest

from lab.link.ping import median_rtt_ms
from lab.link.read_back import link_state
from lab.model.exchange import Hop
from lab.model.link_state import LinkState
from lab.system import store
from tests.netem.guest import ping_rtt_s, shaped
from tests.netem.kernel import run_module
from tests.netem.needs import demand_programs

SHAPED = shaped()


@pytest.fixture(scope="module")
def reports() -> dict[str, Any]:
    demand_programs()
    lines = run_module("tests.netem.guest").splitlines()
    return {report["profile"]: report for report in map(json.loads, lines)}


def state(report: dict[str, Any]) -> LinkState:
    hops = {host: Hop(**hop) for host, hop in report["hops"].items()}
    return link_state(hops, "orthanc", store.profiles())


@pytest.mark.parametrize("name", [profile.name for profile in SHAPED])
def test_each_profile_reads_back_from_the_kernel_as_itself(reports: dict[str, Any], name: str) -> None:
    found = state(reports[name])
    assert (found.profile, found.shaper) == (name, "netem")
    assert [host.trouble for host in found.hosts] == ["", ""]


@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
def test_each_profile_is_felt_as_its_round_trip(reports: dict[str, Any], profile: Any) -> None:
    felt_ms = median_rtt_ms(reports[profile.name]["ping"])
    jitter_ms = (profile.down.jitter_s + profile.up.jitter_s) * 1e3
    assert felt_ms == pytest.approx(ping_rtt_s(profile) * 1e3, abs=1.5 + jitter_ms / 2)


def test_a_cleared_link_is_the_baseline_again(reports: dict[str, Any]) -> None:
    found = state(reports["baseline"])
    assert (found.profile, found.shaper) == ("baseline", "none")
    assert [hop["gso_max_segs"] for hop in reports["baseline"]["hops"].values()] == [65535, 65535]
