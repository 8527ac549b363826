"""Dataclasses as plain JSON values, and back."""

import dataclasses
import json
import threading
from typing import Any, TypeVar

import msgspec

Noun = TypeVar("Noun")
NotOfThatKind = msgspec.MsgspecError
_one_at_a_time = threading.Lock()  # two threads that see a class for the first time crash msgspec 0.22.0


def to_json(noun: object) -> str:
    """One line of JSON of a dataclass."""
    return json.dumps(dataclasses.asdict(noun))  # type: ignore[call-overload]


def from_plain(kind: type[Noun], plain: Any) -> Noun:
    """A dataclass, with those it holds, from what ``dataclasses.asdict`` made of it. Raises NotOfThatKind."""
    with _one_at_a_time:
        return msgspec.convert(plain, kind)


def from_json(kind: type[Noun], text: str | bytes) -> Noun:
    """As ``from_plain``, from JSON text."""
    with _one_at_a_time:
        return msgspec.json.decode(text, type=kind)
