"""A Data Set without identity, written element by element in its own transfer syntax.

Nothing that is kept is decoded, so broken values and unknown character sets do no harm; whatever is replaced
is ASCII. Pixel data is copied and not looked at: text burned into it stays, and so does what a compressed
image carries in its own headers.
"""

import struct
from typing import BinaryIO, NamedTuple

from lab.data.canonical import chunks
from lab.data.confidentiality import (
    IDENTITY_REMOVED,
    METHOD,
    METHOD_TAG,
    PATIENT_ID,
    PATIENT_NAME,
    TIMES_MODIFIED,
    Action,
    action_for,
    is_text,
)
from lab.data.elements import (
    ITEM,
    ITEM_END,
    LONG_VRS,
    SEQUENCE_END,
    TEXT_VRS,
    UNDEFINED,
    Element,
    Encoding,
    Source,
    elements,
    items,
    known_vr,
    nested,
)
from lab.data.identity import Identity, identity
from lab.data.pseudonyms import Pseudonyms

_DUMMIES = {
    "AS": b"000Y",
    "DA": b"20000101",
    "DT": b"20000101000000",
    "TM": b"000000",
    "DS": b"0",
    "IS": b"0",
    "UR": b"http://removed.invalid",
}
_ZEROS_BYTES = 1 << 20
_SAID = {
    IDENTITY_REMOVED: ("CS", b"YES"),
    METHOD_TAG: ("LO", METHOD.encode()),
    TIMES_MODIFIED: ("CS", b"REMOVED"),
}


def deidentify(source: Source, start: int, encoding: Encoding, out: BinaryIO, pseudonyms: Pseudonyms) -> None:
    """Write the Data Set that begins at ``start`` anew. Raises ValueError when it cannot be walked."""
    told = identity(source, start, source.end, encoding)
    writer = _Writer(source, out, pseudonyms, told)
    unsaid = dict(_SAID)
    for element in elements(source, start, source.end, encoding):
        for tag in [tag for tag in unsaid if tag < element.tag]:
            writer.plain(tag, *unsaid.pop(tag), encoding)
        writer.element(element, encoding, replacing=False)
    for tag, (vr, value) in unsaid.items():
        writer.plain(tag, vr, value, encoding)


class _Writer(NamedTuple):
    """Where elements come from and go to."""

    source: Source
    out: BinaryIO
    pseudonyms: Pseudonyms
    told: Identity

    def element(self, element: Element, encoding: Encoding, *, replacing: bool) -> None:
        """Write an element as its action says; ``encoding`` is that of its surroundings."""
        action = action_for(element.tag, element.kind, replacing=replacing)
        if action is Action.REMOVE:
            return
        inner = nested(self.source, element)
        if action is not Action.EMPTY and inner is not None:
            self._sequence(element, encoding, inner, replacing=replacing or action is Action.DUMMY)
        elif action is Action.KEEP:
            self._keep(element, encoding)
        elif action is Action.DUMMY and element.kind not in TEXT_VRS:
            self._zeros(element, encoding)
        else:
            self.plain(element.tag, _written_vr(element), self._replacement(element, action), encoding)

    def plain(self, tag: int, vr: str, value: bytes, encoding: Encoding) -> None:
        """Write an element with a value of ours."""
        if len(value) % 2:
            value += b"\0" if vr == "UI" else b" "
        self.out.write(_header(tag, vr, len(value), encoding) + value)

    def _sequence(self, element: Element, around: Encoding, inner: Encoding, *, replacing: bool) -> None:
        """Of undefined length; Implicit VR within Explicit VR is announced by UN (PS3.5 6.2.2)."""
        vr = "SQ" if inner == around else "UN"
        self.out.write(_header(element.tag, vr, UNDEFINED, around))
        for start, stop in items(self.source, element._replace(encoding=inner)):
            self.out.write(_mark(ITEM, UNDEFINED, inner))
            for held in elements(self.source, start, stop, inner):
                self.element(held, inner, replacing=replacing)
            self.out.write(_mark(ITEM_END, 0, inner))
        self.out.write(_mark(SEQUENCE_END, 0, inner))

    def _keep(self, element: Element, encoding: Encoding) -> None:
        if is_text(element.kind) and self.told.is_in(self._value(element)):
            self.plain(element.tag, _written_vr(element), b"", encoding)
        else:
            for chunk in chunks(self.source.file, element.start, element.end):
                self.out.write(chunk)

    def _zeros(self, element: Element, encoding: Encoding) -> None:
        """A dummy of the same size, so that a document takes as long to deliver as it did."""
        size = element.stop - element.value + (element.stop - element.value) % 2
        self.out.write(_header(element.tag, _written_vr(element), size, encoding))
        for at in range(0, size, _ZEROS_BYTES):
            self.out.write(bytes(min(_ZEROS_BYTES, size - at)))

    def _replacement(self, element: Element, action: Action) -> bytes:
        if action is Action.EMPTY:
            return b""
        if element.tag == PATIENT_ID:
            return self.pseudonyms.patient(self._value(element))
        if element.tag == PATIENT_NAME:
            return self.pseudonyms.patient(self.told.patient_id or self.told.patient_name)
        if element.kind == "UI":
            return b"\\".join(self.pseudonyms.uid(uid) for uid in self._value(element).split(b"\\"))
        return _DUMMIES.get(element.kind, b"REMOVED")

    def _value(self, element: Element) -> bytes:
        return self.source.read(element.value, element.stop - element.value, element.stop)


def _written_vr(element: Element) -> str:
    """The VR in the file; a known one where a writer left it out of an Explicit VR Data Set."""
    vr = element.vr or known_vr(element.tag)
    return vr if len(vr) == 2 else "UN"


def _header(tag: int, vr: str, length: int, encoding: Encoding) -> bytes:
    """Tag, VR and length (PS3.5 Tables 7.1-1 to 7.1-3)."""
    if encoding.implicit:
        return _mark(tag, length, encoding)
    order = ">" if encoding.big else "<"
    group, number = tag >> 16, tag & 0xFFFF
    if vr in LONG_VRS:
        return struct.pack(f"{order}HH2sHI", group, number, vr.encode(), 0, length)
    return struct.pack(f"{order}HH2sH", group, number, vr.encode(), length)


def _mark(tag: int, length: int, encoding: Encoding) -> bytes:
    """A header without a VR: of an item, a delimiter, an Implicit VR element."""
    return struct.pack(">HHI" if encoding.big else "<HHI", tag >> 16, tag & 0xFFFF, length)
