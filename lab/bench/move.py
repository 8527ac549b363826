"""The C-MOVE benchmark."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.bench import path, predict
from lab.bench.environment import demand_current_tester, describe
from lab.bench.figures import run_of
from lab.bench.known import Felt, Known
from lab.bench.proof import prove
from lab.bench.seed import seed
from lab.dicom.syntaxes import acceptor_order
from lab.errors import ToleranceError
from lab.model.exchange import Ceiling, CeilingOrder, MoveOrder, MoveOutcome, ReceiverOrder
from lab.model.link_state import LinkState
from lab.model.profile import Profile
from lab.model.progress import Progress, Task
from lab.model.record import Case, Record, Run
from lab.model.study import Study
from lab.stack import shaping
from lab.stack.putting_back import as_found
from lab.system import agent, store
from lab.system.engine import Engine
from lab.system.home import Home
from lab.system.settings import Settings
from lab.units import format_bytes

_PACS_PORT = 4242
_PACS_AE_TITLE = "ORTHANC"
_DESTINATION_AE_TITLE = "STORESCP"
_DESTINATION_PORT = 9999
_CALLING_AE_TITLE = "DICOMLAB"
_IDLE_TIMEOUT_S = 60
_SILENCE_S = 24 * 3600  # a PACS may fetch for long between two images: the watch over the whole run decides
_KEEP_FOLDER = "/tmp/lab-kept"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What every step of a benchmark needs; ``keep`` is where the files of the proof run go."""

    home: Home
    engine: Engine
    settings: Settings
    study: Study
    progress: Progress
    keep: Path | None = None


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
    with _as_found(bench) if shaped else nullcontext():
        if shaped:
            shaping.clear(bench.engine)
        seed(bench.home, bench.engine, bench.settings, bench.study, bench.progress, via="auto", jobs=None)
        _proof_run(bench, cases[0])
        unshaped_s = _unshaped_s(bench, cases[0]) if shaped else None
        for case in cases:
            felt = _shape_and_feel(bench, case)
            known = Known(felt=felt, expected_s=_expected_s(bench, case, unshaped_s), ceiling=ceiling)
            case_runs = list(_runs_of(bench, case, known))
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


def _proof_run(bench: Bench, case: Case) -> None:
    """Hash what arrives and hold it against the manifest; bring it here when it is to be kept."""
    if bench.keep is None:
        outcome = _move(bench, case, "proof run", sink="digest")
    else:
        with bench.engine.emptied("tester", _KEEP_FOLDER):
            outcome = _move(bench, case, "proof run, keeping what arrives", sink="keep")
            prove(outcome, bench.study)
            bench.engine.copy_out("tester", _KEEP_FOLDER, bench.keep)
    prove(outcome, bench.study)


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


def _runs_of(bench: Bench, case: Case, known: Known) -> Iterator[Run]:
    """Warm up, then measure; every outcome is proved, a warm-up too."""
    name = known.felt.state.profile
    for number in range(1, case.warmup + 1):
        prove(_move(bench, case, f"{name}: warm-up {number} of {case.warmup}"), bench.study)
    for number in range(1, case.runs + 1):
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        outcome = _move(bench, case, f"{name}: run {number} of {case.runs}")
        prove(outcome, bench.study)
        yield run_of(bench.study, case, known, outcome, started)


def _move(bench: Bench, case: Case, title: str, *, sink: str = "discard") -> MoveOutcome:
    order = MoveOrder(
        pacs_host=shaping.PACS,
        pacs_port=_PACS_PORT,
        pacs_ae_title=_PACS_AE_TITLE,
        calling_ae_title=_CALLING_AE_TITLE,
        receiver=_receiver(bench, case, sink),
        studies=list(bench.study.keys),
        level=case.level,
        parallel=case.parallel,
        expected_instances=len(bench.study.instances),
        idle_timeout_s=_IDLE_TIMEOUT_S,
    )
    with bench.progress.task(title) as task:
        return agent.move(bench.engine, order, _shown_by(task, len(bench.study.instances)))


def move_once(bench: Bench, case: Case) -> MoveOutcome:
    """One C-MOVE over the link as it is, neither warmed up nor proved."""
    return _move(bench, case, f"{case.study}: C-MOVE")


def _receiver(bench: Bench, case: Case, sink: str) -> ReceiverOrder:
    """As many processes as associations can be served by at once, leaving room for whoever sends."""
    return ReceiverOrder(
        ae_title=_DESTINATION_AE_TITLE,
        port=_DESTINATION_PORT,
        max_pdu_bytes=case.max_pdu_bytes,
        transfer_syntaxes=acceptor_order(list(bench.study.transfer_syntaxes)),
        ack=case.ack,
        sink=sink,
        keep_folder=_KEEP_FOLDER,
        processes=min(case.parallel, bench.engine.cpus()),
        silence_s=_SILENCE_S,
    )


def _ceiling(bench: Bench, case: Case) -> Ceiling:
    """What the receiver takes on this machine now, at this PDU size, with Data Sets of this study's size."""
    order = CeilingOrder(
        receiver=_receiver(bench, case, "discard"),
        dataset_bytes=bench.study.dataset_bytes // len(bench.study.instances),
        associations=case.parallel,
    )
    with bench.progress.task("measuring the receiver alone"):
        return agent.ceiling(bench.engine, order)


def _shown_by(task: Task, total: int) -> Callable[[Mapping[str, int]], None]:
    def show(sofar: Mapping[str, int]) -> None:
        note = f"{sofar['instances']} of {total} images, {format_bytes(sofar['bytes'])}"
        if sofar["remaining"]:
            note += f", {sofar['remaining']} to go, says the PACS"
        task.update(sofar["instances"], total, note)

    return show


def _unshaped_s(bench: Bench, case: Case) -> float:
    """What the prediction starts from: the study over the cleared link, received as in a timed run."""
    outcome = _move(bench, case, "unshaped, for the prediction")
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
