"""The values in a Data Set that tell whose it is, gathered to be sought for where they do not belong."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lab.data.confidentiality import PATIENT_ID, PATIENT_NAME, Action, action_for
from lab.data.elements import Element, Encoding, Source, elements, items, nested

# Accession Number, Other Patient IDs, Patient's Address and Telephone Numbers, Admission ID
_TELLING = frozenset((0x00080050, PATIENT_ID, 0x00101000, 0x00101040, 0x00102154, 0x00380010))
_SEPARATORS = re.compile(rb"[\^=\\\s\0,;]+")
_SHORTEST, _TELLING_ANYWHERE, _LONGEST = 3, 5, 1024  # bytes


class Identity(NamedTuple):
    """Patient ID and name as they are written, and a pattern that finds any part of what identifies."""

    patient_id: bytes
    patient_name: bytes
    pattern: re.Pattern[bytes] | None

    def is_in(self, text: bytes) -> bool:
        """Whether a text repeats something that identifies: a name's part, an ID, a date, a UID."""
        return bool(self.pattern and self.pattern.search(text))


def identity(source: Source, start: int, stop: int, encoding: Encoding) -> Identity:
    """What a Data Set says about whose it is, at any depth."""
    parts: set[bytes] = set()
    own: dict[int, bytes] = {}
    for element, raw in _telling(source, start, stop, encoding):
        own.setdefault(element.tag, raw.strip(b" \0"))
        parts.update(part.upper() for part in _SEPARATORS.split(raw) if len(part) >= _SHORTEST)
    return Identity(own.get(PATIENT_ID, b""), own.get(PATIENT_NAME, b""), _pattern(parts))


def _telling(source: Source, start: int, stop: int, encoding: Encoding) -> Iterator[tuple[Element, bytes]]:
    """Elements that identify, with their values; those of the Data Set itself before those of its items."""
    sequences = []
    for element in elements(source, start, stop, encoding):
        inner = nested(source, element)
        if inner is not None:
            sequences.append((element, inner))
        elif _tells(element) and element.stop - element.value <= _LONGEST:
            yield element, source.read(element.value, element.stop - element.value, element.stop)
    for element, inner in sequences:
        for item_start, item_stop in items(source, element._replace(encoding=inner)):
            yield from _telling(source, item_start, item_stop, inner)


def _tells(element: Element) -> bool:
    kind = element.kind
    if kind == "UI":
        return action_for(element.tag, kind, replacing=False) is Action.NEW_UID
    return kind in ("PN", "DA") or element.tag in _TELLING


def _pattern(parts: set[bytes]) -> re.Pattern[bytes] | None:
    """Short parts count as whole words only: not every text with LEE in it is about Mr Lee."""
    if not parts:
        return None
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    choices = [
        re.escape(part)
        if len(part) >= _TELLING_ANYWHERE
        else rb"(?<![A-Z0-9])%s(?![A-Z0-9])" % re.escape(part)
        for part in longest_first
    ]
    return re.compile(b"|".join(choices), re.IGNORECASE)
