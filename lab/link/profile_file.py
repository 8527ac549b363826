"""A profile file: the TOML form of a Profile. docs/profiles.md tells people what each key means.

description = "two hospitals over MPLS"
source = "where the figures come from"
assumed = ["loss", "up.rate"]  # keys that no source gives
aliases = ["mpls"]     # other names it is found by
seed = 7               # the fate of each packet; left out: drawn when the profile is applied
repeat = true          # with phases: from the first again after the last
[down]                 # PACS to client: images. The keys are those of lab.link.link_keys
rate = "100mbit"
delay = "10ms"         # one way
[up]                   # client to PACS; left out: the same as down
[[phases]]             # the path changes over time: two or more
name = "narrow"
lasts = "3s"
[phases.down]          # what differs from [down] meanwhile
rate = "10mbit"
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.errors import UsageProblem
from lab.link.link_keys import carries, known_table, link_of, read_table, shown
from lab.link.profile_phases import phases_of
from lab.model.profile import Phase, Profile

_PROFILE_KEYS = ("description", "source", "assumed", "aliases", "seed", "repeat", "down", "up", "phases")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class ProfileFile:
    """A profile as it stands in its file, and the other names it is found by."""

    file: str
    profile: Profile
    aliases: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (self.profile.name, *self.aliases)


def profile_file_from_toml(name: str, document: Mapping[str, Any], file: str) -> ProfileFile:
    """A parsed TOML document. Raises UsageProblem naming the file and the key."""
    profile = profile_from_toml(name, document, file)
    return ProfileFile(file=file, profile=profile, aliases=_aliases(document, file))


def profile_from_toml(name: str, document: Mapping[str, Any], file: str) -> Profile:
    """The Profile in a parsed TOML document. Raises UsageProblem naming the file and the key."""
    known_table(document, _PROFILE_KEYS, file)
    down = read_table(document.get("down", {}), f"{file} [down]")
    up = read_table(document["up"], f"{file} [up]") if "up" in document else down
    phases = phases_of(document["phases"], down, up, file) if "phases" in document else ()
    profile = Profile(
        name=name,
        description=_text(document, "description", file),
        source=_text(document, "source", file),
        assumed=_assumed(document, file),
        down=phases[0].down if phases else link_of(down, f"{file} [down]"),
        up=phases[0].up if phases else link_of(up, f"{file} [up]"),
        phases=phases,
        repeat=_repeat(document, file),
        seed=_seed(document, file),
    )
    check_carries(profile, file)
    return profile


def check_carries(profile: Profile, place: str) -> None:
    """Something must arrive, at least now and then. Raises UsageProblem."""
    stretches: tuple[Profile | Phase, ...] = profile.phases or (profile,)
    if not any(carries(one.down) and carries(one.up) for one in stretches):
        msg = f"{place}: a link that loses everything carries no study"
        raise UsageProblem(
            msg, "write a loss and a corrupt below 100%, at least in one of two or more phases"
        )


def _text(document: Mapping[str, Any], key: str, file: str) -> str:
    value = document.get(key)
    if not isinstance(value, str):
        wrong = "is missing" if value is None else f"= {shown(value)} is not a text"
        msg = f"{file}: {key} {wrong}"
        raise UsageProblem(msg, f'add {key} = "..."')
    return value


def _texts(document: Mapping[str, Any], key: str, file: str) -> tuple[str, ...]:
    value = document.get(key, [])
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        msg = f"{file}: {key} = {shown(value)} is not a list of names"
        raise UsageProblem(msg, f'write {key} = ["..."], or leave it out')
    return tuple(value)


def _assumed(document: Mapping[str, Any], file: str) -> tuple[str, ...]:
    names = _texts(document, "assumed", file)
    has = _what_is_set(document)
    for name in names:
        if name not in has:
            msg = f"{file}: assumed names {name!r}, which the file does not set"
            raise UsageProblem(msg, f"set here: {', '.join(sorted(has)) or 'nothing'}")
    return names


def _what_is_set(document: Mapping[str, Any]) -> set[str]:
    """Keys of links that it sets: alone, with their half, of phases; "lasts" where there are phases."""
    phases = document.get("phases", [])
    found = {"lasts"} if phases else set()
    for table in (document, *phases):
        down = table.get("down", {})
        up = table.get("up", down if table is document else {})
        found |= {f"down.{key}" for key in down} | {f"up.{key}" for key in up} | {*down, *up}
        if table is not document:
            found |= {f"phases.{key}" for key in {*down, *up}}
    return found


def _aliases(document: Mapping[str, Any], file: str) -> tuple[str, ...]:
    names = _texts(document, "aliases", file)
    for name in names:
        if not _NAME.fullmatch(name) or name.endswith(".toml"):
            msg = f"{file}: aliases names {shown(name)}, which cannot be a profile's name"
            raise UsageProblem(msg, "allowed: letters, digits, . _ and -, a letter or digit first")
    return names


def _repeat(document: Mapping[str, Any], file: str) -> bool:
    value = document.get("repeat", True)
    if not isinstance(value, bool):
        msg = f"{file}: repeat = {shown(value)} is not a choice"
        raise UsageProblem(msg, "allowed: true, false")
    if "repeat" in document and "phases" not in document:
        msg = f"{file}: repeat needs phases"
        raise UsageProblem(msg, "add [[phases]], or leave repeat out")
    return value


def _seed(document: Mapping[str, Any], file: str) -> int | None:
    value = document.get("seed")
    if value is not None and (type(value) is not int or not 0 <= value < 2**63):
        msg = f"{file}: seed = {shown(value)} is not a seed"
        raise UsageProblem(msg, "allowed: a whole number from 0 to 2^63 - 1")
    return value
