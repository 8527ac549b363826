"""A DICOM file's outside: where File Meta Information ends and the Data Set begins (PS3.10 7.1)."""

import io
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from lab.data.elements import (
    IMPLICIT,
    LONG_VRS,
    NUMBER_VRS,
    TEXT_VRS,
    CutShortError,
    Encoding,
    MalformedError,
    Source,
    elements,
)

PREFIX_BYTES = 144
IMPLEMENTATION_CLASS_UID = "2.25.302614874402921087417411530143216098163"
IMPLEMENTATION_VERSION_NAME = "DICOMLAB"
IMPLICIT_LITTLE, EXPLICIT_LITTLE = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
EXPLICIT_BIG, DEFLATED = "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"
_GROUP_LENGTH = struct.Struct("<128x4sHH2sHI")
_MAGIC_AT, _META_AT = 128, 132
_CLASS, _INSTANCE, _SYNTAX, _IMPLEMENTATION = 0x00020002, 0x00020003, 0x00020010, 0x00020012
_INFLATED_MAX_BYTES = 1 << 30  # held in memory; far beyond any real deflated Data Set


class NotDicomError(ValueError):
    """Nothing in the file says DICOM."""


def dataset_offset(prefix: bytes) -> int:
    """Offset of the Data Set, from the first PREFIX_BYTES of a file.

        0    128  preamble
        128    4  "DICM"
        132   12  (0002,0000) UL, 4 bytes: length of the rest of group 2, Explicit VR Little Endian

    Raises:
        ValueError: these are not the first bytes of a DICOM file.
    """
    if len(prefix) < PREFIX_BYTES:
        msg = "too short for a DICOM file"
        raise ValueError(msg)
    magic, group, element, vr, size, group_length = _GROUP_LENGTH.unpack_from(prefix)
    if (magic, group, element, vr, size) != (b"DICM", 0x0002, 0x0000, b"UL", 4):
        msg = "no DICM and File Meta Information Group Length where PS3.10 7.1 puts them"
        raise ValueError(msg)
    return PREFIX_BYTES + int(group_length)


@dataclass(frozen=True)
class Layout:
    """What a file's outside says about its inside.

    ``regular``: preamble, a true group length and every Type 1 element of PS3.10 Table 7.1-1 are there,
    and the transfer syntax is the one the Data Set is written in.
    """

    regular: bool
    magic: bool
    meta: Mapping[int, str]
    dataset_at: int
    file_bytes: int
    transfer_syntax_uid: str
    encoding: Encoding

    @property
    def media_sop_class_uid(self) -> str:
        """Media Storage SOP Class UID (0002,0002); "" when it is missing."""
        return self.meta.get(_CLASS, "")

    @property
    def media_sop_instance_uid(self) -> str:
        """Media Storage SOP Instance UID (0002,0003); "" when it is missing."""
        return self.meta.get(_INSTANCE, "")

    def source(self, file: BinaryIO) -> tuple[Source, int]:
        """The Data Set to find elements in, and where it begins; a deflated one is inflated (PS3.5 A.5)."""
        if self.transfer_syntax_uid != DEFLATED:
            return Source(file, self.file_bytes), self.dataset_at
        file.seek(self.dataset_at)
        inflated = _inflated(file)
        return Source(inflated, inflated.getbuffer().nbytes), 0


def layout(file: BinaryIO) -> Layout:
    """Read a file's outside; what lacks preamble or File Meta Information is read when it can be.

    Raises:
        NotDicomError: neither "DICM" at 128 nor group 2 or 8 at the beginning.
        CutShortError: the file ends within its File Meta Information, or right behind it.
        MalformedError: the Data Set is in no encoding of PS3.5.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    prefix = file.read(PREFIX_BYTES)
    magic = prefix[_MAGIC_AT:_META_AT] == b"DICM"
    if not magic and prefix[:2] not in (b"\x02\x00", b"\x08\x00", b"\x00\x08"):
        msg = "neither DICM at 128 nor group 2 or 8 at the beginning"
        raise NotDicomError(msg)
    try:
        meta, dataset_at = _meta(Source(file, size), _META_AT if magic else 0)
        syntax, encoding = _encoding(file, dataset_at, meta.get(_SYNTAX, ""))
    except ValueError:
        if magic:
            raise
        msg = "it began like a Data Set and is none"
        raise NotDicomError(msg) from None
    whole = all(meta.get(tag) for tag in (_CLASS, _INSTANCE, _SYNTAX, _IMPLEMENTATION))
    regular = whole and meta[_SYNTAX] == syntax and _agrees(prefix, dataset_at)
    return Layout(regular, magic, meta, dataset_at, size, syntax, encoding)


def _agrees(prefix: bytes, dataset_at: int) -> bool:
    try:
        return dataset_offset(prefix) == dataset_at
    except ValueError:
        return False


def _meta(source: Source, at: int) -> tuple[dict[int, str], int]:
    """File Meta Information, and the offset of what follows; the group length is not believed."""
    found: dict[int, str] = {}
    while source.read(at, 2, source.end) == b"\x02\x00":
        element = next(elements(source, at, source.end, Encoding(implicit=False)))
        if element.stop - element.value <= 64:
            found[element.tag] = text(source.read(element.value, element.stop - element.value, element.stop))
        at = element.end
    return found, at


def text(raw: bytes) -> str:
    """A value without its padding; for UIDs and numbers as text (PS3.5 6.2)."""
    return raw.decode("ascii", "replace").strip(" \0")


def _encoding(file: BinaryIO, at: int, declared: str) -> tuple[str, Encoding]:
    """Transfer syntax and encoding. The first element shows how a Data Set is really written."""
    if declared == DEFLATED:
        return declared, Encoding(implicit=False)
    file.seek(at)
    first = file.read(8)
    if len(first) < 8:
        msg = "the file ends in its first element"
        raise CutShortError(msg)
    encoding = _seen(first)
    plain = IMPLICIT_LITTLE if encoding.implicit else EXPLICIT_BIG if encoding.big else EXPLICIT_LITTLE
    if declared in ("", IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG):
        return plain, encoding
    return declared, encoding


def _seen(first: bytes) -> Encoding:
    """The encoding that the first eight bytes of a Data Set show; its first group is below 0100."""
    explicit = first[4:6].decode("latin-1") in LONG_VRS | NUMBER_VRS | TEXT_VRS
    big = explicit and first[0] == 0 and first[1] != 0
    return Encoding(implicit=False, big=big) if explicit else IMPLICIT


def _inflated(file: BinaryIO) -> io.BytesIO:
    """The rest of a file, inflated (RFC 1951, no zlib header)."""
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    content = io.BytesIO()
    try:
        while not machine.eof:
            chunk = machine.unconsumed_tail or file.read(1 << 20)
            if not chunk:
                msg = "the deflated Data Set has no end"
                raise CutShortError(msg)
            content.write(machine.decompress(chunk, 1 << 22))
            if content.tell() > _INFLATED_MAX_BYTES:
                msg = "the deflated Data Set is larger than 1 GiB"
                raise MalformedError(msg)
    except zlib.error as error:
        msg = f"the deflated Data Set is broken ({error})"
        raise MalformedError(msg) from None
    return content
