"""The [[phases]] of a profile file: how the path changes over time."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from lab.errors import UsageProblem
from lab.link.link_keys import Values, known_table, link_of, quantity, read_table, shown
from lab.model.profile import Phase
from lab.units import parse_time_s

_PHASE_KEYS = ("name", "lasts", "down", "up")
_MOST_PHASES = 1000
_lasting = partial(quantity, parse_time_s, "1ms", "86400s", '"3s"')


def phases_of(tables: object, down: Values, up: Values, file: str) -> tuple[Phase, ...]:
    """Each phase is the profile's halves with what the phase changes in them. Raises UsageProblem."""
    if not isinstance(tables, list | tuple) or not 2 <= len(tables) <= _MOST_PHASES:
        msg = f"{file}: phases are not a list of two or more"
        raise UsageProblem(msg, f"write [[phases]] twice or more, at most {_MOST_PHASES} times")
    place = f"{file} [[phases]] number"
    phases = tuple(_phase(table, down, up, f"{place} {number}") for number, table in enumerate(tables, 1))
    names = [phase.name for phase in phases]
    for name in names:
        if names.count(name) > 1:
            msg = f"{file}: two phases are called {name!r}"
            raise UsageProblem(msg, "give each a name of its own")
    return phases


def _phase(raw: object, down: Values, up: Values, place: str) -> Phase:
    table = known_table(raw, _PHASE_KEYS, place)
    changed_down = read_table(table.get("down", {}), f"{place} [phases.down]")
    changed_up = read_table(table.get("up", {}), f"{place} [phases.up]")
    return Phase(
        name=_name(table, place),
        lasts_s=_lasting(table.get("lasts"), f"{place} lasts") if "lasts" in table else _no_end(place),
        down=link_of({**down, **changed_down}, f"{place} [phases.down] over [down]"),
        up=link_of({**up, **changed_up}, f"{place} [phases.up] over [up]"),
    )


def _name(table: Mapping[str, Any], place: str) -> str:
    name = table.get("name")
    if not isinstance(name, str) or not name.strip():
        msg = f"{place}: name = {shown(name)} is not a name"
        raise UsageProblem(msg, 'add name = "..."')
    return name


def _no_end(place: str) -> float:
    msg = f"{place}: lasts is missing"
    raise UsageProblem(msg, 'add lasts = "3s"')
