"""Records on disk: the only door to them, for this version and older ones."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from lab.errors import UsageProblem
from lab.model.record import SCHEMA_VERSION, GoalRecord, Record, SelfRecord
from lab.model.store_record import StoreRecord
from lab.model.upgrading import MOVE, STORE, kind_of, upgraded
from lab.system.files import write_public
from lab.system.laid_out import laid_out
from lab.system.outlines import MovesOutline, StoresOutline, from_file, present
from lab.system.record_checks import DAMAGED, check

_Types = Mapping[str, type[Record] | type[StoreRecord]]
_TYPES: _Types = {MOVE: Record, STORE: StoreRecord}
_OUTLINES: _Types = {MOVE: MovesOutline, STORE: StoresOutline}


class _Head(msgspec.Struct):
    """What tells whether a file holds a record, and of which version; ``runs`` is not parsed."""

    kind: str = ""
    schema_version: Any = None
    runs: msgspec.Raw = msgspec.Raw()


def save(record: Record | StoreRecord | SelfRecord | GoalRecord, file: Path) -> None:
    """Write a record, whole or not at all; a line per field, so that two can be compared by diff."""
    write_public(file, laid_out(record))


def save_numbered(records: Sequence[Record | StoreRecord], folder: Path) -> None:
    """Into an empty folder, under names that say nothing. Raises UsageProblem where files are."""
    if folder.is_dir() and any(folder.iterdir()):
        msg = f"{folder}: not empty"
        raise UsageProblem(msg, "give a folder that is not there yet")
    for number, record in enumerate(records, start=1):
        save(record, folder / f"record-{number:04d}.json")


def load(path: Path) -> list[Record | StoreRecord]:
    """The records of moves and stores in a file, or in a folder and those in it, by name of the file.

    Other JSON in a folder is passed over: records of the instrument, plans, anything without runs.

    Raises:
        UsageProblem: there is none; or one is damaged, or says what cannot be, or is of a later version.
    """
    return list(load_all([path]).values())


def load_all(paths: Iterable[Path]) -> dict[Path, Record | StoreRecord]:
    """As ``load``, of each path, with the file that each is in; one that is found twice is read once."""
    return _loaded(paths, _TYPES)


def load_outlines(paths: Iterable[Path]) -> dict[Path, Record | StoreRecord]:
    """The same in a fraction of the time: lab.system.outlines.whole reads the columns of a run later."""
    return _loaded(paths, _OUTLINES)


def _loaded(paths: Iterable[Path], types: _Types) -> dict[Path, Record | StoreRecord]:
    looked_at: set[Path] = set()
    found: dict[Path, Record | StoreRecord] = {}
    for path in paths:
        files = {file.resolve(): file for file in _files(path)}
        new = {real: file for real, file in files.items() if real not in looked_at}
        read = {real: _read(file, types, alone=path.is_file()) for real, file in new.items()}
        if not any(read.values()) and len(new) == len(files):
            msg = f"{path}: no records of benchmarks there"
            raise UsageProblem(msg, "lab bench move --save DIR makes some")
        looked_at |= files.keys()
        found |= {real: record for real, record in read.items() if record}
    return found


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("[!.]*.json"))


def _read(file: Path, types: _Types, *, alone: bool) -> Record | StoreRecord | None:
    """None: it is among others, and no record."""
    try:
        found = _decoded(file, types, alone=alone)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        msg = f"{file}: {error}"
        raise UsageProblem(msg, DAMAGED) from None
    if found is not None:
        check(found, str(file))
    return found


def _decoded(file: Path, types: _Types, *, alone: bool) -> Record | StoreRecord | None:
    content = file.read_bytes()
    if types is _OUTLINES and (found := present(content, file)):
        return found
    head = _head(content)
    if not alone and (head is None or not memoryview(head.runs).nbytes):
        return None
    if head is not None and head.kind in types and head.schema_version == SCHEMA_VERSION:
        return from_file(msgspec.json.decode(content, type=types[head.kind]), file)
    return _older(msgspec.json.decode(content), file)


def _head(content: bytes) -> _Head | None:
    """None: JSON, but not an object."""
    try:
        return msgspec.json.decode(content, type=_Head)
    except msgspec.ValidationError:
        return None


def _older(document: Any, file: Path) -> Record | StoreRecord:
    """Parsed, brought to the present version, checked."""
    if not isinstance(document, dict) or kind_of(document, str(file)) not in _TYPES:
        msg = f"{file}: not a record of moves or stores"
        raise UsageProblem(msg, "give files that lab bench move, store or run saved")
    present = upgraded(document, str(file))
    return msgspec.convert(present, _TYPES[present["kind"]])
