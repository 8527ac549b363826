"""Records in outline: the columns of their runs, nine tenths of a file, are left as they stand in it.

What a report says of most runs needs none of them. In all else an outline is a run as any other. Long columns
are not even parsed: a mark takes the place of each, and it comes back when it is needed.
"""

import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
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
_MARK = secrets.token_hex(8)  # which no file that is there has in it
_MARKED = re.compile(f'"{_MARK}:(\\d+)"'.encode())
_TABLES = (Timeline, Stores, RttSeries, LoadSeries)
_NAMES = sorted({column.name for table in _TABLES for column in fields(table)})
_COLUMN = re.compile(f'"(?:{"|".join(_NAMES)})": ?\\['.encode())
_LONG_BYTES = 256  # shorter ones are parsed as soon as cut out
_COLUMNS: dict[str, Any] = {
    "timeline": Timeline,
    "instances": Stores,
    "rtt": RttSeries | None,
    "hosts": dict[str, LoadSeries],
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a run was found: in which file; ``cut`` is how long each long column is in it, and from where."""

    file: str = ""
    cut: Sequence[tuple[int, int]] = ()

    def put_back(self, text: bytes) -> bytes:
        """A part of what was parsed, as the file has it. Raises OSError."""
        if _MARK.encode() not in text:
            return text
        with Path(self.file).open("rb", buffering=0) as file:
            return _MARKED.sub(lambda mark: os.pread(file.fileno(), *self.cut[int(mark[1])]), text)


@dataclass(frozen=True, kw_only=True)
class MoveOutline(Run):
    """``place`` is where its columns were found; None are those that are not there."""

    timeline: msgspec.Raw  # type: ignore[assignment]
    hosts: msgspec.Raw = None  # type: ignore[assignment]
    rtt: msgspec.Raw = None  # type: ignore[assignment]
    place: Place = Place()


@dataclass(frozen=True, kw_only=True)
class StoreOutline(StoreRun):
    """As MoveOutline."""

    instances: msgspec.Raw  # type: ignore[assignment]
    hosts: msgspec.Raw = None  # type: ignore[assignment]
    rtt: msgspec.Raw = None  # type: ignore[assignment]
    place: Place = Place()


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


def present(content: bytes, file: Path) -> MovesOutline | StoresOutline | None:
    """What most files hold, a record of this version, read at once; None: anything else, or a damaged one."""
    short, cut = _shortened(content)
    found = _of_kind(MOVE, MovesOutline, short) or _of_kind(STORE, StoresOutline, short)
    return found and _placed(found, Place(file=str(file), cut=cut))


def _shortened(content: bytes) -> tuple[bytes, list[tuple[int, int]]]:
    """With a mark in place of each long column; and of each of these, how long it is and where it begins."""
    kept: list[bytes] = []
    cut: list[tuple[int, int]] = []
    done = at = 0
    while column := _COLUMN.search(content, at):
        begin, at = column.end() - 1, content.find(b"]", column.end()) + 1 or len(content)
        if at - begin > _LONG_BYTES:
            kept += [content[done:begin], f'"{_MARK}:{len(cut)}"'.encode()]
            cut.append((at - begin, begin))
            done = at
    return b"".join([*kept, content[done:]]), cut


def _of_kind(kind: str, form: type[_Outline], content: bytes) -> _Outline | None:
    try:
        found = msgspec.json.decode(content, type=form)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None
    return found if (found.kind, found.schema_version) == (kind, SCHEMA_VERSION) else None


def from_file(record: Record | StoreRecord, file: Path) -> Record | StoreRecord:
    """An outline whose runs know where they are from; any other record as it is."""
    if isinstance(record, MovesOutline | StoresOutline):
        return _placed(record, Place(file=str(file)))
    return record


def _placed(record: MovesOutline | StoresOutline, place: Place) -> MovesOutline | StoresOutline:
    if isinstance(record, MovesOutline):
        return replace(record, runs=[replace(run, place=place) for run in record.runs])
    return replace(record, runs=[replace(run, place=place) for run in record.runs])


def whole(run: Run | StoreRun) -> Run | StoreRun:
    """The run with its columns. Raises UsageProblem naming the file when they are damaged."""
    if not isinstance(run, MoveOutline | StoreOutline):
        return run
    where = f"{run.place.file}: the run of {run.started}: "
    try:
        values = {
            name: _read(run.place, name, value) for name, value in vars(run).items() if _is_there(name, value)
        }
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        msg = f"{where}{error}"
        raise UsageProblem(msg, DAMAGED) from None
    found = Run(**values) if isinstance(run, MoveOutline) else StoreRun(**values)
    check_columns(found, where)
    return found


def _is_there(name: str, value: object) -> bool:
    return name != "place" and (name not in _COLUMNS or value is not None)


def _read(place: Place, name: str, value: Any) -> Any:
    if not isinstance(value, msgspec.Raw):
        return value
    return msgspec.json.decode(place.put_back(bytes(value)), type=_COLUMNS[name])
