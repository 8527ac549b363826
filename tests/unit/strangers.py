"""Data Sets as strangers write them: a tree of elements and every way the standard allows to encode it."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from lab.data.copying import file_meta
from lab.data.elements import LONG_VRS, TEXT_VRS
from lab.data.part10 import DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE

CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
JPEG_LS = "1.2.840.10008.1.2.4.80"
UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class Node:
    """An element: plain bytes, or items, or fragments."""

    tag: int
    vr: str
    value: bytes = b""
    items: tuple[tuple["Node", ...], ...] | None = None
    fragments: tuple[bytes, ...] | None = None


@dataclass
class Writer:
    """Encodes nodes; with ``whims`` it varies whatever does not change the meaning."""

    syntax: str = EXPLICIT_LITTLE
    whims: Random | None = None
    _implicit_inside: int = field(default=0)

    @property
    def implicit(self) -> bool:
        return self.syntax == IMPLICIT_LITTLE or self._implicit_inside > 0

    @property
    def order(self) -> str:
        return ">" if self.syntax == EXPLICIT_BIG and not self._implicit_inside else "<"

    def dataset(self, nodes: Sequence[Node]) -> bytes:
        return b"".join(self._group(nodes, group) for group in dict.fromkeys(n.tag >> 16 for n in nodes))

    def _group(self, nodes: Sequence[Node], group: int) -> bytes:
        content = b"".join(self.element(node) for node in nodes if node.tag >> 16 == group)
        if not self._may():
            return content
        return self._header(group << 16, "UL", 4) + struct.pack(self.order + "I", len(content)) + content

    def _may(self) -> bool:
        return self.whims is not None and self.whims.random() < 0.4

    def element(self, node: Node) -> bytes:
        if node.fragments is not None:
            pieces = b"".join(self._mark(0xFFFEE000, len(_even(f))) + _even(f) for f in node.fragments)
            return self._header(node.tag, node.vr, UNDEFINED) + pieces + self._mark(0xFFFEE0DD, 0)
        if node.items is not None:
            return self._sequence(node, node.items)
        known = (node.tag >> 16) % 2 == 0
        vr = "UN" if (known or node.vr in TEXT_VRS) and self._may() else node.vr
        value = self._padded(node, known=known)
        return self._header(node.tag, vr, len(value)) + value

    def _padded(self, node: Node, *, known: bool) -> bytes:
        if node.vr not in TEXT_VRS:
            return _even(node.value)
        pad = b"\0" if node.vr == "UI" else b" "
        if self._may() and node.value and (known or not self.implicit):
            pad = (self.whims or Random()).choice([b" ", b"\0"])
            return _even(node.value + pad * 3, pad)
        return _even(node.value, pad)

    def _sequence(self, node: Node, items: Sequence[Sequence[Node]]) -> bytes:
        unknown = not self.implicit and self._may()
        order = self.order
        self._implicit_inside += unknown
        body = b"".join(self._item(item) for item in items)
        end = self._mark(0xFFFEE0DD, 0)
        self._implicit_inside -= unknown
        assert order == self.order
        vr = "UN" if unknown else "SQ"
        if self._may():
            return self._header(node.tag, vr, UNDEFINED) + body + end
        return self._header(node.tag, vr, len(body)) + body

    def _item(self, nodes: Sequence[Node]) -> bytes:
        content = self.dataset(nodes)
        if self._may():
            return self._mark(0xFFFEE000, UNDEFINED) + content + self._mark(0xFFFEE00D, 0)
        return self._mark(0xFFFEE000, len(content)) + content

    def _mark(self, tag: int, length: int) -> bytes:
        return struct.pack(self.order + "HHI", tag >> 16, tag & 0xFFFF, length)

    def _header(self, tag: int, vr: str, length: int) -> bytes:
        if self.implicit:
            return self._mark(tag, length)
        if vr in LONG_VRS:
            return struct.pack(self.order + "HH2sHI", tag >> 16, tag & 0xFFFF, vr.encode(), 0, length)
        return struct.pack(self.order + "HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), length)


def _even(value: bytes, pad: bytes = b"\0") -> bytes:
    return value + pad * (len(value) % 2)


def part10(
    dataset: bytes, syntax: str = EXPLICIT_LITTLE, uid: str = "1.2.3.4", sop_class: str = CT_CLASS
) -> bytes:
    """A regular DICOM file around a Data Set; ``syntax`` deflated deflates it."""
    if syntax == DEFLATED:
        machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        dataset = _even(machine.compress(dataset) + machine.flush())
    return file_meta(sop_class, uid, syntax) + dataset


def image(
    uid: str = "1.2.3.4", *extra: Node, study: str = "1.2.3", fragments: tuple[bytes, ...] | None = None
) -> list[Node]:
    """A small CT image."""
    pixels = Node(0x7FE00010, "OW", bytes(range(32))) if fragments is None else None
    nodes = [
        Node(0x00080005, "CS", b"ISO_IR 100"),
        Node(0x00080016, "UI", CT_CLASS.encode()),
        Node(0x00080018, "UI", uid.encode()),
        Node(0x00081140, "SQ", items=((Node(0x00081155, "UI", b"1.2.3.9"),), ())),
        Node(0x00100010, "PN", b"Doe^Jane"),
        Node(0x00100020, "LO", b"PAT1"),
        Node(0x0020000D, "UI", study.encode()),
        Node(0x0020000E, "UI", study.encode() + b".1"),
        Node(0x00200013, "IS", b"7"),
        Node(0x00280010, "US", b"\4\0"),
        Node(0x00280011, "US", b"\4\0"),
        Node(0x00280100, "US", b"\x10\0"),
        pixels or Node(0x7FE00010, "OB", fragments=fragments),
        *extra,
    ]
    return sorted({node.tag: node for node in nodes}.values(), key=lambda node: node.tag)


def image_file(
    uid: str = "1.2.3.4", *extra: Node, syntax: str = EXPLICIT_LITTLE, study: str = "1.2.3"
) -> bytes:
    """A small CT image as a regular DICOM file; encapsulated in JPEG-LS."""
    fragments = (b"", b"abc", b"defg") if syntax == JPEG_LS else None
    return part10(Writer(syntax).dataset(image(uid, *extra, study=study, fragments=fragments)), syntax, uid)
