"""Records on disk, of this version and older ones."""

from pathlib import Path
from typing import Any

import msgspec

from lab.errors import UsageProblem
from lab.model.record import Record
from lab.model.store_record import StoreRecord
from lab.model.upgrading import MOVE, STORE, kind_of, upgraded

_TYPES: dict[str, type[Record] | type[StoreRecord]] = {MOVE: Record, STORE: StoreRecord}


def load(path: Path) -> list[Record | StoreRecord]:
    """The records of moves and stores in a file, or in a folder and those in it, by name of the file.

    Other JSON in a folder is passed over: records of the instrument, plans, anything without runs.

    Raises:
        UsageProblem: there is none; or one is damaged, or of a later version.
    """
    files = [path] if path.is_file() else sorted(path.rglob("[!.]*.json"))
    found = [record for file in files if (record := _read(file, alone=path.is_file())) is not None]
    if not found:
        msg = f"{path}: no records of benchmarks there"
        raise UsageProblem(msg, "lab bench move --save DIR makes some")
    return found


def _read(file: Path, *, alone: bool) -> Record | StoreRecord | None:
    document = _parsed(file)
    if not alone and (not isinstance(document, dict) or "runs" not in document):
        return None
    if not isinstance(document, dict) or kind_of(document, str(file)) not in _TYPES:
        msg = f"{file}: not a record of moves or stores"
        raise UsageProblem(msg, "give files that lab bench move, store or run saved")
    present = upgraded(document, str(file))
    try:
        return msgspec.convert(present, _TYPES[present["kind"]])
    except msgspec.ValidationError as error:
        msg = f"{file}: {error}"
        raise UsageProblem(msg, "the record is damaged; leave the file out") from None


def _parsed(file: Path) -> Any:
    try:
        return msgspec.json.decode(file.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        msg = f"{file}: {error}"
        raise UsageProblem(msg, "the record is damaged; leave the file out") from None
