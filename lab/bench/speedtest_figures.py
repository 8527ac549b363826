"""From the outcome of a speed test to its figures and its doubts. Pure."""

import dataclasses
from datetime import datetime, timedelta

from lab.bench.figures import run_of
from lab.bench.known import Felt, Known
from lab.bench.stalls import delayed_ack_stall
from lab.model.case import Case
from lab.model.conditions import LinkRecord
from lab.model.exchange import Arrivals, Ceiling, MoveOutcome
from lab.model.link_state import LinkState
from lab.model.path import UNKNOWN
from lab.model.record import Run
from lab.model.speedtest import (
    REFERENCE_INSTANCES,
    REFERENCE_STUDY_UID,
    REFERENCE_TRANSFER_SYNTAX_UID,
    Speedtest,
    SpeedtestResult,
)
from lab.model.spread import Doubt
from lab.model.study import Study
from lab.statistics.doubting import few_runs
from lab.statistics.summary import quantile

_NO_LINK = LinkRecord(assumed=[], seed={}, dropped_packets={}, phases=[], emulator=None)
_FAST_SHARE = 0.95


def foreign_run(wish: Speedtest, outcome: MoveOutcome, ceiling: Ceiling | None, started: str) -> Run:
    """As `lab bench move` records it; of the PACS's link and machine nothing is known.

    The study is its UID, and its size is what the PACS counted.
    """
    case, rtt_ms = _case(wish), smallest_rtt_ms(outcome)
    felt = Felt(
        state=LinkState(profile="", shaper="none", hosts=()),
        rtt_ms=rtt_ms,
        path=UNKNOWN,
    )
    known = Known(felt=felt, prediction=None, ceiling=ceiling)
    study = Study(name=wish.study_instance_uid, recipe_sha256="", instances=())
    run = run_of(study, case, known, outcome, _NO_LINK, started)
    return dataclasses.replace(
        run,
        instances_expected=counted(outcome) or run.instances,
        tls=wish.tls is not None,
        doubts=[
            *run.doubts,
            *few_runs(wish.runs),
            *_doubts(wish, case, outcome, rtt_ms),
            *_ceiling_unknown(ceiling),
        ],
    )


def result_of(
    study_instance_uid: str, outcome: MoveOutcome, begun: datetime, total_bytes: int
) -> SpeedtestResult:
    """``begun`` is when the connection to the PACS was; times of an outcome count from the C-MOVE-RQ."""
    arrivals = outcome.arrivals

    def after(seconds: float) -> datetime:
        return begun + timedelta(seconds=outcome.associate_s + seconds)

    return SpeedtestResult(
        study_instance_uid=study_instance_uid,
        start=begun,
        first_image=after(arrivals.end_s[0]),
        end=after(max(outcome.completion_s, arrivals.end_s[-1])),
        transfer_syntax_uid=arrivals.transfer_syntax_uids[0],
        total_bytes=total_bytes,
    )


def counted(outcome: MoveOutcome) -> int:
    """Instances that the PACS says it sent; 0 when it does not say (the counts are optional, PS3.7 9.1.4)."""
    return outcome.suboperations.completed + outcome.suboperations.warning


def images(count: int) -> str:
    """In words."""
    return {0: "no image", 1: "1 image"}.get(count, f"{count} images")


def smallest_rtt_ms(outcome: MoveOutcome) -> float | None:
    """Over the storage associations, as the receiver's kernel saw it; None where it does not tell."""
    seen = [one.connection.min_rtt_ms for one in outcome.associations if one.connection]
    return min((rtt_ms for rtt_ms in seen if rtt_ms is not None), default=None)


def fastest_mbit_s(arrivals: Arrivals) -> float:
    """What the path gave while an image came, at its best (the 95th percentile): stands for its rate.

    Infinite when each image came in one read.
    """
    spans = zip(arrivals.begin_s, arrivals.end_s, arrivals.dataset_bytes, strict=True)
    rates = [size * 8 / (end_s - begin_s) / 1e6 for begin_s, end_s, size in spans if end_s > begin_s]
    return quantile(rates, _FAST_SHARE) if rates else float("inf")


def _case(wish: Speedtest) -> Case:
    return Case(
        study=wish.study_instance_uid,
        profile=None,
        shaper="none",
        congestion_control="",
        runs=wish.runs,
        warmup=0,
        max_pdu_bytes=wish.max_pdu_bytes,
        level=wish.level,
    )


def _doubts(wish: Speedtest, case: Case, outcome: MoveOutcome, rtt_ms: float | None) -> list[Doubt]:
    """Those that only a PACS outside the lab raises; and the stall, though the path's rate is not known."""
    found = [
        delayed_ack_stall(case, rtt_ms, fastest_mbit_s(outcome.arrivals), outcome.arrivals),
        _not_counted(outcome),
        _not_the_reference(wish, outcome.arrivals),
        _whole_patient(wish),
    ]
    return [doubt for doubt in found if doubt]


def _ceiling_unknown(ceiling: Ceiling | None) -> list[Doubt]:
    if ceiling:
        return []
    doubt = Doubt(
        code="ceiling_unknown",
        text="the receiver could not be measured alone: the figure may be its own, not the PACS's",
        remedy="measure again; stderr says what kept it from being measured",
    )
    return [doubt]


def _not_counted(outcome: MoveOutcome) -> Doubt | None:
    came, said = len(outcome.arrivals.end_s), counted(outcome)
    if came == said:
        return None
    return Doubt(
        code="not_counted",
        text=f"{images(came)} came, and the PACS {f'counts {said}' if said else 'does not count them'}",
        remedy="compare with the number of images of the study in the PACS; does anybody else send here?",
    )


def _not_the_reference(wish: Speedtest, arrivals: Arrivals) -> Doubt | None:
    """What is known of the reference study: how many images, and in which transfer syntax."""
    syntaxes, came = set(arrivals.transfer_syntax_uids), len(arrivals.end_s)
    whole = (came, syntaxes) == (REFERENCE_INSTANCES, {REFERENCE_TRANSFER_SYNTAX_UID})
    if wish.study_instance_uid != REFERENCE_STUDY_UID or whole:
        return None
    stored = f"{REFERENCE_INSTANCES} images in {REFERENCE_TRANSFER_SYNTAX_UID}"
    return Doubt(
        code="not_the_reference",
        text=f"the reference study is {stored}; {came} came, in {', '.join(sorted(syntaxes))}",
        remedy="look at the study in the PACS; --level study leaves the patient's other studies out",
    )


def _whole_patient(wish: Speedtest) -> Doubt | None:
    """Of the reference study the number of images tells."""
    if wish.level != "PATIENT" or wish.study_instance_uid == REFERENCE_STUDY_UID:
        return None
    return Doubt(
        code="whole_patient",
        text="asked at PATIENT level a PACS may ignore the study and send all of the patient's",
        remedy="--level study",
    )
