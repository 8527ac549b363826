"""What the charts draw of the middle run of each case: of many, most are looked at by a second process."""

import multiprocessing
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

import msgspec

from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.report.html.cases import PageCase
from lab.report.html.figures import rounded
from lab.report.html.link import phase_columns
from lab.report.html.load import load_columns
from lab.report.html.pings import ping_columns
from lab.report.html.timeline import gap_columns, speed_columns, timeline_columns

Whole = Callable[[Run | StoreRun], Run | StoreRun]
_WORTH_A_PROCESS = 40  # cases: a process costs as much as some ten of them
_SHARE_OF_THE_OTHER = 0.6  # for this one makes the tables meanwhile


def as_it_is(run: Run | StoreRun) -> Run | StoreRun:
    """Of runs that have their columns."""
    return run


def middle_runs_begun(cases: Sequence[PageCase], whole: Whole) -> Callable[[], list[msgspec.Raw]]:
    """What is returned gives the columns of each, as JSON, when they are needed.

    ``whole`` gives a run the columns that its record left aside. Now, or when they are needed, UsageProblem
    is raised naming the file whose columns are damaged.
    """
    if len(cases) < _WORTH_A_PROCESS or sys.platform != "linux":
        return lambda: _encoded(cases, whole)
    theirs = round(len(cases) * _SHARE_OF_THE_OTHER)
    told = _begun(cases[:theirs], whole)
    ours = _encoded(cases[theirs:], whole)
    return lambda: [*(told() or _encoded(cases[:theirs], whole)), *ours]


def _encoded(cases: Sequence[PageCase], whole: Whole) -> list[msgspec.Raw]:
    return [msgspec.Raw(msgspec.json.encode(_columns(case, whole))) for case in cases]


def _begun(cases: Sequence[PageCase], whole: Whole) -> Callable[[], list[msgspec.Raw]]:
    """In a child that has all that is here; what is returned waits for it, and has nothing if it failed."""
    context = multiprocessing.get_context("fork")
    listening, telling = context.Pipe(duplex=False)
    child = context.Process(target=_tell, args=(telling, cases, whole), daemon=True)
    child.start()
    telling.close()

    def told() -> list[msgspec.Raw]:
        try:
            found = msgspec.msgpack.decode(listening.recv_bytes(), type=list[bytes])
            return [msgspec.Raw(one) for one in found]
        except (EOFError, OSError):
            return []
        finally:
            child.join()

    return told


def _tell(telling: Connection, cases: Sequence[PageCase], whole: Whole) -> None:
    """What goes wrong here goes wrong in the parent again, which can say so."""
    try:
        telling.send_bytes(msgspec.msgpack.encode([bytes(one) for one in _encoded(cases, whole)]))
    except BaseException:
        telling.close()


def _columns(case: PageCase, whole: Whole) -> dict[str, Any] | None:
    if case.middle is None:
        return None
    run = whole(case.middle)
    return {
        "duration_s": rounded(run.duration_s),
        "timeline": timeline_columns(run),
        "gaps": gap_columns(run),
        "speed": speed_columns(run),
        "phases": phase_columns(run),
        "pings": ping_columns(run),
        "hosts": load_columns(run),
    }
