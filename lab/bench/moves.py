"""One C-MOVE of a case, measured and proved, and what has to be known before the first."""

from datetime import UTC, datetime

from lab.bench import caches, predict
from lab.bench.c_move import Bench, c_move, receiver_order
from lab.bench.figures import run_of
from lab.bench.known import Beside, Felt, Known
from lab.bench.link_figures import link_record
from lab.bench.machine import watched
from lab.bench.proof import prove
from lab.errors import ToleranceError
from lab.model.case import Case
from lab.model.conditions import LinkRecord
from lab.model.exchange import Ceiling, CeilingOrder, MoveOutcome
from lab.model.link_state import LinkState
from lab.model.prediction import Prediction
from lab.model.record import Run
from lab.stack import shaping, standing
from lab.system import agent, loads


def ceiling(bench: Bench, case: Case) -> Ceiling:
    """What the receiver takes on this machine now, at this PDU size, with Data Sets of this study's size."""
    order = CeilingOrder(
        receiver=receiver_order(bench, case, "discard"),
        dataset_bytes=bench.study.dataset_bytes // len(bench.study.instances),
        associations=case.parallel,
    )
    with bench.progress.task("measuring the receiver alone"):
        return agent.ceiling(bench.engine, order)


def unshaped_s(bench: Bench, case: Case) -> float:
    """What the prediction starts from: the study over the cleared link, caches and all as in a timed run."""
    caches.brought_about(bench, case)
    outcome = c_move(bench, case, "unshaped, for the prediction")
    prove(outcome, bench.study)
    return outcome.arrivals.end_s[-1]


def predicted(bench: Bench, case: Case, felt: Felt, took_unshaped_s: float | None) -> Prediction | None:
    """Only a case with a profile has an unshaped run beside it."""
    if case.profile is None or took_unshaped_s is None:
        return None
    sender = felt.pacs_congestion_control
    return predict.prediction(bench.study, case.profile, case.parallel, sender, took_unshaped_s)


def warm_up(bench: Bench, case: Case, title: str) -> None:
    """Proved like any other, and forgotten."""
    prove(c_move(bench, case, title), bench.study)


def one_run(bench: Bench, case: Case, known: Known, rewritten: int, title: str) -> Run:
    """The caches as the case wants them, the C-MOVE, its proof, and the link still as it was."""
    cache = caches.brought_about(bench, case)
    with loads.watched(bench.engine) as hosts:
        before = standing.status(bench.home, bench.engine)
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        with watched(bench.engine, "tester", before, hosts) as watch:
            outcome = _over_the_schedule(bench, case, title)
        prove(outcome, bench.study)
        after = standing.status(bench.home, bench.engine)
    check_unchanged(known.felt.state, after)
    link = _link_of(case, known, outcome, before, after)
    return run_of(
        bench.study,
        case,
        known,
        outcome,
        link,
        started,
        Beside(
            rewritten=rewritten,
            tls=bench.settings.tls is not None,
            hosts=watch.hosts,
            condition=watch.condition,
            cache=cache,
            rtt=watch.rtt(outcome.requested_s),
        ),
    )


def check_unchanged(before: LinkState, after: LinkState) -> None:
    """A shaper that died in the middle would leave a run over another link than the record says."""
    was, became = (_in_words(state) for state in (before, after))
    if was != became:
        msg = f"the link was {was} before the run and is {became} after it: it is no number"
        raise ToleranceError(msg, "lab net status, then run it again")


def _in_words(state: LinkState) -> str:
    chosen = ", ".join(f"{host.service} with {host.congestion_control}" for host in state.hosts)
    return f"{state.profile} by {state.shaper} ({chosen})"


def _over_the_schedule(bench: Bench, case: Case, title: str) -> MoveOutcome:
    """A profile with phases begins with the C-MOVE-RQ, so that every run meets the same ones."""
    scheduled = case.profile is not None and case.profile.phases
    epoch_s = shaping.rewind(bench.engine) if scheduled else 0.0
    return c_move(bench, case, title, not_before_s=epoch_s)


def _link_of(
    case: Case, known: Known, outcome: MoveOutcome, before: LinkState, after: LinkState
) -> LinkRecord:
    return link_record(
        case.profile,
        before,
        after,
        requested_s=outcome.requested_s,
        duration_s=outcome.arrivals.end_s[-1],
        ceiling_mbit_s=known.emulator_mbit_s,
    )
