"""Every profile on a kernel that has netem: by netem as it should be, and the emulator against it.

One CPU simulates the kernel, both hosts and the emulators. So rates are measured up to what it carries
(wire_probe.FASTEST_BIT_S), packets for delays and counts are few, and the study is smaller on slow links.
"""

import statistics
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
from tests.netem.profiles_guest import SECONDS, Found, is_left_to_chance
from tests.netem.wire_probe import is_slow

pytestmark = pytest.mark.timeout(1500)
SHAPED = shaped()
GUESTS = 2
Key = tuple[str, str]


@pytest.fixture(scope="module")
def found() -> dict[Key, list[Found]]:
    """Of each profile and shaper what was found; twice of a profile of which something was out."""
    demand_programs()
    first = _found(profile.name for profile in SHAPED)
    names = {name for (name, _), one in first.items() if _is_out([one])}
    second = _found(sorted(names)) if names else {}
    return {key: [one, *([second[key]] if key in second else [])] for key, one in first.items()}


def _found(names: Iterable[str]) -> dict[Key, Found]:
    """Two guests share the profiles."""
    listed = list(names)
    shares = [share for share in (listed[guest::GUESTS] for guest in range(GUESTS)) if share]
    with ThreadPoolExecutor(max_workers=GUESTS) as pool:
        printed = list(
            pool.map(lambda share: run_module("tests.netem.profiles_guest", *share, timeout_s=1200), shares)
        )
    reports = [from_json(Found, line) for lines in printed for line in lines.splitlines()]
    return {(report.profile, report.shaper): report for report in reports}


def _is_out(several: list[Found]) -> bool:
    return any(line.verdict == OUT for line in verdicts(several))


def verdicts(several: list[Found]) -> list[Verdict]:
    """Of one or two measurements; out is what was out in each."""
    judged = [_judged(one) for one in several]
    return judged[0] if len(judged) == 1 else better(judged[0], judged[1])


def _judged(one: Found) -> list[Verdict]:
    profile = store.profile(one.profile)
    lines = judge(profile.down, profile.up, one.measured, SECONDS, one.shaper)
    halves = {"down": profile.down, "up": profile.up, "both": profile.down}
    return [line for line in lines if line.what != "rate" or is_slow(halves[line.direction])]


@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
def test_each_profile_reads_back_as_itself_by_either_shaper(
    found: dict[Key, list[Found]], profile: Profile
) -> None:
    for shaper in ("netem", "tun"):
        state = link_state(found[profile.name, shaper][0].hops, "orthanc", store.profiles())
        assert (state.profile, state.shaper) == (profile.name, shaper)


@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
def test_netem_makes_each_profile_what_it_claims(found: dict[Key, list[Found]], profile: Profile) -> None:
    assert [line for line in verdicts(found[profile.name, "netem"]) if line.verdict == OUT] == []


@pytest.mark.parametrize("profile", SHAPED, ids=lambda profile: profile.name)
def test_the_emulator_agrees_with_netem(found: dict[Key, list[Found]], profile: Profile) -> None:
    """Round trip and duration of a C-MOVE; where chance decides what TCP does, medians, and less closely."""
    both = [found[profile.name, shaper] for shaper in ("netem", "tun")]
    rtt_ms = [statistics.median(one.measured.rtt_ms or 0.0 for one in several) for several in both]
    assert rtt_ms[1] == pytest.approx(rtt_ms[0], rel=0.05, abs=1.0 + jitter_ms(profile))
    took_s = [statistics.median(s for one in several for s in one.durations_s) for several in both]
    assert took_s[1] == pytest.approx(took_s[0], rel=0.5 if is_left_to_chance(profile) else 0.05)


def jitter_ms(profile: Profile) -> float:
    return (profile.down.jitter_s + profile.up.jitter_s) * 1e3 / 2
