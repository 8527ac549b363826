"""From the outcome of one C-MOVE to the figures of a run. Pure."""

from collections import Counter

from lab.bench import doubts, surroundings
from lab.bench.known import Beside, Felt, Known
from lab.model.case import Case
from lab.model.conditions import Flow, LinkRecord, PathRecord, ReceiverRecord
from lab.model.exchange import MoveOutcome
from lab.model.link_state import PACS
from lab.model.path import Path
from lab.model.record import Run, Timeline
from lab.model.study import Study
from lab.statistics.summary import gaps, mbit_s, quantile, steady_mbit_s

METHOD = "c-move"
NOTHING_BESIDE = Beside()


def run_of(
    study: Study,
    case: Case,
    known: Known,
    outcome: MoveOutcome,
    link: LinkRecord,
    started: str,
    beside: Beside = NOTHING_BESIDE,
) -> Run:
    """The figures of one outcome that has been proved."""
    arrivals, felt = outcome.arrivals, known.felt
    total_bytes, duration_s = sum(arrivals.dataset_bytes), arrivals.end_s[-1]
    return Run(
        profile=felt.state.profile,
        shaper=felt.state.shaper,
        study=study.name,
        method=METHOD,
        level=outcome.level,
        requests=outcome.requests,
        ack=case.ack,
        stop=outcome.stop,
        warmup=case.warmup,
        associations=len(outcome.associations),
        max_pdu=case.max_pdu_bytes,
        instances=len(arrivals.end_s),
        instances_expected=len(study.instances),
        instances_rewritten=beside.rewritten,
        suboperations=outcome.suboperations,
        transfer_syntaxes=dict(Counter(arrivals.transfer_syntax_uids)),
        dataset_bytes=total_bytes,
        associate_s=outcome.associate_s,
        first_image_s=arrivals.end_s[0],
        duration_s=duration_s,
        completion_s=outcome.completion_s,
        throughput_mbit_s=mbit_s(total_bytes, duration_s),
        steady_mbit_s=steady_mbit_s(arrivals.end_s, arrivals.dataset_bytes),
        gap_ms=gaps(arrivals.end_s),
        congestion_control=_congestion_control(outcome, felt),
        rtt_ms=felt.rtt_ms,
        expected_s=known.expected_s,
        path_mbit_s=felt.path.mbit_s,
        receiver_cpu_s=outcome.cost.cpu_s,
        receiver=_receiver(known, outcome),
        link=link,
        connections=outcome.associations,
        started=started,
        doubts=[
            *doubts.doubts(case, known, outcome, link),
            *surroundings.doubts(beside, felt.state.link(PACS), felt.path.down, total_bytes),
        ],
        timeline=Timeline(
            begin_s=arrivals.begin_s,
            end_s=arrivals.end_s,
            dataset_bytes=arrivals.dataset_bytes,
            association=arrivals.association,
        ),
        path=path_record(felt.path),
        efficiency=efficiency(mbit_s(total_bytes, duration_s), felt.path.mbit_s),
        cache=beside.cache,
        condition=beside.condition,
        rtt=beside.rtt,
        tls=beside.tls,
        hosts=beside.hosts,
    )


def path_record(path: Path) -> PathRecord | None:
    """None where neither way was measured."""
    nothing = Flow(mbit_s=None)
    return PathRecord(down=path.down or nothing, up=path.up or nothing) if path.down or path.up else None


def efficiency(throughput_mbit_s: float, path_mbit_s: float | None) -> float | None:
    """What the PACS makes of the path."""
    return throughput_mbit_s / path_mbit_s if path_mbit_s else None


def _receiver(known: Known, outcome: MoveOutcome) -> ReceiverRecord:
    late_s = outcome.arrivals.late_s
    return ReceiverRecord(
        ceiling_mbit_s=known.ceiling.mbit_s if known.ceiling else None,
        busiest_cpu_s=outcome.cost.busiest_cpu_s,
        peak_rss_bytes=outcome.cost.peak_rss_bytes,
        late_p99_ms=quantile(late_s, 0.99) * 1e3 if late_s else None,
        late_max_ms=max(late_s) * 1e3 if late_s else None,
    )


def _congestion_control(outcome: MoveOutcome, felt: Felt) -> dict[str, str]:
    """The tester's as its socket had it."""
    known = (one.connection.congestion_control for one in outcome.associations if one.connection)
    return {"pacs": felt.pacs_congestion_control, "tester": next(known, "")}
