"""A link said on the command line, alone or over a profile."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from lab.errors import UsageProblem
from lab.link.link_keys import Values, link_of, read_table, read_value, write_table
from lab.link.profile_file import check_carries
from lab.model.profile import DISTRIBUTIONS, Link, Phase, Profile

F = TypeVar("F", bound=Callable[..., Any])
_Kind = click.ParamType[Any] | type | None
_OPTIONS: Mapping[str, tuple[_Kind, str, str]] = {
    "rate": (None, "RATE", "Layer-2 rate: 50mbit."),
    "delay": (None, "TIME", "One-way delay: 20ms."),
    "jitter": (None, "TIME", "Standard deviation of the delay: 1ms."),
    "distribution": (click.Choice(DISTRIBUTIONS), "", "Shape of the jitter.  [default: normal]"),
    "loss": (None, "SHARE", "Packets lost: 0.5%."),
    "loss_burst": (float, "PACKETS", "Mean length of a run of lost packets.  [default: 1]"),
    "duplicate": (None, "SHARE", "Packets that arrive twice."),
    "corrupt": (None, "SHARE", "Packets with a bit flipped."),
    "reorder": (None, "SHARE", "Packets that overtake those that wait for the delay."),
    "buffer": (None, "TIME", "Queue before the rate, at that rate.  [default: 100ms]"),
}


def link_options(command: F) -> F:
    """Add --rate, --delay and the other keys of a link; the command gets those given as ``link: dict``."""

    @functools.wraps(command)
    def gathered(*args: Any, **kwargs: Any) -> Any:
        told = {key: kwargs.pop(key) for key in _OPTIONS}
        return command(*args, link={key: one for key, one in told.items() if one is not None}, **kwargs)

    wrapped: Any = gathered
    for key, (kind, metavar, words) in reversed(list(_OPTIONS.items())):
        name = f"--{key.replace('_', '-')}"
        wrapped = click.option(name, key, type=kind, metavar=metavar or None, help=words)(wrapped)
    return wrapped  # type: ignore[no-any-return]


def adhoc_profile(base: Profile | None, link: Mapping[str, Any]) -> Profile:
    """What ``link_options`` gathered, on both halves: over a profile (on each of its phases) or a plain wire.

    Without any option it is the profile itself. Raises UsageProblem, as a profile file would.
    """
    if not link:
        return base or _nothing_said()
    values = {key: read_value(key, value, _option(key)) for key, value in link.items()}
    plain = Profile(name="given", description="a link", down=Link(), up=Link(), source="")
    profile = _changed(base or plain, values)
    check_carries(profile, "the command line")
    said = " ".join(f"{_option(key)} {value}" for key, value in link.items())
    return dataclasses.replace(
        profile,
        name=f"{base.name}+changed" if base else "given",
        description=f"{profile.description}, with {said}",
        source=f"given on the command line{f', over: {base.source}' if base else ''}",
        assumed=tuple(name for name in profile.assumed if name.rpartition(".")[2] not in link),
    )


def _nothing_said() -> Profile:
    msg = "neither a profile nor a link is given"
    raise UsageProblem(msg, "name a profile (lab net list), or say --delay, --rate, --loss ...")


def _changed(profile: Profile, values: Values) -> Profile:
    phases = tuple(_with(phase, values) for phase in profile.phases)
    changed = _with(profile, values)
    return dataclasses.replace(changed, phases=phases)


Stretch = TypeVar("Stretch", Profile, Phase)


def _with(stretch: Stretch, values: Values) -> Stretch:
    down, up = _over(stretch.down, values), _over(stretch.up, values)
    return dataclasses.replace(stretch, down=down, up=up)


def _over(link: Link, values: Values) -> Link:
    place = "the command line"
    return link_of({**read_table(write_table(link), place), **values}, place)


def _option(key: str) -> str:
    return f"--{key.replace('_', '-')}"
