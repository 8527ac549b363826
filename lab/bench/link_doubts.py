"""Reasons to doubt a run that lie in the link, whichever way the images go. Pure."""

from lab.bench.known import StoreKnown
from lab.model.case import Case
from lab.model.conditions import EmulatorRecord
from lab.model.link_state import AUTO, LinkState
from lab.model.profile import Link
from lab.model.spread import Doubt
from lab.stack.congestion import USUAL

_NEAR_CEILING_SHARE = 0.8
_LATE_MS = 1.0
_BUSY_SHARE = 0.8
_MISSED_SHARE = 0.2
_FELT_RTT_MS = 1.0
_LONGEST_BURST_PACKETS = 2.0


def doubts(
    case: Case,
    known: StoreKnown,
    emulator: EmulatorRecord | None,
    *,
    sender: str,
    reached_mbit_s: float,
    duration_s: float,
) -> list[Doubt]:
    """Every doubt about the link of one run.

    ``sender`` is the congestion control of who sends the images, ``reached_mbit_s`` what they came at.
    """
    felt = known.felt
    found = [
        _paced(sender, felt.rtt_ms),
        _kernels_own(case, felt.state),
        _bursts_of_packets(case),
        _emulator_late(emulator),
        _emulator_busy(emulator, reached_mbit_s),
        _missed(case, duration_s, known.expected_s),
        _troubled(felt.state),
    ]
    return [doubt for doubt in found if doubt]


def _paced(sender: str, rtt_ms: float | None) -> Doubt | None:
    """BBR paces each application-limited burst at the rate it estimated from the last one."""
    if sender != "bbr" or rtt_ms is None or rtt_ms < _FELT_RTT_MS:
        return None
    return Doubt(
        code="paced_by_bbr",
        text="BBR sends: an object at a time costs it about 1.5 round trips, cubic and reno 1.0",
        remedy="--cc reno (or cubic) to measure what most hosts do",
    )


def _kernels_own(case: Case, link: LinkState) -> Doubt | None:
    """The usual one was asked for, and could not be had."""
    have = sorted({host.congestion_control for host in link.hosts} - {USUAL})
    if case.profile is None or case.congestion_control != AUTO or not have:
        return None
    return Doubt(
        code="not_the_usual_congestion_control",
        text=f"{', '.join(have)} instead of {USUAL}, which containers may not have here",
        remedy=f"lab doctor --fix allows {USUAL}; compare with runs of the same congestion control only",
    )


def _bursts_of_packets(case: Case) -> Doubt | None:
    """netem and the emulator count a burst in packets, not in time, so one outlasts any silence.

    A response is a packet alone: sent again after a time-out it meets the same burst, and is lost once more
    with the chance 1 - 1/B, while the time-out doubles. Over B = 2 the mean wait has no bound.
    """
    links = [link for half in _halves(case) for link in half]
    if not any(link.loss_ratio and link.loss_burst_packets > _LONGEST_BURST_PACKETS for link in links):
        return None
    return Doubt(
        code="bursts_of_packets",
        text="losses come in bursts of over two packets, which outlast TCP's time-outs: transfers may hang",
        remedy="loss_burst of 2 at most; phases for a link that is gone for a time",
    )


def _halves(case: Case) -> list[tuple[Link, Link]]:
    if case.profile is None:
        return []
    halves = [(case.profile.down, case.profile.up)]
    return halves + [(phase.down, phase.up) for phase in case.profile.phases]


def _emulator_late(emulator: EmulatorRecord | None) -> Doubt | None:
    if emulator is None or (emulator.late_p99_ms or 0) <= _LATE_MS:
        return None
    return Doubt(
        code="emulator_late",
        text="the emulator sent one packet in a hundred over 1 ms late: the link was slower than its profile",
        remedy="stop what else runs here, or use a kernel with netem",
    )


def _emulator_busy(emulator: EmulatorRecord | None, reached_mbit_s: float) -> Doubt | None:
    if emulator is None:
        return None
    ceiling_mbit_s = emulator.ceiling_mbit_s
    near = ceiling_mbit_s is not None and reached_mbit_s >= _NEAR_CEILING_SHARE * ceiling_mbit_s
    if not near and emulator.busiest_cpu_share <= _BUSY_SHARE:
        return None
    return Doubt(
        code="emulator_near_ceiling",
        text="the emulator was near what it can carry here: the figure may be its own",
        remedy="a kernel with netem, or a profile with a lower rate",
    )


def _missed(case: Case, duration_s: float, expected_s: float | None) -> Doubt | None:
    """Unshaped there is nothing but the PACS's own mood to miss."""
    if case.profile is None or case.profile.is_plain:
        return None
    if expected_s is None or abs(duration_s / expected_s - 1) <= _MISSED_SHARE:
        return None
    return Doubt(
        code="prediction_missed",
        text=f"over {_MISSED_SHARE:.0%} from the prediction: more goes on than round trips and rate",
        remedy="look for loss, jitter, slow start on a small study, and the congestion control",
    )


def _troubled(link: LinkState) -> Doubt | None:
    trouble = [f"{host.service}: {host.trouble}" for host in link.hosts if host.trouble]
    if not trouble:
        return None
    return Doubt(
        code="link_trouble", text="; ".join(trouble), remedy="lab net clear, then lab net apply again"
    )
