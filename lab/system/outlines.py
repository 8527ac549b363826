"""Records in outline: the columns of their runs, nine tenths of a file, are left as they stand in it.

What a report says of most runs needs none of them. In all else an outline is a run as any other.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lab.errors import UsageProblem
from lab.model.conditions import RttSeries
from lab.model.load import LoadSeries
from lab.model.record import SCHEMA_VERSION, Record, Run, Timeline
from lab.model.store import Stores
from lab.model.store_record import StoreRecord, StoreRun
from lab.model.upgrading import MOVE, STORE
from lab.system.record_checks import DAMAGED, check_columns

_Outline = TypeVar("_Outline", "MovesOutline", "StoresOutline")
_COLUMNS: dict[str, Any] = {
    "timeline": Timeline,
    "instances": Stores,
    "rtt": RttSeries | None,
    "hosts": dict[str, LoadSeries],
}


@dataclass(frozen=True, kw_only=True)
class MoveOutline(Run):
    """``file`` is where its columns were found; None are those that are not there."""

    timeline: msgspec.Raw  # type: ignore[assignment]
    hosts: msgspec.Raw = None  # type: ignore[assignment]
    rtt: msgspec.Raw = None  # type: ignore[assignment]
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class StoreOutline(StoreRun):
    """As MoveOutline."""

    instances: msgspec.Raw  # type: ignore[assignment]
    hosts: msgspec.Raw = None  # type: ignore[assignment]
    rtt: msgspec.Raw = None  # type: ignore[assignment]
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class MovesOutline(Record):
    """A record of moves, which says what it is."""

    runs: list[MoveOutline]  # type: ignore[assignment]
    kind: str = field()
    schema_version: int = field()


@dataclass(frozen=True, kw_only=True)
class StoresOutline(StoreRecord):
    """A record of stores, which says what it is."""

    runs: list[StoreOutline]  # type: ignore[assignment]
    kind: str = field()
    schema_version: int = field()


def present(content: bytes) -> MovesOutline | StoresOutline | None:
    """What most files hold, a record of this version, read at once; None: anything else, or a damaged one.

    Raises msgspec.DecodeError where it is no JSON, perhaps.
    """
    return _of_kind(MOVE, MovesOutline, content) or _of_kind(STORE, StoresOutline, content)


def _of_kind(kind: str, form: type[_Outline], content: bytes) -> _Outline | None:
    try:
        found = msgspec.json.decode(content, type=form)
    except msgspec.ValidationError:
        return None
    return found if (found.kind, found.schema_version) == (kind, SCHEMA_VERSION) else None


def from_file(record: Record | StoreRecord, file: Path) -> Record | StoreRecord:
    """An outline whose runs know where they are from; any other record as it is."""
    if isinstance(record, MovesOutline):
        return replace(record, runs=[replace(run, file=str(file)) for run in record.runs])
    if isinstance(record, StoresOutline):
        return replace(record, runs=[replace(run, file=str(file)) for run in record.runs])
    return record


def whole(run: Run | StoreRun) -> Run | StoreRun:
    """The run with its columns. Raises UsageProblem naming the file when they are damaged."""
    if not isinstance(run, MoveOutline | StoreOutline):
        return run
    place = f"{run.file}: the run of {run.started}: "
    try:
        values = {name: _read(name, value) for name, value in vars(run).items() if _is_there(name, value)}
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        msg = f"{place}{error}"
        raise UsageProblem(msg, DAMAGED) from None
    found = Run(**values) if isinstance(run, MoveOutline) else StoreRun(**values)
    check_columns(found, place)
    return found


def _is_there(name: str, value: object) -> bool:
    return name != "file" and (name not in _COLUMNS or value is not None)


def _read(name: str, value: Any) -> Any:
    return msgspec.json.decode(value, type=_COLUMNS[name]) if isinstance(value, msgspec.Raw) else value
