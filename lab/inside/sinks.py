"""Where received Data Sets go: nowhere (counted), through SHA-256, or into Part 10 files."""

import hashlib
import re
import struct
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from lab.dicom.acceptor import Sink
from lab.dicom.negotiation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from lab.errors import UsageProblem

_UID = re.compile(r"[0-9](?:[0-9.]{0,62}[0-9])?")
_OVER_HERE = ".part"

KINDS = ("discard", "digest", "keep")


def make(kind: str, folder: str) -> Sink | None:
    """A sink for one association; None discards. ``folder`` is where "keep" writes. Raises UsageProblem."""
    if kind not in KINDS:
        msg = f"there is no sink {kind!r}"
        raise UsageProblem(msg, f"known: {', '.join(KINDS)}")
    if kind == "discard":
        return None
    return Digest() if kind == "digest" else Keep(Path(folder))


class Digest:
    """SHA-256 of each Data Set."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def open(self, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> None:  # noqa: ARG002
        """One begins."""
        self._hash = hashlib.sha256()

    def write(self, piece: memoryview) -> None:
        """Some of it."""
        self._hash.update(piece)

    def close(self) -> str:
        """It is complete: its digest."""
        return self._hash.hexdigest()

    def abandon(self) -> None:
        """It will not be completed."""


class Keep:
    """A Part 10 file for each instance, whole or not at all, named by its SOP Instance UID."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digest = Digest()
        self._file: BinaryIO | None = None

    def open(self, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> None:
        """One begins: preamble and File Meta Information are written before its Data Set."""
        self._digest.open(sop_class_uid, sop_instance_uid, transfer_syntax_uid)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path = self._folder / file_name(sop_instance_uid)
        self._file = self._path.with_name(f"{self._path.name}.{id(self)}{_OVER_HERE}").open("wb")
        self._file.write(bytes(128) + b"DICM")
        self._file.write(_file_meta(sop_class_uid, sop_instance_uid, transfer_syntax_uid))

    def write(self, piece: memoryview) -> None:
        """Some of it."""
        self._digest.write(piece)
        if self._file is not None:
            self._file.write(piece)

    def close(self) -> str:
        """It is complete: give it its name."""
        if self._file is not None:
            self._file.close()
            Path(self._file.name).rename(self._path)
            self._file = None
        return self._digest.close()

    def abandon(self) -> None:
        """It will not be completed: nothing of it stays."""
        if self._file is not None:
            with suppress(OSError):  # what it still held back may not fit on the disk
                self._file.close()
            Path(self._file.name).unlink(missing_ok=True)
            self._file = None


def file_name(sop_instance_uid: str) -> str:
    """A peer names the file: only what PS3.5 9.1 allows in a UID gets into a path."""
    if _UID.fullmatch(sop_instance_uid):
        return f"{sop_instance_uid}.dcm"
    return f"not-a-uid-{hashlib.sha256(sop_instance_uid.encode()).hexdigest()[:16]}.dcm"


def _file_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """PS3.10 7.1: group 0002 in Explicit VR Little Endian."""
    elements = struct.pack("<HH2s2xI2s", 2, 1, b"OB", 2, b"\0\1")
    elements += b"".join(
        _string(element, vr, value)
        for element, vr, value in (
            (0x0002, b"UI", sop_class_uid),
            (0x0003, b"UI", sop_instance_uid),
            (0x0010, b"UI", transfer_syntax_uid),
            (0x0012, b"UI", IMPLEMENTATION_CLASS_UID),
            (0x0013, b"SH", IMPLEMENTATION_VERSION_NAME),
        )
    )
    return struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(elements)) + elements


def _string(element: int, vr: bytes, value: str) -> bytes:
    encoded = value.encode("ascii")
    if len(encoded) % 2:
        encoded += b" " if vr == b"SH" else b"\0"
    return struct.pack("<HH2sH", 2, element, vr, len(encoded)) + encoded
