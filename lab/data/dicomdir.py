"""The files a DICOMDIR refers to (PS3.3 F.3.2.2, PS3.10 8)."""

from collections.abc import Iterator
from typing import BinaryIO

from lab.data.elements import Element, Source, elements, items
from lab.data.part10 import layout

_RECORDS, _FILE_ID = 0x00041220, 0x00041500


def referenced_files(file: BinaryIO) -> list[tuple[str, ...]]:
    """Referenced File IDs, each as its path's components, in the order of the records.

    Raises:
        ValueError: this is no DICOMDIR, or a broken one.
    """
    outside = layout(file)
    source, start = outside.source(file)
    found: dict[tuple[str, ...], None] = {}
    for element in elements(source, start, source.end, outside.encoding):
        if element.tag == _RECORDS:
            found.update(dict.fromkeys(_file_ids(source, element)))
    return list(found)


def _file_ids(source: Source, records: Element) -> Iterator[tuple[str, ...]]:
    for start, stop in items(source, records):
        for element in elements(source, start, stop, records.encoding):
            raw = (
                source.read(element.value, element.stop - element.value, element.stop)
                if (element.tag == _FILE_ID)
                else b""
            )
            if parts := tuple(part.strip(" \0") for part in raw.decode("latin-1").split("\\") if part):
                yield parts
