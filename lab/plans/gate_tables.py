"""The gates of a plan: a list of texts, or tables that also say for which cases."""

import dataclasses
from collections.abc import Sequence

from lab.link.link_keys import shown
from lab.model.case import Case
from lab.model.plan import Gate
from lab.plans.gate_text import gate_from_text
from lab.plans.keys import known_keys, parsed, refuse
from lab.statistics.possible import Values, fits, possible
from lab.statistics.results import CaseKey

_OF_A_KERNEL = ("what the kernel calls it, such as cubic",)
FILTERS = tuple(field.name for field in dataclasses.fields(CaseKey))


def gates_from_toml(toml: str, file: str) -> tuple[Gate, ...]:
    """Of a file with ``gates`` and nothing else, for records of whatever cases. Raises UsageProblem."""
    table = known_keys(parsed(toml, file), ("gates",), file)
    if not table.get("gates"):
        refuse(f"{file} has no gates", 'write gates = ["first_image.p95 < 500 ms"]')
    return gates_of(table["gates"], (), file)


def gates_of(tables: object, cases: Sequence[Case], file: str) -> tuple[Gate, ...]:
    """Each of them a text, or a table of ``require`` and fields of CaseKey; ``cases`` may be unknown: ().

    Raises:
        UsageProblem: one is wrong, or is for no case of the plan: it would be passed whatever comes.
    """
    if not isinstance(tables, list):
        refuse(f"{file}: gates = {shown(tables)} is not a list", 'write gates = ["..."] or [[gates]]')
    return tuple(_gate(one, cases, f"{file} gate {number}") for number, one in enumerate(tables, 1))


def _gate(raw: object, cases: Sequence[Case], place: str) -> Gate:
    if isinstance(raw, str):
        return gate_from_text(raw, {}, place)
    table = known_keys(raw, ("require", *FILTERS), place)
    if "require" not in table:
        refuse(f"{place}: require is missing", 'add require = "first_image.p95 < 500 ms"')
    only = {name: _wanted(value, f"{place} {name}") for name, value in table.items() if name != "require"}
    gate = gate_from_text(table["require"], only, place)
    _check_is_for_some(gate, cases, place)
    return gate


def _wanted(value: object, place: str) -> str:
    if not isinstance(value, str | int):
        refuse(f"{place} = {shown(value)} is not a value of a case", "write it as lab bench plan shows it")
    return str(value)


def _check_is_for_some(gate: Gate, cases: Sequence[Case], place: str) -> None:
    known = [possible(case) for case in cases]
    asked = {name: value for name, value in gate.only.items() if known and name in known[0]}
    if not known or any(all(fits(value, one[name]) for name, value in asked.items()) for one in known):
        return
    wanted = " and ".join(f"{name} {value}" for name, value in asked.items())
    remedy = "; ".join(f"{name} is {_allowed([one[name] for one in known])}" for name in asked)
    refuse(f"{place} is for {wanted}, which no case of the plan is", f"here {remedy}")


def _allowed(known: Sequence[Values]) -> str:
    found = {value for values in known for value in (_OF_A_KERNEL if values is None else values)}
    return " or ".join(sorted(found))
