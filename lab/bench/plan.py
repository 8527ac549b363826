"""An experiment: the cases of a plan in its order, each saved after each of its runs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from lab.bench.c_move import Bench
from lab.bench.capture import tried
from lab.bench.environment import demand_current_tester, describe
from lab.bench.known import Measured
from lab.bench.stage import Stage
from lab.errors import Interrupted, LabError, LockedError, UnhealthyError
from lab.model.case import MOVE, Case
from lab.model.environment import Environment
from lab.model.link_state import PACS
from lab.model.plan import Plan, PlanPlace
from lab.model.record import Record, Run
from lab.model.spread import Failure
from lab.model.store_record import StoreRecord, StoreRun
from lab.plans.enough import finished
from lab.plans.ordering import Turn, next_turn
from lab.stack import lifecycle, pacs_settings
from lab.stack.putting_back import all_as_found
from lab.system import experiments

Kept = dict[int, Record | StoreRecord]


class Tell(Protocol):
    """Who shows how far the plan is."""

    def __call__(self, turn: Turn, kept: Kept) -> None:
        """After every run."""

    def left(self, kept: Kept) -> str:
        """How long the rest takes, in words."""


_UP = "lab up"
_DOWN_AND_UP = "lab down, then lab up"  # its container has settings that it does not take


def run(
    plan: Plan, benches: Mapping[str, Bench], folder: Path, tell: Tell, *, resume: bool, pcap: bool
) -> Kept:
    """Run what the plan still wants, turn by turn; the records of its cases by their number.

    A record is saved after every run. A case that fails keeps its reason and is not run again; the plan
    goes on with the others. A run in which the PACS went is made again when the plan is resumed. With
    ``resume`` the folder's records count. With ``pcap`` each case that has a number is run once more, and
    what was on the wire is kept beside its record. Link and PACS are put back however this ends.

    Raises:
        UsageProblem: the folder holds another plan, or records made elsewhere or of another study.
        UnhealthyError: the PACS is gone, so no other case can be run.
    """
    bench = next(iter(benches.values()))
    demand_current_tester(bench.engine)
    environment = describe(bench.engine, bench.settings)
    kept = experiments.begin(plan, folder, environment, resume=resume)
    experiments.demand_same_studies(kept, [one.study for one in benches.values()], folder)
    stage = Stage(benches, plan.cases)
    doing = f"plan {plan.name}"
    with (
        all_as_found(bench.home, bench.engine, bench.settings, doing, bench.progress.say),
        stage.nothing_left_stored(),
    ):
        while turn := _next(plan, kept):
            record = kept.get(turn.number) or _begun(plan, turn.number, environment)
            title = title_of(plan, turn, tell.left(kept))
            measure = partial(stage.run, _case(plan, record, turn.number), turn.number, turn.round, title)
            kept[turn.number] = after(record, turn, measure, partial(_demand_pacs, bench, _UP))
            experiments.save(kept[turn.number], folder)
            tell(turn, kept)
            if kept[turn.number].failure:
                _demand_pacs(bench, _DOWN_AND_UP)
        if pcap:
            _capture(plan, stage, kept, folder, bench.progress.say)
    return kept


def _capture(plan: Plan, stage: Stage, kept: Kept, folder: Path, say: Callable[[str], None]) -> None:
    for number, record in sorted(kept.items()):
        if not record.failure:
            file = experiments.record_file(record, folder).with_suffix(".pcap")
            case, round_ = _case(plan, record, number), len(record.runs) + 1
            tried(partial(stage.capture, case, number, round_, file), file, say)


def _next(plan: Plan, kept: Kept) -> Turn | None:
    durations_s = {number: [run.duration_s for run in record.runs] for number, record in kept.items()}
    failed = [number for number, record in kept.items() if record.failure]
    return next_turn(
        plan,
        {number: len(found) for number, found in durations_s.items()},
        finished(plan, durations_s, failed),
    )


def _case(plan: Plan, record: Record | StoreRecord, number: int) -> Case:
    """As it has been run, with its seed; else as it is planned."""
    return record.case or plan.cases[number - 1]


def title_of(plan: Plan, turn: Turn, left: str) -> str:
    """Of a run, while it lasts."""
    case = plan.cases[turn.number - 1]
    return f"case {turn.number} of {len(plan.cases)}, run {turn.round}, {left}: {described(case)}"


def after(
    record: Record | StoreRecord, turn: Turn, measure: Callable[[], Measured], demand_pacs: Callable[[], None]
) -> Record | StoreRecord:
    """The record of the turn's case with its new run, or with the reason why there is none.

    A run that failed because the PACS is gone is none of the case's failures: ``demand_pacs`` raises then.
    But it is the case's own when the PACS did not take its settings.
    """
    try:
        measured = measure()
    except (Interrupted, LockedError):
        raise
    except LabError as error:
        if not _refused_settings(record, error):
            demand_pacs()
        failure = Failure(message=error.message, remedy=error.remedy, exit_code=error.exit_code)
        return replace(record, failure=failure)
    return _with_run(record, measured, turn)


def _refused_settings(record: Record | StoreRecord, error: LabError) -> bool:
    own = record.case.orthanc if record.case else {}
    return bool(own) and isinstance(error, pacs_settings.DidNotComeBack)


def described(case: Case) -> str:
    """In a few words, for people who watch."""
    return f"{case.study} by {case.method} over {case.profile.name if case.profile else 'the link as it is'}"


def _begun(plan: Plan, number: int, environment: Environment) -> Record | StoreRecord:
    case = plan.cases[number - 1]
    place = PlanPlace(
        plan=plan.name,
        sha256=plan.sha256,
        order=plan.order,
        seed=plan.seed,
        number=number,
        of=len(plan.cases),
    )
    if case.method == MOVE:
        return Record(environment=environment, runs=[], case=case, plan=place)
    return StoreRecord(environment=environment, runs=[], case=case, plan=place)


def _with_run(record: Record | StoreRecord, measured: Measured, turn: Turn) -> Record | StoreRecord:
    """The first run's seed stays the case's."""
    run = replace(measured.run, round=turn.round, turn=turn.turn)
    case = record.case if record.runs else measured.case
    if isinstance(record, Record) and isinstance(run, Run):
        return replace(record, runs=[*record.runs, run], prediction=measured.prediction, case=case)
    if isinstance(record, StoreRecord) and isinstance(run, StoreRun):
        return replace(record, runs=[*record.runs, run], prediction=measured.prediction, case=case)
    msg = f"a {type(run).__name__} does not belong into a {type(record).__name__}"
    raise TypeError(msg)


def _demand_pacs(bench: Bench, remedy: str) -> None:
    """The other cases need it too."""
    if PACS not in bench.engine.running_services() or not lifecycle.is_ready(bench.engine, PACS):
        msg = "the PACS does not answer any more; what was measured is saved"
        raise UnhealthyError(msg, f"{remedy}, then the same command with --resume")
