"""How values of a plan file are read, and refused: with the file, the key, the value and what is allowed."""

import tomllib
from collections.abc import Collection, Hashable, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

from lab.errors import UsageProblem
from lab.link.link_keys import shown

Value = TypeVar("Value", bound=Hashable)
PAGE = "docs/plans.md"


def refuse(message: str, remedy: str) -> NoReturn:
    """Raises UsageProblem."""
    raise UsageProblem(message, remedy)


def parsed(toml: str, file: str) -> Mapping[str, Any]:
    """The tables of a TOML text. Raises UsageProblem."""
    try:
        return tomllib.loads(toml)
    except (ValueError, RecursionError) as error:  # not TOML, digits or brackets without end
        return refuse(f"{file}: {error}", "mend the TOML there")


def known_keys(table: object, allowed: Collection[str], place: str) -> Mapping[str, Any]:
    """The table, when it is one and has no other keys. Raises UsageProblem with the nearest key there is."""
    if not isinstance(table, Mapping):
        refuse(f"{place} is {shown(table)}, not a table", f"write it as in {PAGE}")
    for key in table:
        if key not in allowed:
            refuse(f"{place}: unknown key {key!r}", f"{meant(key, allowed)}known here: {', '.join(allowed)}")
    return table


def meant(word: str, known: Collection[str]) -> str:
    """ "did you mean lan-1g? ", or nothing where no known word is near."""
    near = get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}? " if near else ""


def text(table: Mapping[str, Any], key: str, place: str) -> str:
    """A text that has to be there. Raises UsageProblem."""
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        wrong = "is missing" if value is None else f"= {shown(value)} is not a text"
        refuse(f"{place}: {key} {wrong}", f'add {key} = "..."')
    return value


def one_of(value: object, place: str, allowed: Collection[str]) -> str:
    """One of some words. Raises UsageProblem."""
    if not isinstance(value, str) or value not in allowed:
        nearest = meant(value, allowed) if isinstance(value, str) else ""
        refuse(f"{place} = {shown(value)} is not known", f"{nearest}allowed: {', '.join(allowed)}")
    return value


def whole_number(value: object, place: str, least: int, most: int) -> int:
    """From ``least`` to ``most``. Raises UsageProblem."""
    if type(value) is not int or not least <= value <= most:
        allowed = f"allowed: a whole number from {least} to {most}, without quotes"
        refuse(f"{place} = {shown(value)} is not allowed", allowed)
    return value


def listed(value: object, place: str) -> list[Any]:
    """A list of one at least; a single value stands for a list of it. Raises UsageProblem."""
    values = value if isinstance(value, list) else [value]
    if not values:
        refuse(f"{place} is an empty list", "write one value at least, or leave the key out")
    return values


def different(values: list[Value], place: str) -> tuple[Value, ...]:
    """The values, when none is there twice: that would be a slip. Raises UsageProblem."""
    for value in values:
        if values.count(value) > 1:
            refuse(f"{place} names {shown(value)} twice", "write each value once")
    return tuple(values)
