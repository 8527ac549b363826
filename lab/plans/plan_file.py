"""A plan file: the TOML form of a Plan. docs/plans.md tells people what each key means.

description = "what the clinic's line does to a study"
source = "why these cases"
studies = ["reference"]              # every study over every profile by every method with every knob
profiles = ["baseline", "./clinic.toml"]
methods = ["c-move", "lab"]          # left out: c-move
gates = ["first_image.p95 < 500 ms"] # or [[gates]], to say for which cases; lab.plans.gate_tables
[knobs]                              # lab.plans.knobs
max_pdu = [16384, 131072]
[repeats]                            # lab.plans.running
at_least = 5
at_most = 20
within = "5%"
budget = "120s"
[order]
how = "interleaved"
seed = 1
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.errors import UsageProblem
from lab.link.link_keys import shown
from lab.model.case import METHODS, MOVE
from lab.model.plan import Plan
from lab.model.profile import Profile
from lab.plans.cases import cases_of
from lab.plans.gate_tables import gates_of
from lab.plans.keys import different, known_keys, listed, one_of, parsed, refuse, text
from lab.plans.knobs import knobs_of
from lab.plans.running import order_of, repeats_of

PLAN_KEYS = (
    *("description", "source", "studies", "profiles", "methods"),
    *("gates", "knobs", "repeats", "order"),
)


def plan_from_toml(name: str, toml: str, file: str, profile_of: Callable[[str], Profile]) -> Plan:
    """The Plan that the text of a file says.

    Args:
        name: the plan's.
        toml: the text.
        file: what to call the file where it is wrong.
        profile_of: the profile of that name, or at that path; raises UsageProblem.

    Raises:
        UsageProblem: naming the file, the key, the value and what is allowed.
    """
    document = known_keys(parsed(toml, file), PLAN_KEYS, file)
    profiles = _profiles(document, file, profile_of)
    repeats = repeats_of(document.get("repeats", {}), f"{file} [repeats]")
    order, seed = order_of(document.get("order", {}), f"{file} [order]")
    cases = cases_of(
        _names(document, "studies", file),
        profiles,
        _methods(document, file),
        knobs_of(document.get("knobs", {}), f"{file} [knobs]"),
        repeats,
        file,
    )
    return Plan(
        name=name,
        description=text(document, "description", file),
        source=text(document, "source", file),
        cases=cases,
        repeats=repeats,
        order=order,
        seed=seed,
        gates=gates_of(document.get("gates", []), cases, file),
        sha256=_digest(toml, profiles),
    )


def description_from_toml(toml: str, file: str) -> str:
    """Of a plan that may not be complete yet. Raises UsageProblem."""
    return text(parsed(toml, file), "description", file)


def _names(document: Mapping[str, Any], key: str, file: str) -> tuple[str, ...]:
    if key not in document:
        refuse(f"{file}: {key} is missing", f'add {key} = ["..."]')
    names = listed(document[key], f"{file}: {key}")
    for name in names:
        if not isinstance(name, str) or not name.strip():
            refuse(f"{file}: {key} has {shown(name)}, which is no name", f'write {key} = ["..."]')
    return different(names, f"{file}: {key}")


def _methods(document: Mapping[str, Any], file: str) -> tuple[str, ...]:
    names = listed(document.get("methods", [MOVE]), f"{file}: methods")
    return different([one_of(name, f"{file}: methods", METHODS) for name in names], f"{file}: methods")


def _profiles(
    document: Mapping[str, Any], file: str, profile_of: Callable[[str], Profile]
) -> tuple[Profile, ...]:
    """Records tell profiles apart by their names alone, so no two may have one name."""
    found = tuple(_profile(name, file, profile_of) for name in _names(document, "profiles", file))
    names = [profile.name for profile in found]
    for name in names:
        if names.count(name) > 1:
            refuse(f"{file}: profiles has {name!r} twice, by different names or paths", "write it once")
    return found


def _profile(name: str, file: str, profile_of: Callable[[str], Profile]) -> Profile:
    try:
        return profile_of(name)
    except UsageProblem as error:
        msg = f"{file}: profiles names {name!r}: {error.message}"
        raise UsageProblem(msg, error.remedy) from None


def _digest(toml: str, profiles: Sequence[Profile]) -> str:
    """Of the text and of the profiles it names, so that a profile that was changed makes another plan."""
    contents = [toml, *(dataclasses.asdict(profile) for profile in profiles)]
    return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()
