"""The keys of one direction in a profile file and on the command line: how each is read and written."""

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from lab.errors import UsageProblem
from lab.model.profile import DISTRIBUTIONS, Link
from lab.units import exact_rate, exact_ratio, exact_time, parse_rate_bit_s, parse_ratio, parse_time_s

Values = Mapping[str, Any]  # what is set, by key, in base units
_LONGEST_BURST_PACKETS = 10_000


@dataclass(frozen=True)
class _Key:
    """A key: the field of Link it sets, how its value is read (with the place to blame) and written."""

    field: str
    read: Callable[[object, str], float | str]
    write: Callable[[Any], str | float]


def quantity(
    parse: Callable[[str], float], least: str, most: str, units_as: str, value: object, place: str
) -> float:
    """A number with its unit, within bounds. Raises UsageProblem naming the place."""
    if not isinstance(value, str):
        msg = f"{place} = {shown(value)} has no unit"
        raise UsageProblem(msg, f"write it in quotes with its unit, such as {units_as}")
    try:
        found = parse(value)
    except UsageProblem as error:
        msg = f"{place}: {error.message}"
        raise UsageProblem(msg, error.remedy) from None
    if not parse(least) <= found <= parse(most):
        msg = f"{place}: {value!r} is out of range"
        raise UsageProblem(msg, f"allowed: {least} to {most}")
    return found


def _distribution(value: object, place: str) -> str:
    if value not in DISTRIBUTIONS:
        msg = f"{place} = {shown(value)} is no distribution of the lab's"
        raise UsageProblem(msg, f"allowed: {', '.join(DISTRIBUTIONS)}")
    return str(value)


def _burst(value: object, place: str) -> float:
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    if not 1 <= number <= _LONGEST_BURST_PACKETS:
        msg = f"{place} = {shown(value)} is not a mean number of packets"
        raise UsageProblem(msg, f"write a number of packets, 1 to {_LONGEST_BURST_PACKETS}, without quotes")
    return float(number)


def _whole_if_it_is(number: float) -> float:
    return int(number) if number == int(number) else number


_share = partial(quantity, parse_ratio, "0%", "100%", '"0.5%"')
_travel = partial(quantity, parse_time_s, "0s", "60s", '"20ms"')

# jitter: the kernel's sch_netem.c keeps it in 31 bits of nanoseconds; 100gbit is how netem is told "no limit"
KEYS: Mapping[str, _Key] = {
    "rate": _Key(
        "rate_bit_s", partial(quantity, parse_rate_bit_s, "8bit", "99gbit", '"100mbit"'), exact_rate
    ),
    "delay": _Key("delay_s", _travel, exact_time),
    "jitter": _Key("jitter_s", partial(quantity, parse_time_s, "0s", "2s", '"1ms"'), exact_time),
    "distribution": _Key("jitter_distribution", _distribution, str),
    "loss": _Key("loss_ratio", _share, exact_ratio),
    "loss_burst": _Key("loss_burst_packets", _burst, _whole_if_it_is),
    "duplicate": _Key("duplicate_ratio", _share, exact_ratio),
    "corrupt": _Key("corrupt_ratio", _share, exact_ratio),
    "reorder": _Key("reorder_ratio", _share, exact_ratio),
    "buffer": _Key("buffer_s", _travel, exact_time),
}
_NEEDS = {"distribution": "jitter", "loss_burst": "loss", "reorder": "delay", "buffer": "rate"}


def read_value(key: str, value: object, place: str) -> float | str:
    """The value of one key in base units. Raises UsageProblem naming the place."""
    return KEYS[key].read(value, place)


def read_table(table: object, place: str) -> Values:
    """The values of a table. Raises UsageProblem naming the place and the key."""
    known = known_table(table, KEYS, place)
    return {key: read_value(key, value, f"{place} {key}") for key, value in known.items()}


def link_of(values: Values, place: str) -> Link:
    """The Link that the values make together. Raises UsageProblem where they do not fit each other."""
    for key, needed in _NEEDS.items():
        if key in values and needed not in values:
            msg = f"{place}: {key} needs a {needed}"
            raise UsageProblem(msg, f"set {needed} too, or leave {key} out")
    link = _settled(Link(**{KEYS[key].field: value for key, value in values.items()}))
    _check(link, place)
    return link


def _settled(link: Link) -> Link:
    """One Link for one behaviour: no bursts where nothing or everything is lost, no shape of no jitter."""
    if link.loss_ratio in (0, 1):
        link = dataclasses.replace(link, loss_burst_packets=1.0)
    return link if link.jitter_s else dataclasses.replace(link, jitter_distribution="normal")


def _check(link: Link, place: str) -> None:
    most = link.loss_burst_packets / (1 + link.loss_burst_packets)
    if link.loss_burst_packets > 1 and link.loss_ratio > most:
        msg = f"{place}: bursts of {link.loss_burst_packets:g} packets cannot lose {link.loss_ratio:.1%}"
        raise UsageProblem(msg, f"make the bursts longer, or the loss at most {most:.1%}")
    if link.reorder_ratio and not link.delay_s:
        msg = f"{place}: reorder needs a delay, for a packet overtakes those that wait"
        raise UsageProblem(msg, "set a delay above 0")


def carries(link: Link) -> bool:
    """Whether anything arrives whole."""
    return link.loss_ratio < 1 and link.corrupt_ratio < 1


def write_table(link: Link, named: Collection[str] = ()) -> dict[str, str | float]:
    """The table that is read back as this Link: what differs from a perfect wire, and the keys ``named``."""
    wanted = {key for key, one in KEYS.items() if key in named or _of(link, one) != _of(Link(), one)}
    if link.rate_bit_s is None:
        wanted -= {"rate", "buffer"}
    wanted |= {_NEEDS[key] for key in wanted if key in _NEEDS}
    return {key: one.write(_of(link, one)) for key, one in KEYS.items() if key in wanted}


def _of(link: Link, key: _Key) -> Any:
    return getattr(link, key.field)


def known_table(table: object, allowed: Collection[str], place: str) -> Mapping[str, Any]:
    """The table, when it is one and has no other keys. Raises UsageProblem naming the place."""
    if not isinstance(table, Mapping):
        msg = f"{place} is {shown(table)}, not a table"
        raise UsageProblem(msg, "write it as in docs/profiles.md")
    for key in table:
        if key not in allowed:
            msg = f"{place}: unknown key {key!r}"
            raise UsageProblem(msg, f"known here: {', '.join(sorted(allowed))}")
    return table


def shown(value: object) -> str:
    """A value that is wrong, not longer than a line."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # digits or brackets without end
        return f"{type(value).__name__} without end"
    return text if len(text) < 60 else f"{text[:56]}..."
