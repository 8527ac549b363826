"""Dataclasses as plain JSON values, and back."""

import dataclasses
import json
from typing import Any, TypeVar

import msgspec

Noun = TypeVar("Noun")
NotOfThatKind = msgspec.MsgspecError


def to_json(noun: object) -> str:
    """One line of JSON of a dataclass."""
    return json.dumps(dataclasses.asdict(noun))  # type: ignore[call-overload]


def from_plain(kind: type[Noun], plain: Any) -> Noun:
    """A dataclass, with those it holds, from what ``dataclasses.asdict`` made of it. Raises NotOfThatKind."""
    return msgspec.convert(plain, kind)


def from_json(kind: type[Noun], text: str | bytes) -> Noun:
    """As ``from_plain``, from JSON text."""
    return msgspec.json.decode(text, type=kind)
