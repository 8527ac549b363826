"""The ingest benchmark: a study stored into the PACS, by each method in turn."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from lab.bench.c_move import Bench
from lab.bench.environment import demand_current_tester, describe
from lab.bench.holding import holding
from lab.bench.store_figures import run_of
from lab.bench.store_methods import SENDERS, contexts_fit
from lab.bench.store_proof import prove_answers, prove_held
from lab.errors import ToleranceError
from lab.model.link_state import LinkState, Wish
from lab.model.progress import Task
from lab.model.store import StoreCase, StoreOutcome
from lab.model.store_record import StoreRecord, StoreRun
from lab.stack import shaping, standing
from lab.stack.feeling import felt_rtt_ms
from lab.stack.putting_back import as_found
from lab.system import studies
from lab.system.files import write_json
from lab.system.orthanc import Orthanc
from lab.units import format_bytes


def measure(bench: Bench, cases: Sequence[StoreCase], folder: Path) -> StoreRecord:
    """Prove the files, then for each case: shape, feel, and in each round store by every method once.

    Methods take turns, so that what drifts on the machine is in all of them. Before each run the study is
    taken out of the PACS; after it the PACS is proved to hold exactly the manifest's instances. A record
    is saved after every case, and one of all cases is returned. The link is put back however this ends.
    """
    shaped = any(case.profile for case in cases)
    demand_current_tester(bench.engine)
    contexts_fit(bench.study, cases[0].jobs)
    studies.verify(bench.home, bench.study, bench.progress)
    environment = describe(bench.engine, bench.settings)
    folder.mkdir(parents=True, exist_ok=True)
    runs: list[StoreRun] = []
    doing = f"ingest benchmark of {bench.study.name}"
    with as_found(bench.home, bench.engine, doing, bench.progress.say) if shaped else nullcontext():
        for case in cases:
            state, rtt_ms = _shape_and_feel(bench, case)
            case_runs = list(_runs_of(bench, case, state, rtt_ms))
            _check_unchanged(bench, state)
            _save(StoreRecord(environment=environment, runs=case_runs), folder, state.profile)
            runs += case_runs
    return StoreRecord(environment=environment, runs=runs)


def _shape_and_feel(bench: Bench, case: StoreCase) -> tuple[LinkState, float]:
    """Apply the case's profile, if it has one; the link as read back, and its round trip in ms."""
    name = case.profile.name if case.profile else "the link as it is"
    with bench.progress.task(f"{name}: shaping, reading back, feeling the path"):
        if case.profile:
            wish = Wish(profile=case.profile, shaper=case.shaper, congestion_control=case.congestion_control)
            state = shaping.apply(bench.home, bench.engine, wish)
        else:
            state = standing.status(bench.home, bench.engine)
        return state, felt_rtt_ms(bench.engine, [host.link for host in state.hosts])


def _check_unchanged(bench: Bench, state: LinkState) -> None:
    """A shaper that died in the middle would leave runs over another link than the record says."""
    now = standing.status(bench.home, bench.engine)
    if (now.profile, now.shaper) != (state.profile, state.shaper):
        was, became = (f"{one.profile} by {one.shaper}" for one in (state, now))
        msg = f"the link was {was} before the runs and is {became} after them: they are no numbers"
        raise ToleranceError(msg, "lab net status, then run it again")


def _runs_of(bench: Bench, case: StoreCase, state: LinkState, rtt_ms: float) -> Iterator[StoreRun]:
    """Warm up, then measure; every outcome is proved, a warm-up too."""
    for number in range(1, case.warmup + 1):
        for method in case.methods:
            _store(bench, case, method, f"{state.profile}: {method}, warm-up {number} of {case.warmup}")
    for number in range(1, case.runs + 1):
        for method in case.methods:
            started = datetime.now(UTC).isoformat(timespec="milliseconds")
            outcome = _store(bench, case, method, f"{state.profile}: {method}, run {number} of {case.runs}")
            yield run_of(bench.study, case, method, state, rtt_ms, outcome, started)


def _store(bench: Bench, case: StoreCase, method: str, title: str) -> StoreOutcome:
    """Take the study out, store it, prove it."""
    with bench.progress.task(title) as task:
        task.note("taking the study out of Orthanc")
        for key in bench.study.keys:
            Orthanc(bench.settings).delete_study(key)
        outcome = SENDERS[method](bench, case.jobs, _shown_by(task, bench))
        prove_answers(outcome, method, bench.study)
        task.note("proving what Orthanc stored")
        prove_held(holding(bench.home, bench.settings, bench.study), method, bench.study)
    return outcome


def _shown_by(task: Task, bench: Bench) -> Callable[[Mapping[str, int]], None]:
    total = len(bench.study.instances)

    def show(sofar: Mapping[str, int]) -> None:
        note = f"{sofar['instances']} of {total} instances, {format_bytes(sofar['bytes'])}"
        task.update(sofar["instances"], total, note)

    return show


def _save(record: StoreRecord, folder: Path, profile: str) -> None:
    stamp = record.runs[0].started.replace(":", "").replace("-", "")[:15]
    file = folder / f"{stamp}-store-{record.runs[0].study}-{profile}.json"
    write_json(file, dataclasses.asdict(record))
