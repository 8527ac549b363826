"""A Profile as the text of a profile file, which is read back as the same Profile."""

import json
from collections.abc import Mapping, Sequence

from lab.link.link_keys import write_table
from lab.link.schedule import half
from lab.model.profile import Phase, Profile
from lab.units import exact_time

_Table = Mapping[str, str | float]


def profile_to_toml(profile: Profile) -> str:
    """The text of its file, without its name."""
    stretches: Sequence[Profile | Phase] = profile.phases or (profile,)
    downs = [_written(stretch, "down", profile.assumed) for stretch in stretches]
    ups = [_written(stretch, "up", profile.assumed) for stretch in stretches]
    down, up = _common(downs), _common(ups)
    blocks = [_head(profile)]
    blocks += _block("[down]", down) if down else []
    blocks += _block("[up]", up) if up != down else []
    for phase, own_down, own_up in zip(profile.phases, downs, ups, strict=False):
        blocks += _block("[[phases]]", {"name": phase.name, "lasts": exact_time(phase.lasts_s)})
        blocks += _block("[phases.down]", _without(own_down, down)) if own_down != down else []
        blocks += _block("[phases.up]", _without(own_up, up)) if own_up != up else []
    return "\n".join(blocks)


def _head(profile: Profile) -> str:
    lines = [f"description = {_value(profile.description)}", f"source = {_value(profile.source)}"]
    if profile.assumed:
        lines.append(f"assumed = [{', '.join(_value(name) for name in profile.assumed)}]")
    if profile.seed is not None:
        lines.append(f"seed = {profile.seed}")
    if profile.phases and not profile.repeat:
        lines.append("repeat = false")
    return "\n".join(lines) + "\n"


def _written(stretch: Profile | Phase, direction: str, assumed: Sequence[str]) -> _Table:
    """One half; a key that is assumed must stand there even where it says nothing new."""
    named = {name.removeprefix(f"{direction}.") for name in assumed}
    return write_table(half(stretch, direction), named)


def _common(tables: Sequence[_Table]) -> _Table:
    """What all of them set alike, in the first one's order."""
    return {
        key: value for key, value in tables[0].items() if all(other.get(key) == value for other in tables)
    }


def _without(table: _Table, base: _Table) -> _Table:
    return {key: value for key, value in table.items() if key not in base}


def _block(title: str, table: _Table) -> list[str]:
    return ["\n".join([title, *(f"{key} = {_value(value)}" for key, value in table.items())]) + "\n"]


def _value(value: str | float) -> str:
    """JSON's strings are TOML's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
