"""The C-MOVE benchmark."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.bench import doubts, path, predict, stats
from lab.bench.environment import demand_current_tester, describe
from lab.bench.proof import prove
from lab.bench.seed import seed
from lab.errors import ToleranceError
from lab.model.exchange import MoveOrder, MoveOutcome
from lab.model.link_state import LinkState
from lab.model.profile import Profile
from lab.model.progress import Progress
from lab.model.record import Case, Record, Run, Timeline
from lab.model.study import Study
from lab.stack import shaping
from lab.stack.putting_back import as_found
from lab.system import agent, store
from lab.system.engine import Engine
from lab.system.home import Home
from lab.system.settings import Settings
from lab.units import format_bytes

METHOD = "c-move"
_PACS_PORT = 4242
_PACS_AE_TITLE = "ORTHANC"
_DESTINATION_AE_TITLE = "STORESCP"
_DESTINATION_PORT = 9999
_IDLE_TIMEOUT_S = 60


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What every step of a benchmark needs."""

    home: Home
    engine: Engine
    settings: Settings
    study: Study
    progress: Progress


@dataclass(frozen=True, kw_only=True)
class Felt:
    """The link of a case as read back and as felt, just before its runs."""

    state: LinkState
    rtt_ms: float
    path_mbit_s: float | None


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
    with _as_found(bench) if shaped else nullcontext():
        if shaped:
            shaping.clear(bench.engine)
        seed(bench.home, bench.engine, bench.settings, bench.study, bench.progress, via="auto", jobs=None)
        proof = _proof_run(bench, cases[0])
        for case in cases:
            felt = _shape_and_feel(bench, case)
            case_runs = list(_runs_of(bench, case, felt, _expected_s(bench, case, proof)))
            _check_unchanged(bench, felt)
            _save(Record(environment=environment, runs=case_runs), folder, felt.state.profile)
            runs += case_runs
    return Record(environment=environment, runs=runs)


def _as_found(bench: Bench) -> AbstractContextManager[None]:
    doing = f"benchmark of {bench.study.name}"
    return as_found(bench.home, bench.engine, doing, bench.progress.say)


def _check_unchanged(bench: Bench, felt: Felt) -> None:
    """A shaper that died in the middle would leave runs over another link than the record says."""
    now = shaping.status(bench.engine, store.profiles())
    if (now.profile, now.shaper) != (felt.state.profile, felt.state.shaper):
        was, became = (f"{state.profile} by {state.shaper}" for state in (felt.state, now))
        msg = f"the link was {was} before the runs and is {became} after them: they are no numbers"
        raise ToleranceError(msg, "lab net status, then run it again")


def _proof_run(bench: Bench, case: Case) -> MoveOutcome:
    """Hash what arrives and hold it against the manifest."""
    outcome = _move(bench, case, "proof run", digest=True)
    prove(outcome, bench.study)
    return outcome


def _shape_and_feel(bench: Bench, case: Case) -> Felt:
    """Apply the case's profile, if it has one; then measure what the link is like."""
    name = case.profile.name if case.profile else "the link as it is"
    with bench.progress.task(f"{name}: shaping, reading back, feeling the path"):
        if case.profile:
            state = _shape(bench, case, case.profile)
        else:
            state = shaping.status(bench.engine, store.profiles())
        return Felt(
            state=state,
            rtt_ms=shaping.felt_rtt_ms(bench.engine),
            path_mbit_s=path.goodput_mbit_s(bench.engine),
        )


def _shape(bench: Bench, case: Case, profile: Profile) -> LinkState:
    wanted = case.congestion_control or ""
    return shaping.apply(
        bench.engine, profile, store.profiles(), shaper=case.shaper, congestion_control=wanted
    )


def _runs_of(bench: Bench, case: Case, felt: Felt, expected_s: float | None) -> Iterator[Run]:
    """Warm up, then measure; every outcome is proved, a warm-up too."""
    for number in range(1, case.warmup + 1):
        prove(_move(bench, case, f"{felt.state.profile}: warm-up {number} of {case.warmup}"), bench.study)
    for number in range(1, case.runs + 1):
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        outcome = _move(bench, case, f"{felt.state.profile}: run {number} of {case.runs}")
        prove(outcome, bench.study)
        yield _run(bench, case, felt, outcome, started, expected_s)


def _move(bench: Bench, case: Case, title: str, *, digest: bool = False) -> MoveOutcome:
    order = MoveOrder(
        pacs_host=shaping.PACS,
        pacs_port=_PACS_PORT,
        pacs_ae_title=_PACS_AE_TITLE,
        destination_ae_title=_DESTINATION_AE_TITLE,
        listen_port=_DESTINATION_PORT,
        study_instance_uid=bench.study.study_instance_uid,
        preferred_transfer_syntax_uids=list(bench.study.transfer_syntaxes),
        max_pdu_bytes=case.max_pdu_bytes,
        digest=digest,
        idle_timeout_s=_IDLE_TIMEOUT_S,
    )
    with bench.progress.task(title) as task:
        return agent.move(bench.engine, order, _shown_by(task.update, len(bench.study.instances)))


def _shown_by(update: Callable[[float, float, str], None], total: int) -> Callable[[int, int], None]:
    def show(instances: int, received_bytes: int) -> None:
        update(instances, total, f"{instances} of {total} images, {format_bytes(received_bytes)}")

    return show


def _expected_s(bench: Bench, case: Case, proof: MoveOutcome) -> float | None:
    """Only a case with a profile has an unshaped run, the proof run, beside it."""
    if case.profile is None:
        return None
    return predict.stop_and_wait_s(bench.study, case.profile, proof.arrivals.end_s[-1])


def _run(
    bench: Bench, case: Case, felt: Felt, outcome: MoveOutcome, started: str, expected_s: float | None
) -> Run:
    """The figures of one outcome that has been proved."""
    arrivals = outcome.arrivals
    total_bytes, duration_s = sum(arrivals.dataset_bytes), arrivals.end_s[-1]
    return Run(
        profile=felt.state.profile,
        shaper=felt.state.shaper,
        study=bench.study.name,
        method=METHOD,
        warmup=case.warmup,
        associations=outcome.associations,
        max_pdu=case.max_pdu_bytes,
        instances=len(arrivals.end_s),
        instances_expected=len(bench.study.instances),
        suboperations=outcome.suboperations,
        transfer_syntaxes={
            uid: arrivals.transfer_syntax_uids.count(uid) for uid in set(arrivals.transfer_syntax_uids)
        },
        dataset_bytes=total_bytes,
        associate_s=outcome.associate_s,
        first_image_s=arrivals.end_s[0],
        duration_s=duration_s,
        completion_s=outcome.completion_s,
        throughput_mbit_s=stats.mbit_s(total_bytes, duration_s),
        steady_mbit_s=stats.steady_mbit_s(arrivals.end_s, arrivals.dataset_bytes),
        gap_ms=stats.gaps(arrivals.end_s),
        congestion_control=_congestion_control(felt.state, outcome),
        rtt_ms=felt.rtt_ms,
        expected_s=expected_s,
        path_mbit_s=felt.path_mbit_s,
        receiver_cpu_s=outcome.receiver_cpu_s,
        started=started,
        doubts=doubts.doubts(case, outcome, duration_s, expected_s, felt.rtt_ms, felt.state),
        timeline=Timeline(end_s=arrivals.end_s, dataset_bytes=arrivals.dataset_bytes),
    )


def _congestion_control(state: LinkState, outcome: MoveOutcome) -> dict[str, str]:
    """The PACS's as its kernel has it for the route, the tester's as its accepted socket had it."""
    of_pacs = next((h.congestion_control for h in state.hosts if h.service == shaping.PACS), "")
    return {"pacs": of_pacs, "tester": outcome.congestion_control}


def _save(record: Record, folder: Path, profile: str) -> None:
    stamp = record.runs[0].started.replace(":", "").replace("-", "")[:15]
    store.save_record(record, folder / f"{stamp}-{record.runs[0].study}-{profile}.json")
