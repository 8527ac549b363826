"""A probe of the link: a profile counts as applied when it has been felt."""

from collections.abc import Sequence

from lab.errors import ToleranceError, UnhealthyError
from lab.link import ping, probe_expected, probe_plan
from lab.model.link_state import PACS
from lab.model.profile import Link, Profile
from lab.system.engine import Engine

_PINGS = 20
_TRIES = 3
_RTT_TOLERANCE_S = 0.002
_RTT_TOLERANCE_RATIO = 0.05
_LOST_TO_PINGS = 0.5
_ERRORS = 4  # standard errors of a median of so few, which jitter and reordering make
_STARTING_S = 3.0


def check_felt(engine: Engine, profile: Profile) -> None:
    """Raises ToleranceError when pings take longer or shorter than the profile, or its first phase, says.

    What is felt wrong is felt again: the machine may have been busy for a moment.
    """
    links = (profile.down, profile.up)
    if max(link.loss_ratio for link in links) > _LOST_TO_PINGS:
        return
    expected = probe_expected.round_trip_ms(profile.down, profile.up, _PINGS)
    expected_s, error_s = expected.value / 1e3, expected.standard_error / 1e3
    allowed_s = _RTT_TOLERANCE_S + _RTT_TOLERANCE_RATIO * expected_s + _ERRORS * error_s
    for _ in range(_TRIES):
        felt_s = felt_rtt_ms(engine, links) / 1e3
        if abs(felt_s - expected_s) <= allowed_s:
            break
    else:
        msg = f"{profile.name} makes a ping take {expected_s * 1e3:.1f} ms, {felt_s * 1e3:.1f} ms were felt"
        raise ToleranceError(msg, "is the machine busy? lab net status shows what is in force")


def takes_s(profile: Profile) -> float:
    """How long it may take to shape a link so, and to feel it once."""
    return _STARTING_S + _PINGS * probe_plan.ping_spacing_s(profile.down, profile.up) + profile.rtt_s


def felt_rtt_ms(engine: Engine, links: Sequence[Link] = ()) -> float:
    """Median round trip from tester to PACS in milliseconds, so spaced that no ping waits for another.

    Raises UnhealthyError when nothing answers.
    """
    spacing_s, wait_s = probe_plan.ping_spacing_s(*links), probe_plan.ping_wait_s(*links)
    words = ["-n", "-c", str(_PINGS), "-i", f"{spacing_s:.3f}", "-W", str(wait_s), PACS]
    ended = engine.exec("tester", ["ping", *words])
    median = ping.median_rtt_ms(ended.stdout)
    if median is None:
        said = (ended.stdout + ended.stderr).strip()[-200:]
        msg = f"the PACS does not answer a ping from the tester: {said}"
        raise UnhealthyError(msg, "lab net clear; lab status")
    return median
