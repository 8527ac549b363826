"""What the types of a record do not say: that a moment is one, a time above 0, and columns of one length."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from lab.errors import UsageProblem
from lab.model.record import Record, Run
from lab.model.store_record import StoreRecord, StoreRun

DAMAGED = "the record is damaged; leave the file out"
_LONGEST_S = 1e9
_MOMENT = "a moment of ISO 8601 with its offset, such as 2026-01-01T12:00:00+00:00"


def check(record: Record | StoreRecord, place: str) -> None:
    """Of an outline's runs the columns are left to ``check_columns``.

    Raises UsageProblem naming the place, the key and what is allowed.
    """
    runs: Sequence[Run | StoreRun] = record.runs
    for number, run in enumerate(runs):
        _refuse_first(_wrong(run), f"{place}: runs[{number}].")
        if isinstance(run.hosts, dict):
            check_columns(run, f"{place}: runs[{number}].")


def check_columns(run: Run | StoreRun, place: str) -> None:
    """The same of the columns of a run."""
    name, instances = ("timeline", run.timeline) if isinstance(run, Run) else ("instances", run.instances)
    may_lack = ("begin_s", "association") if isinstance(run, Run) else ()
    _refuse_first(_uneven(name, instances, "end_s", may_lack), place)
    _refuse_first(_no_times(f"{name}.end_s", instances.end_s, 0.0), place)
    _refuse_first(_no_times(f"{name}.begin_s", instances.begin_s, -_LONGEST_S), place)
    if run.rtt:
        _refuse_first(_uneven("rtt", run.rtt, "at_s", ()), place)
    for service, series in run.hosts.items():
        _refuse_first(_uneven(f"hosts.{service}", series, "at_s", tuple(vars(series))), place)


def _refuse_first(wrong: Iterable[tuple[str, str, str]], place: str) -> None:
    for key, what, allowed in wrong:
        msg = f"{place}{key} {what}"
        raise UsageProblem(msg, f"allowed: {allowed}; {DAMAGED}")


def _wrong(run: Run | StoreRun) -> Iterator[tuple[str, str, str]]:
    """Key, what is wrong with it, and what is allowed."""
    if not _is_moment(run.started):
        yield "started", f"= {run.started!r}", _MOMENT
    if not 0 < run.duration_s <= _LONGEST_S:
        yield "duration_s", f"= {run.duration_s:g}", f"above 0, to {_LONGEST_S:g}"
    for key in ("first_image_s", "throughput_mbit_s") if isinstance(run, Run) else ("first_s", "mbit_s"):
        if getattr(run, key) < 0:
            yield key, f"= {getattr(run, key):g}", "0 and above"


def _is_moment(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return moment.tzinfo is not None


def _uneven(
    table: str, columns: object, rows: str, may_lack: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Columns not as long as ``rows``; some may be empty, as not known to an older version or the engine."""
    count = len(getattr(columns, rows))
    for name, column in vars(columns).items():
        if isinstance(column, list) and len(column) != count and (column or name not in may_lack):
            allowed = f"{count}, as {rows}" + (", or none" if name in may_lack else "")
            yield f"{table}.{name}", f"has {len(column)} values", allowed


def _no_times(key: str, times_s: Sequence[float], least_s: float) -> Iterator[tuple[str, str, str]]:
    for time_s in (min(times_s), max(times_s)) if times_s else ():
        if not least_s <= time_s <= _LONGEST_S:
            yield key, f"has {time_s:g}", f"{least_s:g} to {_LONGEST_S:g}"
