"""Reasons not to trust a C-MOVE blindly, each with its remedy: those in the receiver. Pure."""

from lab.bench import link_doubts
from lab.bench.known import Known
from lab.bench.stalls import delayed_ack_stall
from lab.model.case import Case
from lab.model.conditions import LinkRecord
from lab.model.exchange import Ceiling, MoveOutcome
from lab.model.spread import Doubt
from lab.statistics.summary import quantile, steady_mbit_s

_NEAR_CEILING_SHARE = 0.8
_LATE_MS = 1.0
_LATE_SHARE = 0.99
_BUSY_SHARE = 0.8


def doubts(
    case: Case,
    known: Known,
    outcome: MoveOutcome,
    link: LinkRecord,
) -> list[Doubt]:
    """Every doubt about one run."""
    felt, arrivals = known.felt, outcome.arrivals
    found = [
        _near_ceiling(case, known.ceiling, outcome),
        _receiver_busy(outcome),
        _stamped_late(outcome),
        delayed_ack_stall(case, felt.rtt_ms, felt.path.mbit_s, arrivals),
        *link_doubts.doubts(
            case,
            known,
            link.emulator,
            sender=felt.pacs_congestion_control,
            reached_mbit_s=steady_mbit_s(arrivals.end_s, arrivals.dataset_bytes) or 0.0,
            duration_s=arrivals.end_s[-1],
        ),
    ]
    return [doubt for doubt in found if doubt]


def _near_ceiling(case: Case, ceiling: Ceiling | None, outcome: MoveOutcome) -> Doubt | None:
    arrivals = outcome.arrivals
    reached = steady_mbit_s(arrivals.end_s, arrivals.dataset_bytes)
    if ceiling is None or reached is None or reached < _NEAR_CEILING_SHARE * ceiling.mbit_s:
        return None
    return Doubt(
        code="near_ceiling",
        text=f"within 20 % of what the receiver itself can take here ({ceiling.mbit_s:.0f} Mbit/s)",
        remedy="--ack quick"
        if case.ack == "delayed"
        else "a larger --max-pdu, a machine with more cores; the PACS may be faster than this figure",
    )


def _receiver_busy(outcome: MoveOutcome) -> Doubt | None:
    """Of the time in which images came: what the PACS takes before the first is no rest of the receiver's."""
    receiving_s = outcome.arrivals.end_s[-1] - outcome.arrivals.begin_s[0]
    if outcome.cost.busiest_cpu_s <= _BUSY_SHARE * receiving_s:
        return None
    return Doubt(
        code="receiver_busy",
        text="a receiving process used over 80 % of a core: the figure may be the instrument's own",
        remedy="a larger --max-pdu; lab bench move has --parallel to spread it; not the PACS's ceiling",
    )


def _stamped_late(outcome: MoveOutcome) -> Doubt | None:
    late_s = outcome.arrivals.late_s
    if not late_s or quantile(late_s, _LATE_SHARE) * 1e3 <= _LATE_MS:
        return None
    return Doubt(
        code="stamped_late",
        text="the kernel had images over 1 ms before the receiver saw them: the machine is short of CPU",
        remedy="stop what else runs here; times of single images are too late by that much",
    )
