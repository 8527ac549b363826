"""A case again, as its record has it, by the benchmark of its method."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path

from lab.bench import move, store, stores
from lab.bench.c_move import Bench
from lab.errors import LabError
from lab.model.case import MOVE, Case
from lab.model.record import Record
from lab.model.store_record import StoreRecord
from lab.stack import pacs_settings
from lab.stack.putting_back import all_as_found


def measure(bench: Bench, case: Case, folder: Path) -> Record | StoreRecord:
    """With Orthanc's settings and DICOM TLS as the case has them; all is put back however this ends.

    Settings may decide how Orthanc stores, so the study goes in anew, and is taken out afterwards.

    Raises PreflightError: the case wants TLS, and the stack is up without.
    """
    if case.tls is None and not case.orthanc:
        return _measured(bench, case, folder)
    doing = f"rerun of {case.study}"
    with all_as_found(bench.home, bench.engine, bench.settings, doing, bench.progress.say):
        pacs_settings.change(bench.engine, bench.settings, case)
        with _taken_out(bench) if case.orthanc else nullcontext():
            return _measured(bench.with_tls_of(case), case, folder)


@contextmanager
def _taken_out(bench: Bench) -> Iterator[None]:
    """The study is stored as the settings have it in the block, and after it not at all."""
    stores.take_out(bench)
    try:
        yield
    finally:
        with suppress(LabError):  # without a PACS there is no study in it
            stores.take_out(bench)


def _measured(bench: Bench, case: Case, folder: Path) -> Record | StoreRecord:
    """With its case, which the benchmarks leave out of what they return of several."""
    if case.method == MOVE:
        return replace(move.measure(bench, [case], folder), case=case)
    return replace(store.measure(bench, [[case]], folder), case=case)
