"""The C-MOVE benchmark."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

from lab.bench import emulator, moves
from lab.bench.c_move import Bench
from lab.bench.capture import captured, tried
from lab.bench.environment import demand_current_tester, describe
from lab.bench.feeling import shape_and_feel, with_seed
from lab.bench.known import Known
from lab.bench.path import TESTER
from lab.bench.proof_run import prove_content
from lab.bench.seed import Seeding, seed
from lab.model.case import Case
from lab.model.record import Record, Run
from lab.stack import shaping
from lab.stack.putting_back import as_found
from lab.statistics.doubting import few_runs
from lab.system import netns, records


def measure(bench: Bench, cases: Sequence[Case], folder: Path, *, pcap: bool = False) -> Record:
    """Seed, prove, then for each case: shape, feel, warm up, repeat, prove each run, save.

    One proof run on the unshaped link (on the link as found, when no case has a profile) hashes every
    Data Set; the timed runs are held against the manifest by set, bytes and syntax. The record of a case is
    saved after every run, and one of all cases is returned. With ``pcap`` each case is run once more, and
    what was on the wire is kept beside its record. The link is put back however this ends.
    """
    shaped = any(case.profile for case in cases)
    demand_current_tester(bench.engine)
    environment = describe(bench.engine, bench.settings)
    folder.mkdir(parents=True, exist_ok=True)
    runs: list[Run] = []
    ceiling = moves.ceiling(bench, cases[0])
    emulator_mbit_s = None
    with _as_found(bench) if shaped else netns.readers_staying(bench.engine):
        if shaped:
            shaping.clear(bench.home, bench.engine)
            emulator_mbit_s = emulator.ceiling_mbit_s(bench, cases)
        seed_for(bench)
        bench, rewritten = prove_content(bench, cases[0])
        unshaped_s = moves.unshaped_s(bench, cases[0]) if shaped else None
        for case in cases:
            felt = shape_and_feel(bench, case)
            known = Known(
                felt=felt,
                prediction=moves.predicted(bench, case, felt, unshaped_s),
                ceiling=ceiling,
                emulator_mbit_s=emulator_mbit_s,
            )
            record = Record(
                environment=environment, runs=[], case=with_seed(case, felt), prediction=known.prediction
            )
            for run in _runs_of(bench, case, known, rewritten):
                record = replace(record, runs=[*record.runs, run])
                records.save(record, _file(record, folder))
            if pcap:
                pcap_file = _file(record, folder).with_suffix(".pcap")
                tried(partial(_capture, bench, case, pcap_file), pcap_file, bench.progress.say)
            runs += record.runs
    return Record(environment=environment, runs=runs)


def seed_for(bench: Bench) -> None:
    """The study is in the PACS, whole."""
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


def _runs_of(bench: Bench, case: Case, known: Known, rewritten: int) -> Iterator[Run]:
    """Warm up, then measure; every outcome is proved, a warm-up too. Each run says when they are few."""
    name = known.felt.state.profile
    for number in range(1, case.warmup + 1):
        moves.warm_up(bench, case, f"{name}: warm-up {number} of {case.warmup}")
    for number in range(1, case.runs + 1):
        run = moves.one_run(bench, case, known, rewritten, f"{name}: run {number} of {case.runs}")
        yield replace(run, doubts=[*run.doubts, *few_runs(case.runs)])


def _file(record: Record, folder: Path) -> Path:
    first = record.runs[0]
    stamp = first.started.replace(":", "").replace("-", "")[:15]
    return folder / f"{stamp}-{first.study}-{first.profile}.json"


def _capture(bench: Bench, case: Case, file: Path) -> None:
    with captured(bench.engine, TESTER, file):
        moves.warm_up(bench, case, f"{file.name}: the case once more")
