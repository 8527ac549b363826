"""What the cases of a plan share: set up when a case needs it, measured once, kept while it holds."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from lab.bench import emulator, moves, stores
from lab.bench.c_move import Bench
from lab.bench.capture import captured
from lab.bench.feeling import with_seed
from lab.bench.known import Felt, Known, Measured, StoreKnown
from lab.bench.move import seed_for
from lab.bench.proof_run import prove_content
from lab.bench.shaped_link import ShapedLink
from lab.bench.store_figures import client_of
from lab.bench.store_methods import contexts_fit
from lab.errors import LabError
from lab.model.case import MOVE, Case
from lab.model.exchange import Ceiling
from lab.model.prediction import Prediction
from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.plans.ordering import settings_of
from lab.stack import pacs_settings
from lab.system import studies
from lab.system.orthanc import Orthanc

_Key = tuple[object, ...]
T = TypeVar("T")


class Stage:
    """The stack, as the cases of one sitting need it, one after the other.

    Args:
        benches: of each study, by its name.
        cases: all that are to come.
    """

    def __init__(self, benches: Mapping[str, Bench], cases: Sequence[Case]) -> None:
        self._benches = benches
        self._cases = cases
        self._settings: str | None = ""
        self._link = ShapedLink()
        self._in_pacs: set[str] = set()
        self._warmed: set[int] = set()
        self._prepared: set[str] = set()
        self._ceilings: dict[_Key, Ceiling] = {}
        self._proofs: dict[_Key, tuple[Bench, int]] = {}
        self._unshaped_s: dict[_Key, float] = {}
        self._emulator_mbit_s: list[float | None] = []

    def run(self, case: Case, number: int, round_: int, title: str) -> Measured:
        """One measured run of the case that has that number, after its warm-ups when it is its first here.

        ``case`` has the seed that its first run gave it, and ``round_`` counts its runs from 1.

        Raises LabError: what the case needs cannot be had, or the run is no number.
        """
        try:
            return self._run(case, number, round_, title)
        except BaseException:
            self._forget(case)
            raise

    def capture(self, case: Case, number: int, round_: int, file: Path) -> None:
        """The case once more, with what is on the wire in ``file``; setting it up is not in it."""
        self._settle_pacs(case)
        self._prepare(case)
        self._link.settled(self._bench(case), case, round_)
        with captured(self._bench(case).engine, client_of(case.method), file):
            self.run(case, number, round_, f"{file.name}: the case once more")

    def _run(self, case: Case, number: int, round_: int, title: str) -> Measured:
        self._settle_pacs(case)
        self._prepare(case)
        self._prepare_those_alike(case)
        felt = self._link.settled(self._bench(case), case, round_)
        measure = self._move if case.method == MOVE else self._store
        run, prediction = measure(case, number, felt, title)
        return Measured(run=run, prediction=prediction, case=with_seed(case, felt))

    def _bench(self, case: Case) -> Bench:
        """Of the case's study, with DICOM TLS or without as the case has it."""
        return self._benches[case.study].with_tls_of(case)

    def _forget(self, case: Case) -> None:
        """After a failure nothing is taken for granted."""
        self._link.forget()
        self._in_pacs.discard(case.study)

    def _settle_pacs(self, case: Case) -> None:
        """Orthanc as the case wants it. Settings may decide how it stores, so studies go in anew."""
        wanted = settings_of(case)
        if wanted == self._settings:
            return
        bench, self._settings = self._bench(case), None  # unknown, should this fail
        with bench.progress.task(f"Orthanc with {wanted or 'the settings of the lab'}"):
            pacs_settings.change(bench.engine, bench.settings, case)
            for other in self._benches.values():
                for key in other.study.keys:
                    Orthanc(other.settings).delete_study(key)
        self._in_pacs.clear()
        self._settings = wanted

    def _prepare(self, case: Case) -> None:
        """On a clear link: the study in its place and proved, the instrument's and the server's own time."""
        bench = self._bench(case)
        if case.profile and not self._emulator_mbit_s:
            self._link.clear(bench)
            self._emulator_mbit_s = [emulator.ceiling_mbit_s(bench, self._cases)]
        if case.method == MOVE:
            self._prepare_move(case, bench)
        else:
            self._prepare_store(case, bench)

    def _prepare_those_alike(self, case: Case) -> None:
        """Those that want Orthanc as it is now, while the link is clear.

        What fails is left for its own turn to fail.
        """
        alike = settings_of(case)
        if alike in self._prepared:
            return
        self._prepared.add(alike)
        for other in self._cases:
            if settings_of(other) == alike:
                with suppress(LabError):
                    self._prepare(other)

    def _prepare_move(self, case: Case, bench: Bench) -> None:
        if case.study not in self._in_pacs:
            seed_for(bench)
            self._in_pacs.add(case.study)
        self._once(self._ceilings, _ceiling_key(case), lambda: moves.ceiling(bench, case))
        proved, _ = self._once(
            self._proofs, _proof_key(case), lambda: self._on_clear_link(bench, case, prove_content)
        )
        if case.profile:
            self._once(
                self._unshaped_s,
                _unshaped_key(case),
                lambda: self._on_clear_link(proved, case, moves.unshaped_s),
            )

    def _prepare_store(self, case: Case, bench: Bench) -> None:
        contexts_fit(bench.study, case.parallel)
        self._once(self._proofs, ("files", case.study), lambda: (_verified(bench), 0))
        if case.profile:
            self._once(
                self._unshaped_s,
                _unshaped_key(case),
                lambda: self._on_clear_link(bench, case, stores.unshaped_s),
            )

    def _move(self, case: Case, number: int, felt: Felt, title: str) -> tuple[Run, Prediction | None]:
        bench, rewritten = self._proofs[_proof_key(case)]
        known = Known(
            felt=felt,
            prediction=moves.predicted(bench, case, felt, self._unshaped_s.get(_unshaped_key(case))),
            ceiling=self._ceilings[_ceiling_key(case)],
            emulator_mbit_s=next(iter(self._emulator_mbit_s), None),
        )
        for _ in self._warm_ups(case, number):
            moves.warm_up(bench, case, f"{title}: warm-up")
        return moves.one_run(bench, case, known, rewritten, title), known.prediction

    def _store(self, case: Case, number: int, felt: Felt, title: str) -> tuple[StoreRun, Prediction | None]:
        bench = self._bench(case)
        known = StoreKnown(
            felt=felt,
            prediction=stores.predicted(bench, case, felt, self._unshaped_s.get(_unshaped_key(case))),
            emulator_mbit_s=next(iter(self._emulator_mbit_s), None),
        )
        for _ in self._warm_ups(case, number):
            stores.store(bench, case, f"{title}: warm-up")
        run = stores.one_run(bench, case, known, title)
        self._in_pacs.add(case.study)
        return run, known.prediction

    def _warm_ups(self, case: Case, number: int) -> range:
        """Those that are due: before the first run of the case in this sitting."""
        due = range(0 if number in self._warmed else case.warmup)
        self._warmed.add(number)
        return due

    def _on_clear_link(self, bench: Bench, case: Case, do: Callable[[Bench, Case], T]) -> T:
        self._link.clear(bench)
        return do(bench, case)

    def _once(self, kept: dict[_Key, T], key: _Key, measure: Callable[[], T]) -> T:
        if key not in kept:
            kept[key] = measure()
        return kept[key]


def _verified(bench: Bench) -> Bench:
    studies.verify(bench.home, bench.study, bench.progress)
    return bench


def _ceiling_key(case: Case) -> _Key:
    return case.study, case.max_pdu_bytes, case.parallel, case.ack, case.tls


def _proof_key(case: Case) -> _Key:
    return case.study, settings_of(case)


def _unshaped_key(case: Case) -> _Key:
    return (
        *(case.study, case.method, settings_of(case), case.max_pdu_bytes),
        *(case.parallel, case.ack, case.level, case.cache),
    )
