"""A digest of a Data Set's elements, by which an instance is known after a PACS wrote it anew.

What may differ within one transfer syntax without changing the digest:

- the VR written (UN, or none, or the known one), and the order of elements
- sequences and items of explicit or undefined length (PS3.5 7.5.1)
- group lengths (gggg,0000) and Data Set Trailing Padding (FFFC,FFFC) (PS3.5 7.2, PS3.10 7.2)
- trailing spaces and NULs of text and UIDs, the pad byte of everything else (PS3.5 6.2)

Pixel data counts by its bytes; encapsulated, by its fragments in order, the Basic Offset Table being the
first (PS3.5 A.4). A private value whose VR is nowhere written is taken for text when it reads as text; so a
number that looks like letters and a space has the same digest as one that looks like the letters and a NUL.
"""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

from lab.data.elements import TEXT_VRS, Element, Encoding, Source, elements, items, nested
from lab.data.part10 import layout

_TRAILING_PADDING = 0xFFFCFFFC
_CHUNK_BYTES = 1 << 20
_PADDING = b" \0"
_TEXT_CONTROLS = b"\t\n\f\r\x1b"  # PS3.5 6.1.3
_TEXT_MAX_BYTES = 1 << 16


def canonical_sha256(file: BinaryIO) -> str:
    """SHA-256 over the elements of a DICOM file (PS3.10), in hexadecimal; values pass in chunks.

    Raises:
        ValueError: this is no DICOM file, or no whole one.
    """
    outside = layout(file)
    source, start = outside.source(file)
    return _dataset(source, start, source.end, outside.encoding).hex()


def _dataset(source: Source, start: int, stop: int, encoding: Encoding) -> bytes:
    """SHA-256 over tag and digest of each element, by tag."""
    lines = (
        element.tag.to_bytes(4, "big") + _value(source, element)
        for element in elements(source, start, stop, encoding)
        if element.tag & 0xFFFF and element.tag != _TRAILING_PADDING
    )
    return hashlib.sha256(b"".join(sorted(lines))).digest()


def _value(source: Source, element: Element) -> bytes:
    """SHA-256 of a value; its first byte says whether it is plain, of items or of fragments."""
    inner = nested(source, element)
    if inner is not None:
        held = items(source, element._replace(encoding=inner))
        digests = [_dataset(source, start, stop, inner) for start, stop in held]
        return hashlib.sha256(b"I" + b"".join(digests)).digest() if digests else _plain(source, 0, 0)
    if element.fragmented:
        digests = [_plain(source, start, stop) for start, stop in items(source, element)]
        return hashlib.sha256(b"F" + b"".join(digests)).digest()
    stop = element.stop
    if _is_text(source, element):
        stop = _without_padding(source, element.value, stop)
    return _plain(source, element.value, stop)


def _plain(source: Source, start: int, stop: int) -> bytes:
    digest = hashlib.sha256(b"V")
    for chunk in chunks(source.file, start, stop):
        digest.update(chunk)
    if (stop - start) % 2:
        digest.update(b"\0")
    return digest.digest()


def chunks(file: BinaryIO, start: int, stop: int) -> Iterator[bytes]:
    """The bytes between two positions, at most 1 MiB at a time. Raises ValueError when they are not there."""
    file.seek(start)
    while start < stop:
        chunk = file.read(min(_CHUNK_BYTES, stop - start))
        if not chunk:
            msg = f"the file ends at {start}"
            raise ValueError(msg)
        start += len(chunk)
        yield chunk


def _is_text(source: Source, element: Element) -> bool:
    if element.kind != "UN":
        return element.kind in TEXT_VRS
    size = element.stop - element.value
    if size > _TEXT_MAX_BYTES:
        return False
    raw = source.read(element.value, size, element.stop).rstrip(_PADDING)
    return bool(raw) and all(byte >= 0x20 or byte in _TEXT_CONTROLS for byte in raw)


def _without_padding(source: Source, start: int, stop: int) -> int:
    """Where a text ends when trailing spaces and NULs are left out."""
    while start < stop:
        piece = source.read(max(start, stop - 4096), min(4096, stop - start), stop)
        if kept := len(piece.rstrip(_PADDING)):
            return stop - len(piece) + kept
        stop -= len(piece)
    return stop
