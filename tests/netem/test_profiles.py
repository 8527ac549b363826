"""Every profile on a kernel that has netem: read back, and measured to be what it claims.

One CPU simulates the kernel and both hosts, so rates are measured up to what it carries
(wire_probe.FASTEST_BIT_S), and packets for delays and counts are few.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.link.judging import better, judge
from lab.link.read_back import link_state
from lab.model.plain import from_json
from lab.model.profile import Profile
from lab.model.verdict import OUT, Verdict
from lab.system import store
from tests.netem.guest import shaped
from tests.netem.kernel import run_module
from tests.netem.needs import demand_programs
from tests.netem.profiles_guest import SECONDS, Found
from tests.netem.wire_probe import is_slow

pytestmark = pytest.mark.timeout(1500)
SHAPED = shaped()
GUESTS = 2


@pytest.fixture(scope="module")
def found() -> dict[str, list[Found]]:
    """Of each profile what was found; twice, where something was out."""
    demand_programs()
    first = _found(profile.name for profile in SHAPED)
    names = [name for name, one in first.items() if _out([one])]
    second = _found(names)
    return {name: [one, *([second[name]] if name in second else [])] for name, one in first.items()}


def _found(names: Iterable[str]) -> dict[str, Found]:
    """Two guests share the profiles."""
    listed = list(names)
    shares = [share for share in (listed[guest::GUESTS] for guest in range(GUESTS)) if share]
    with ThreadPoolExecutor(max_workers=GUESTS) as pool:
        printed = list(pool.map(_printed, shares))
    reports = (from_json(Found, line) for lines in printed for line in lines.splitlines())
    return {report.profile: report for report in reports}


def _printed(names: list[str]) -> str:
    return run_module("tests.netem.profiles_guest", *names, timeout_s=900)


def _out(several: list[Found]) -> list[Verdict]:
    """Of one or two measurements; out is what was out in each."""
    judged = [_judged(one) for one in several]
    lines = judged[0] if len(judged) == 1 else better(judged[0], judged[1])
    return [line for line in lines if line.verdict == OUT]


def _judged(one: Found) -> list[Verdict]:
    profile = store.profile(one.profile)
    lines = judge(profile.down, profile.up, one.measured, SECONDS, "netem")
    halves = {"down": profile.down, "up": profile.up, "both": profile.down}
    return [line for line in lines if line.what != "rate" or is_slow(halves[line.direction])]


@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
def test_each_profile_reads_back_as_itself(found: dict[str, list[Found]], profile: Profile) -> None:
    state = link_state(found[profile.name][0].hops, "orthanc", store.profiles())
    assert (state.profile, state.shaper) == (profile.name, "netem")
    assert [host.trouble for host in state.hosts] == ["", ""]


@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
def test_each_profile_is_measured_to_be_what_it_claims(
    found: dict[str, list[Found]], profile: Profile
) -> None:
    assert _out(found[profile.name]) == []
