"""The classes that records are made of, by their type hints."""

import dataclasses
import typing
from collections.abc import Iterator
from typing import Any

from lab.model.record import Record
from lab.model.store_record import StoreRecord


def parts_of(hint: Any) -> Iterator[Any]:
    """A type and those inside it: dict[str, Link] has dict[str, Link], str and Link."""
    yield hint
    for inner in typing.get_args(hint):
        yield from parts_of(inner)


def hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def record_classes() -> list[type]:
    found: dict[type, None] = {}

    def walk(kind: type) -> None:
        if kind not in found:
            found[kind] = None
            for part in (part for hint in hints(kind).values() for part in parts_of(hint)):
                if dataclasses.is_dataclass(part) and isinstance(part, type):
                    walk(part)

    walk(Record)
    walk(StoreRecord)
    return list(found)
