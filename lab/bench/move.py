"""The C-MOVE benchmark."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lab.bench import emulator, path, predict
from lab.bench.c_move import Bench, c_move, receiver_order
from lab.bench.environment import demand_current_tester, describe
from lab.bench.figures import run_of
from lab.bench.known import Felt, Known
from lab.bench.link_figures import link_record
from lab.bench.proof import prove
from lab.bench.proof_run import prove_content
from lab.bench.seed import Seeding, seed
from lab.errors import ToleranceError
from lab.model.case import Case
from lab.model.conditions import LinkRecord
from lab.model.exchange import Ceiling, CeilingOrder, MoveOutcome
from lab.model.link_state import LinkState, Wish
from lab.model.load import series
from lab.model.profile import Profile
from lab.model.record import Record, Run
from lab.stack import shaping, standing
from lab.stack.feeling import felt_rtt_ms
from lab.stack.putting_back import as_found
from lab.system import agent, loads, store


def measure(bench: Bench, cases: Sequence[Case], folder: Path) -> Record:
    """Seed, prove, then for each case: shape, feel, warm up, repeat, prove each run, save.

    One proof run on the unshaped link (on the link as found, when no case has a profile) hashes every
    Data Set; the timed runs are held against the manifest by set, bytes and syntax. A record is saved
    after every case, and one of all cases is returned. The link is put back however this ends.
    """
    shaped = any(case.profile for case in cases)
    demand_current_tester(bench.engine)
    environment = describe(bench.engine, bench.settings)
    folder.mkdir(parents=True, exist_ok=True)
    runs: list[Run] = []
    ceiling = _ceiling(bench, cases[0])
    emulator_mbit_s = None
    with _as_found(bench) if shaped else nullcontext():
        if shaped:
            shaping.clear(bench.home, bench.engine)
            emulator_mbit_s = emulator.ceiling_mbit_s(bench, cases)
        _seed(bench)
        bench, rewritten = prove_content(bench, cases[0])
        unshaped_s = _unshaped_s(bench, cases[0]) if shaped else None
        for case in cases:
            felt = _shape_and_feel(bench, case)
            known = Known(
                felt=felt,
                expected_s=_expected_s(bench, case, unshaped_s),
                ceiling=ceiling,
                emulator_mbit_s=emulator_mbit_s,
            )
            case_runs = list(_runs_of(bench, case, known, rewritten))
            _save(Record(environment=environment, runs=case_runs), folder, felt.state.profile)
            runs += case_runs
    return Record(environment=environment, runs=runs)


def _seed(bench: Bench) -> None:
    seed(
        Seeding(
            home=bench.home,
            engine=bench.engine,
            settings=bench.settings,
            study=bench.study,
            progress=bench.progress,
        )
    )


def _as_found(bench: Bench) -> AbstractContextManager[None]:
    doing = f"benchmark of {bench.study.name}"
    return as_found(bench.home, bench.engine, doing, bench.progress.say)


def _check_unchanged(before: LinkState, after: LinkState) -> None:
    """A shaper that died in the middle would leave a run over another link than the record says."""
    if (after.profile, after.shaper) != (before.profile, before.shaper):
        was, became = (f"{state.profile} by {state.shaper}" for state in (before, after))
        msg = f"the link was {was} before the run and is {became} after it: it is no number"
        raise ToleranceError(msg, "lab net status, then run it again")


def _shape_and_feel(bench: Bench, case: Case) -> Felt:
    """Apply the case's profile, if it has one; then measure what the link is like."""
    name = case.profile.name if case.profile else "the link as it is"
    with bench.progress.task(f"{name}: shaping, reading back, feeling the path"):
        if case.profile:
            state = _shape(bench, case, case.profile)
        else:
            state = standing.status(bench.home, bench.engine)
        return Felt(
            state=state,
            rtt_ms=felt_rtt_ms(bench.engine, [host.link for host in state.hosts]),
            path=path.measure(bench.engine),
        )


def _shape(bench: Bench, case: Case, profile: Profile) -> LinkState:
    wish = Wish(profile=profile, shaper=case.shaper, congestion_control=case.congestion_control)
    return shaping.apply(bench.home, bench.engine, wish)


def _runs_of(bench: Bench, case: Case, known: Known, rewritten: int) -> Iterator[Run]:
    """Warm up, then measure; every outcome is proved, a warm-up too."""
    name = known.felt.state.profile
    for number in range(1, case.warmup + 1):
        prove(c_move(bench, case, f"{name}: warm-up {number} of {case.warmup}"), bench.study)
    before = known.felt.state
    for number in range(1, case.runs + 1):
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        with loads.watched(bench.engine) as readings:
            outcome = _over_the_schedule(bench, case, f"{name}: run {number} of {case.runs}")
        prove(outcome, bench.study)
        after = standing.status(bench.home, bench.engine)
        _check_unchanged(before, after)
        link = _link_of(case, known, outcome, before, after)
        run = run_of(bench.study, case, known, outcome, link, started, rewritten)
        hosts = {service: series(found) for service, found in readings.items()}
        yield replace(run, hosts=hosts, tls=bench.settings.tls is not None)
        before = after


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


def _ceiling(bench: Bench, case: Case) -> Ceiling:
    """What the receiver takes on this machine now, at this PDU size, with Data Sets of this study's size."""
    order = CeilingOrder(
        receiver=receiver_order(bench, case, "discard"),
        dataset_bytes=bench.study.dataset_bytes // len(bench.study.instances),
        associations=case.parallel,
    )
    with bench.progress.task("measuring the receiver alone"):
        return agent.ceiling(bench.engine, order)


def _unshaped_s(bench: Bench, case: Case) -> float:
    """What the prediction starts from: the study over the cleared link, received as in a timed run."""
    outcome = c_move(bench, case, "unshaped, for the prediction")
    prove(outcome, bench.study)
    return outcome.arrivals.end_s[-1]


def _expected_s(bench: Bench, case: Case, unshaped_s: float | None) -> float | None:
    """Only a case with a profile has an unshaped run beside it."""
    if case.profile is None or unshaped_s is None:
        return None
    return predict.stop_and_wait_s(bench.study, case.profile, unshaped_s)


def _save(record: Record, folder: Path, profile: str) -> None:
    stamp = record.runs[0].started.replace(":", "").replace("-", "")[:15]
    store.save_record(record, folder / f"{stamp}-{record.runs[0].study}-{profile}.json")
