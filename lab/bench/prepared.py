"""What has to be there before a case's first run: measured when a case needs it, kept while it holds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from lab.bench import emulator, moves, stores
from lab.bench.c_move import Bench
from lab.bench.known import Felt, Known, StoreKnown
from lab.bench.move import seed_for
from lab.bench.proof_run import prove_content
from lab.bench.shaped_link import ShapedLink
from lab.bench.store_methods import contexts_fit
from lab.errors import LabError
from lab.model.case import COLD, MOVE, Case
from lab.model.exchange import Ceiling
from lab.plans.ordering import settings_of
from lab.system import studies

_Key = tuple[object, ...]
T = TypeVar("T")


class Prepared:
    """Of all cases of a sitting.

    Args:
        benches: of each study, by its name.
        cases: all that are to come.
        link: that is cleared for what is measured on a clear one.
    """

    def __init__(self, benches: Mapping[str, Bench], cases: Sequence[Case], link: ShapedLink) -> None:
        self._benches = benches
        self._cases = cases
        self._link = link
        self._in_pacs: set[str] = set()
        self._done: set[str] = set()
        self._ceilings: dict[_Key, Ceiling] = {}
        self._proofs: dict[_Key, tuple[Bench, int]] = {}
        self._unshaped_s: dict[_Key, float] = {}
        self._emulator_mbit_s: list[float | None] = []

    def bench(self, case: Case) -> Bench:
        """Of the case's study, with DICOM TLS or without as the case has it."""
        return self._benches[case.study].with_tls_of(case)

    def prepare(self, case: Case) -> None:
        """The case and those that want Orthanc as it is now, while the link is clear.

        Raises LabError: the case cannot be prepared. What fails of the others is left for their own turn.
        """
        alike = settings_of(case)
        if alike not in self._done:
            self._done.add(alike)
            for other in warm_first(one for one in self._cases if settings_of(one) == alike):
                self._try_to_prepare(other)
        self._prepare(case)

    def proved(self, case: Case) -> Bench:
        """With the study as the PACS delivers it."""
        return self._proofs[_proof_key(case)][0]

    def moved(self, case: Case, felt: Felt) -> tuple[Bench, Known, int]:
        """What is known of a case of moving, with its study as delivered, and how many come rewritten."""
        bench, rewritten = self._proofs[_proof_key(case)]
        known = Known(
            felt=felt,
            prediction=moves.predicted(bench, case, felt, self._unshaped_s.get(_unshaped_key(case))),
            ceiling=self._ceilings[_ceiling_key(case)],
            emulator_mbit_s=next(iter(self._emulator_mbit_s), None),
        )
        return bench, known, rewritten

    def stored(self, case: Case, felt: Felt) -> StoreKnown:
        """What is known of a case of storing."""
        took_unshaped_s = self._unshaped_s.get(_unshaped_key(case))
        return StoreKnown(
            felt=felt,
            prediction=stores.predicted(self.bench(case), case, felt, took_unshaped_s),
            emulator_mbit_s=next(iter(self._emulator_mbit_s), None),
        )

    def is_in_pacs(self, study: str) -> None:
        """It was stored and proved."""
        self._in_pacs.add(study)

    def may_be_out_of_pacs(self, *names: str) -> None:
        """These studies go in anew where a case moves them."""
        self._in_pacs.difference_update(names)

    def _try_to_prepare(self, case: Case) -> None:
        try:
            self._prepare(case)
        except LabError:
            self.may_be_out_of_pacs(case.study)

    def _prepare(self, case: Case) -> None:
        """On a clear link: the study in its place and proved, the instrument's and the server's own time."""
        bench = self.bench(case)
        if case.profile and not self._emulator_mbit_s:
            self._link.clear(bench)
            self._emulator_mbit_s = [emulator.ceiling_mbit_s(bench, self._cases)]
        if case.method == MOVE:
            self._prepare_move(case, bench)
        else:
            self._prepare_store(case, bench)

    def _prepare_move(self, case: Case, bench: Bench) -> None:
        if case.study not in self._in_pacs:
            seed_for(bench)
            self._in_pacs.add(case.study)
        _once(self._ceilings, _ceiling_key(case), lambda: moves.ceiling(bench, case))
        proved, _ = _once(
            self._proofs, _proof_key(case), lambda: self._on_clear_link(bench, case, prove_content)
        )
        if case.profile:
            _once(
                self._unshaped_s,
                _unshaped_key(case),
                lambda: self._on_clear_link(proved, case, moves.unshaped_s),
            )

    def _prepare_store(self, case: Case, bench: Bench) -> None:
        contexts_fit(bench.study, case.parallel)
        _once(self._proofs, ("files", case.study), lambda: (_verified(bench), 0))
        if case.profile:
            _once(
                self._unshaped_s,
                _unshaped_key(case),
                lambda: self._on_clear_link(bench, case, stores.unshaped_s),
            )

    def _on_clear_link(self, bench: Bench, case: Case, do: Callable[[Bench, Case], T]) -> T:
        self._link.clear(bench)
        return do(bench, case)


def warm_first(cases: Iterable[Case]) -> list[Case]:
    """For what is measured cold leaves the caches cold."""
    return sorted(cases, key=lambda case: case.cache == COLD)


def _once(kept: dict[_Key, T], key: _Key, measure: Callable[[], T]) -> T:
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
