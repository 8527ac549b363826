"""An instance out of somebody's file into one of ours (PS3.10 7.1)."""

import struct
import zlib
from typing import BinaryIO

from lab.data.canonical import chunks
from lab.data.deidentify import deidentify
from lab.data.part10 import DEFLATED, IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, layout
from lab.data.pseudonyms import Pseudonyms
from lab.model.importing import Seen


def copy_as_is(file: BinaryIO, seen: Seen, out: BinaryIO) -> None:
    """Copy byte for byte; File Meta Information that is missing or at fault is made anew."""
    start = 0
    if not seen.regular:
        start = seen.dataset_at
        out.write(file_meta(seen.sop_class_uid, seen.sop_instance_uid, seen.transfer_syntax_uid))
    for chunk in chunks(file, start, seen.dataset_stop):
        out.write(chunk)


def copy_deidentified(file: BinaryIO, seen: Seen, out: BinaryIO, pseudonyms: Pseudonyms) -> None:
    """Copy without identity, under new File Meta Information. Raises ValueError."""
    outside = layout(file)
    source, start = outside.source(file)
    source.end = min(source.end, seen.dataset_stop) if source.file is file else source.end
    new_uid = pseudonyms.uid(seen.sop_instance_uid.encode()).decode()
    out.write(file_meta(seen.sop_class_uid, new_uid, outside.transfer_syntax_uid))
    if outside.transfer_syntax_uid != DEFLATED:
        deidentify(source, start, outside.encoding, out, pseudonyms)
        return
    deflating = _Deflating(out)
    deidentify(source, start, outside.encoding, deflating, pseudonyms)  # type: ignore[arg-type]
    deflating.finish()


class _Deflating:
    """Writes a deflated Data Set (PS3.5 A.5: RFC 1951 without header, padded to even length)."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        self._written = 0

    def write(self, content: bytes) -> None:
        self._pass_on(self._machine.compress(content))

    def finish(self) -> None:
        self._pass_on(self._machine.flush())
        self._pass_on(b"\0" * (self._written % 2))

    def _pass_on(self, deflated: bytes) -> None:
        self._written += self._out.write(deflated)


def file_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> bytes:
    """Preamble, "DICM" and File Meta Information (PS3.10 Table 7.1-1)."""
    rest = b"".join(
        [
            struct.pack("<HH2sHI", 2, 1, b"OB", 0, 2) + b"\0\1",
            _short(0x0002, b"UI", sop_class_uid),
            _short(0x0003, b"UI", sop_instance_uid),
            _short(0x0010, b"UI", transfer_syntax_uid),
            _short(0x0012, b"UI", IMPLEMENTATION_CLASS_UID),
            _short(0x0013, b"SH", IMPLEMENTATION_VERSION_NAME),
        ]
    )
    return bytes(128) + b"DICM" + struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(rest)) + rest


def _short(number: int, vr: bytes, text: str) -> bytes:
    value = text.encode() + b"\0" * (len(text) % 2)
    return struct.pack("<HH2sH", 2, number, vr, len(value)) + value
