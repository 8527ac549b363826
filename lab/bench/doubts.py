"""Reasons not to trust a run blindly, each with its remedy. Pure."""

from lab.bench.stats import gaps
from lab.model.exchange import MoveOutcome
from lab.model.link_state import LinkState
from lab.model.record import Case, Doubt

_FEW_RUNS = 3
_RECEIVER_MS = 2.5  # measured: 200 objects of 160 kB, sender and network out of the way
_BUSY_SHARE = 0.8
_MISSED_SHARE = 0.2
_FELT_RTT_MS = 1.0


def doubts(
    case: Case,
    outcome: MoveOutcome,
    duration_s: float,
    expected_s: float | None,
    rtt_ms: float,
    link: LinkState,
) -> list[Doubt]:
    """Every doubt about one run."""
    found = [
        _receiver_busy(outcome, duration_s),
        _receiver_may_limit(outcome),
        _few_runs(case),
        _paced(link, rtt_ms),
        _missed(duration_s, expected_s),
        _troubled(link),
    ]
    return [doubt for doubt in found if doubt]


def _receiver_busy(outcome: MoveOutcome, duration_s: float) -> Doubt | None:
    share = outcome.receiver_cpu_s / duration_s
    if share <= _BUSY_SHARE:
        return None
    return Doubt(
        code="receiver_busy",
        text=f"the receiver used {share:.0%} of a core: the figure may be the instrument's, not the PACS's",
        remedy="compare runs on this machine only; do not quote the throughput as the PACS's ceiling",
    )


def _receiver_may_limit(outcome: MoveOutcome) -> Doubt | None:
    """Built on pynetdicom, the receiver itself takes 2 to 3 ms from one image to the next."""
    between = gaps(outcome.arrivals.end_s)
    if between is None or between.p50 > 2 * _RECEIVER_MS:
        return None
    return Doubt(
        code="receiver_may_limit",
        text=f"images come {2 * _RECEIVER_MS:g} ms apart or less, and the receiver alone takes half of that",
        remedy="compare such runs with each other only; do not quote them as the PACS's throughput",
    )


def _few_runs(case: Case) -> Doubt | None:
    if case.runs >= _FEW_RUNS:
        return None
    return Doubt(
        code="few_runs", text="fewer than three runs say nothing about spread", remedy="--runs 3 or more"
    )


def _paced(link: LinkState, rtt_ms: float) -> Doubt | None:
    """BBR paces each application-limited burst at the rate it estimated from the last one."""
    paced = any(host.congestion_control == "bbr" for host in link.hosts)
    if not paced or rtt_ms < _FELT_RTT_MS:
        return None
    return Doubt(
        code="paced_by_bbr",
        text="BBR sends: an object at a time costs it about 1.5 round trips, cubic and reno 1.0",
        remedy="--cc reno (or cubic) to measure what most hosts do",
    )


def _missed(duration_s: float, expected_s: float | None) -> Doubt | None:
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
