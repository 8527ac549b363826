"""The ingest benchmark: a study stored into the PACS, by each method in turn."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.bench import emulator, stores
from lab.bench.c_move import Bench
from lab.bench.environment import demand_current_tester, describe
from lab.bench.feeling import shape_and_feel, with_seed
from lab.bench.known import StoreKnown
from lab.bench.store_methods import contexts_fit
from lab.model.case import Case
from lab.model.environment import Environment
from lab.model.store_record import StoreRecord, StoreRun
from lab.stack import shaping
from lab.stack.putting_back import as_found
from lab.statistics.doubting import few_runs
from lab.system import netns, records, studies


def measure(bench: Bench, links: Sequence[Sequence[Case]], folder: Path) -> StoreRecord:
    """Prove the files, then for each link: shape, feel, and in each round store by every method once.

    ``links`` has the cases of one link together, which differ in their method: they take turns, so that what
    drifts on the machine is in all of them. Before each run the study is taken out of the PACS; after it the
    PACS is proved to hold exactly the manifest's instances. The record of a case is saved after every run,
    and one of all is returned. The link is put back however this ends.
    """
    cases = [case for link in links for case in link]
    shaped = any(case.profile for case in cases)
    demand_current_tester(bench.engine)
    contexts_fit(bench.study, cases[0].parallel)
    studies.verify(bench.home, bench.study, bench.progress)
    environment = describe(bench.engine, bench.settings)
    folder.mkdir(parents=True, exist_ok=True)
    runs: list[StoreRun] = []
    with _as_found(bench) if shaped else netns.readers_staying(bench.engine):
        clear = _on_the_clear_link(bench, cases, links[0]) if shaped else _Clear()
        for link in links:
            runs += _measured(bench, link, clear, environment, folder)
    return StoreRecord(environment=environment, runs=runs)


def _as_found(bench: Bench) -> AbstractContextManager[None]:
    doing = f"ingest benchmark of {bench.study.name}"
    return as_found(bench.home, bench.engine, doing, bench.progress.say)


@dataclass(frozen=True, kw_only=True)
class _Clear:
    """What was measured on the clear link: each method unshaped, and the emulator alone."""

    unshaped_s: dict[str, float] = field(default_factory=dict)
    emulator_mbit_s: float | None = None


def _on_the_clear_link(bench: Bench, cases: Sequence[Case], link: Sequence[Case]) -> _Clear:
    shaping.clear(bench.home, bench.engine)
    return _Clear(
        emulator_mbit_s=emulator.ceiling_mbit_s(bench, cases),
        unshaped_s={case.method: stores.unshaped_s(bench, case) for case in link},
    )


def _measured(
    bench: Bench,
    link: Sequence[Case],
    clear: _Clear,
    environment: Environment,
    folder: Path,
) -> list[StoreRun]:
    """One link: every method once a round, warm-ups first."""
    felt = shape_and_feel(bench, link[0])
    known = {
        case.method: StoreKnown(
            felt=felt,
            prediction=stores.predicted(bench, case, felt, clear.unshaped_s.get(case.method)),
            emulator_mbit_s=clear.emulator_mbit_s,
        )
        for case in link
    }
    kept = {
        case.method: StoreRecord(
            environment=environment,
            runs=[],
            case=with_seed(case, felt),
            prediction=known[case.method].prediction,
        )
        for case in link
    }
    name, runs = felt.state.profile, list[StoreRun]()
    for number in range(1, link[0].warmup + 1):
        for case in link:
            stores.store(bench, case, f"{name}: {case.method}, warm-up {number} of {case.warmup}")
    for number in range(1, link[0].runs + 1):
        for case in link:
            title = f"{name}: {case.method}, run {number} of {case.runs}"
            run = stores.one_run(bench, case, known[case.method], title)
            run = replace(run, doubts=[*run.doubts, *few_runs(case.runs)])
            before = kept[case.method]
            kept[case.method] = replace(before, runs=[*before.runs, run])
            _save(kept[case.method], folder)
            runs.append(run)
    return runs


def _save(record: StoreRecord, folder: Path) -> None:
    first = record.runs[0]
    stamp = first.started.replace(":", "").replace("-", "")[:15]
    file = folder / f"{stamp}-store-{first.study}-{first.profile}-{first.method}.json"
    records.save(record, file)
