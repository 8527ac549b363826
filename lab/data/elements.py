"""Data Elements in a file, found by their headers: no value is read (PS3.5 7.1, 7.5, A.4).

Everything is a position in the file, in bytes from its beginning, so that a value of gigabytes costs as
little as a short one.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, NamedTuple

from pydicom.datadict import dictionary_VR

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA = 0x7FE00010, 0x7FE00008, 0x7FE00009
LONG_VRS = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
NUMBER_VRS = frozenset(("AT", "FD", "FL", "SL", "SS", "UL", "US"))
TEXT_VRS = frozenset(
    ("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT")
)
_DEEPEST = 60  # levels of sequences; Python's own stack would end near 300


class CutShortError(ValueError):
    """The file ends before the value its last header announces."""


class MalformedError(ValueError):
    """The bytes are not a Data Set."""


class Encoding(NamedTuple):
    """How elements are written: Implicit or Explicit VR (PS3.5 7.1.2, 7.1.3), and the byte order (7.3)."""

    implicit: bool
    big: bool = False


IMPLICIT = Encoding(implicit=True)


class Element(NamedTuple):
    """Where an element lies.

        start   its tag
        value   its Value Field
        stop    the end of the Value Field, without a Sequence Delimitation Item
        end     what follows the element

    ``vr`` is "" when none is written; ``encoding`` is that of the items it may hold.
    """

    tag: int
    vr: str
    start: int
    value: int
    stop: int
    end: int
    undefined: bool
    encoding: Encoding

    @property
    def group(self) -> int:
        """The tag's first half."""
        return self.tag >> 16

    @property
    def kind(self) -> str:
        """The VR as written, else as the data dictionary has it, else "UN"."""
        return self.vr if self.vr not in ("", "UN") else known_vr(self.tag) or "UN"

    @property
    def fragmented(self) -> bool:
        """Its value is a sequence of fragments (PS3.5 A.4)."""
        return self.undefined and (self.tag == PIXEL_DATA or self.vr in ("OB", "OW"))


@lru_cache(maxsize=10_000)
def known_vr(tag: int) -> str:
    """The VR in the data dictionary (PS3.6); "" for private and unknown elements."""
    try:
        return "UL" if tag & 0xFFFF == 0 else dictionary_VR(tag)
    except KeyError:
        return ""


class Source:
    """A file to find elements in, and where it ends."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        self.file = file
        self.end = end

    def read(self, at: int, count: int, limit: int) -> bytes:
        """Bytes that have to lie before ``limit``."""
        self.must_end(at + count, limit)
        self.file.seek(at)
        return self.file.read(count)

    def must_end(self, stop: int, limit: int) -> None:
        """Raises CutShortError when ``stop`` lies beyond the file, MalformedError when beyond its holder."""
        if stop > limit:
            if limit >= self.end:
                msg = f"the file ends at {self.end}, a value in it at {stop}"
                raise CutShortError(msg)
            msg = f"a value reaches beyond the sequence that holds it, at {limit}"
            raise MalformedError(msg)


def elements(source: Source, start: int, stop: int, encoding: Encoding, depth: int = 0) -> Iterator[Element]:
    """The elements between two positions, in file order; what is nested in them is passed over."""
    while start < stop:
        element = _element(source, start, stop, encoding, depth)
        yield element
        start = element.end


def items(source: Source, element: Element) -> Iterator[tuple[int, int]]:
    """Where each item of a sequence, or each fragment, begins and ends (PS3.5 7.5.1)."""
    at = element.value
    while at < element.stop:
        tag, length = _item_header(source, at, element.stop, element.encoding)
        if tag == SEQUENCE_END:  # superfluous in a sequence of defined length, and yet seen
            return
        stop, end = _item_end(source, at, (tag, length), element.stop, element.encoding, 0)
        yield at + 8, stop
        at = end


def nested(source: Source, element: Element) -> Encoding | None:
    """The encoding of the items an element holds; None when its value is no sequence.

    A value without a VR that tells (UN, or Implicit VR and an unknown tag) is a sequence when its bytes are
    items from first to last: so it stays one, whichever way it is written.
    """
    if element.value == element.stop or element.fragmented:
        return None
    if element.undefined or element.vr == "SQ":
        return element.encoding
    if element.vr not in ("", "UN") or known_vr(element.tag) not in ("", "SQ"):
        return None
    return next((way for way in (IMPLICIT, element.encoding) if _holds_items(source, element, way)), None)


def check(source: Source, start: int, stop: int, encoding: Encoding, depth: int = 0) -> None:
    """Walk everything, to the innermost item. Raises CutShortError, MalformedError."""
    for element in elements(source, start, stop, encoding, depth):
        inner = nested(source, element)
        if inner is None:
            continue
        for item_start, item_stop in items(source, element._replace(encoding=inner)):
            check(source, item_start, item_stop, inner, depth + 1)


def _holds_items(source: Source, element: Element, encoding: Encoding) -> bool:
    tag = b"\xff\xfe\xe0\x00" if encoding.big else b"\xfe\xff\x00\xe0"
    if element.stop - element.value < 8 or source.read(element.value, 4, element.stop) != tag:
        return False
    try:
        for start, stop in items(source, element._replace(encoding=encoding)):
            check(source, start, stop, encoding)
    except ValueError:
        return False
    return True


def _element(source: Source, at: int, limit: int, encoding: Encoding, depth: int) -> Element:
    tag, vr, value, length = _header(source, at, limit, encoding)
    if tag >> 16 == ITEM >> 16:
        msg = f"an item or a delimiter stands alone at {at}"
        raise MalformedError(msg)
    if length != UNDEFINED:
        source.must_end(value + length, limit)
        return Element(tag, vr, at, value, value + length, value + length, False, encoding)
    return _undefined(source, Element(tag, vr, at, value, value, value, True, encoding), limit, depth + 1)


def _undefined(source: Source, element: Element, limit: int, depth: int) -> Element:
    """The element with its end found. UN holds Implicit VR (PS3.5 6.2.2), or what its surroundings are."""
    if depth > _DEEPEST:
        msg = f"sequences are nested more than {_DEEPEST} deep"
        raise MalformedError(msg)
    ways = [IMPLICIT, element.encoding] if element.vr == "UN" else [element.encoding]
    while True:
        way = ways.pop(0)
        try:
            stop = _sequence_stop(source, element, way, limit, depth)
        except ValueError:
            if not ways:
                raise
        else:
            return element._replace(stop=stop, end=stop + 8, encoding=way)


def _sequence_stop(source: Source, element: Element, encoding: Encoding, limit: int, depth: int) -> int:
    """Where the Sequence Delimitation Item of a value of undefined length stands."""
    at = element.value
    while True:
        header = _item_header(source, at, limit, encoding)
        if header[0] == SEQUENCE_END:
            return at
        if element.fragmented and header[1] == UNDEFINED:
            msg = f"a fragment of undefined length at {at}"
            raise MalformedError(msg)
        at = _item_end(source, at, header, limit, encoding, depth)[1]


def _item_end(
    source: Source, at: int, header: tuple[int, int], limit: int, encoding: Encoding, depth: int
) -> tuple[int, int]:
    """Where an item's content stops, and what follows the item."""
    tag, length = header
    if tag != ITEM:
        msg = f"no item where one should begin, at {at}"
        raise MalformedError(msg)
    at += 8
    if length != UNDEFINED:
        source.must_end(at + length, limit)
        return at + length, at + length
    while _item_header(source, at, limit, encoding)[0] != ITEM_END:
        at = _element(source, at, limit, encoding, depth).end
    return at, at + 8


_ITEM_HEADERS = {False: struct.Struct("<HHI"), True: struct.Struct(">HHI")}
_EXPLICIT_HEADERS = {False: struct.Struct("<HH2sH"), True: struct.Struct(">HH2sH")}


def _item_header(source: Source, at: int, limit: int, encoding: Encoding) -> tuple[int, int]:
    group, number, length = _ITEM_HEADERS[encoding.big].unpack(source.read(at, 8, limit))
    return group << 16 | number, length


def _header(source: Source, at: int, limit: int, encoding: Encoding) -> tuple[int, str, int, int]:
    """Tag, VR, position of the value, length (PS3.5 Tables 7.1-1 to 7.1-3).

    An element of an Explicit VR Data Set whose VR is no two capital letters is taken for an Implicit one:
    there are writers that change over inside a sequence.
    """
    raw = source.read(at, 8, limit)
    group, number, code, length = _EXPLICIT_HEADERS[encoding.big].unpack(raw)
    tag = group << 16 | number
    if encoding.implicit or group == ITEM >> 16 or not (code.isalpha() and code.isupper()):
        return tag, "", at + 8, _ITEM_HEADERS[encoding.big].unpack(raw)[2]
    vr = code.decode("ascii")
    if vr not in LONG_VRS:
        return tag, vr, at + 8, length
    raw = source.read(at + 8, 4, limit)
    return tag, vr, at + 12, int.from_bytes(raw, "big" if encoding.big else "little")
