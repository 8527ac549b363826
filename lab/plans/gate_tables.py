"""The gates of a plan: a list of texts, or tables that also say for which cases."""

import dataclasses
from collections.abc import Mapping, Sequence

from lab.link.link_keys import shown
from lab.model.case import Case
from lab.model.plan import Gate
from lab.plans.gate_text import gate_from_text
from lab.plans.keys import known_keys, parsed, refuse
from lab.statistics.results import CaseKey, settings_text

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
    known = [_known_of(case) for case in cases]
    if not known:
        return
    asked = {name: value for name, value in gate.only.items() if name in known[0]}
    if not any(asked.items() <= one.items() for one in known):
        wanted = " and ".join(f"{name} {value}" for name, value in asked.items())
        there = {name: sorted({one[name] for one in known}) for name in asked}
        remedy = "; ".join(f"{name} is {' or '.join(values)}" for name, values in there.items())
        refuse(f"{place} is for {wanted}, which no case of the plan is", f"here {remedy}")


def _known_of(case: Case) -> Mapping[str, str]:
    """What is known of a case before it has run, by field of CaseKey."""
    return {
        "study": case.study,
        "method": case.method,
        "profile": case.profile.name if case.profile else "",
        "level": case.level,
        "max_pdu": str(case.max_pdu_bytes),
        "parallel": str(case.parallel),
        "ack": case.ack,
        "cache": case.cache,
        "orthanc": settings_text(case),
        **({} if case.tls is None else {"tls": str(case.tls)}),
    }
