"""What the types of a record do not say: that a moment is one, a time above 0, and columns of one length."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from lab.errors import UsageProblem
from lab.model.record import Record, Run
from lab.model.store_record import StoreRecord, StoreRun

_MOMENT = "a moment of ISO 8601 with its offset, such as 2026-01-01T12:00:00+00:00"


def check(record: Record | StoreRecord, place: str) -> None:
    """Raises UsageProblem naming the place, the key and what is allowed."""
    runs: Sequence[Run | StoreRun] = record.runs
    for number, run in enumerate(runs):
        for key, wrong, allowed in _wrong(run):
            msg = f"{place}: runs[{number}].{key} {wrong}"
            raise UsageProblem(msg, f"allowed: {allowed}; the record is damaged, leave the file out")


def _wrong(run: Run | StoreRun) -> Iterator[tuple[str, str, str]]:
    """Key, what is wrong with it, and what is allowed."""
    if not _is_moment(run.started):
        yield "started", f"= {run.started!r}", _MOMENT
    if not 0 < run.duration_s < math.inf:
        yield "duration_s", f"= {run.duration_s:g}", "above 0"
    for key in ("first_image_s", "throughput_mbit_s") if isinstance(run, Run) else ("first_s", "mbit_s"):
        if getattr(run, key) < 0:
            yield key, f"= {getattr(run, key):g}", "0 and above"
    yield from _uneven(run)


def _is_moment(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return moment.tzinfo is not None


def _uneven(run: Run | StoreRun) -> Iterator[tuple[str, str, str]]:
    """Columns that are not as long as the one that counts the rows of their table."""
    for table, columns, rows, may_lack in _tables(run):
        count = len(getattr(columns, rows))
        for name, column in vars(columns).items():
            if isinstance(column, list) and len(column) != count and (column or not may_lack):
                allowed = f"{count}, as {rows}" + (", or none" if may_lack else "")
                yield f"{table}.{name}", f"has {len(column)} values", allowed


def _tables(run: Run | StoreRun) -> Iterator[tuple[str, object, str, bool]]:
    """Name, columns, the one that counts, and whether others may be empty: not known to an older version."""
    if isinstance(run, Run):
        yield "timeline", run.timeline, "end_s", True
    else:
        yield "instances", run.instances, "end_s", False
    if run.rtt:
        yield "rtt", run.rtt, "at_s", False
    for service, series in run.hosts.items():
        yield f"hosts.{service}", series, "at_s", True
