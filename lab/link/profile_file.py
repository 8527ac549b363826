"""A profile file: the TOML form of a Profile.

description = "two hospitals over MPLS"
source = "where the figures come from"
assumed = ["loss"]
[down]                 # PACS to client: images
rate = "100mbit"
delay = "10ms"         # one way
jitter = "1ms"         # standard deviation
loss = "0.01%"
loss_burst = 1         # mean run of lost packets
buffer = "50ms"        # queue in front of the rate
[up]                   # client to PACS; left out: the same as down
"""

from collections.abc import Mapping
from typing import Any

from lab.errors import UsageProblem
from lab.model.profile import Link, Profile
from lab.units import parse_rate_bit_s, parse_ratio, parse_time_s

_LINK_KEYS = {
    "rate": ("rate_bit_s", parse_rate_bit_s),
    "delay": ("delay_s", parse_time_s),
    "jitter": ("jitter_s", parse_time_s),
    "loss": ("loss_ratio", parse_ratio),
    "buffer": ("buffer_s", parse_time_s),
}
_PROFILE_KEYS = {"description", "source", "assumed", "down", "up"}


def profile_from_toml(name: str, document: Mapping[str, Any], file: str) -> Profile:
    """The Profile in a parsed TOML document. Raises UsageProblem naming the file and the key."""
    _known_only(document, _PROFILE_KEYS, file)
    for key in ("description", "source"):
        if not isinstance(document.get(key), str):
            msg = f"{file}: {key} is missing"
            raise UsageProblem(msg, f'add {key} = "..."')
    down = _link(document.get("down", {}), f"{file} [down]")
    up = _link(document["up"], f"{file} [up]") if "up" in document else down
    return Profile(
        name=name,
        description=document["description"],
        source=document["source"],
        assumed=tuple(document.get("assumed", ())),
        down=down,
        up=up,
    )


def _link(table: Mapping[str, Any], place: str) -> Link:
    _known_only(table, {*_LINK_KEYS, "loss_burst"}, place)
    values: dict[str, float] = {}
    for key, (field, parse) in _LINK_KEYS.items():
        if key in table:
            values[field] = _parsed(parse, table[key], f"{place} {key}")
    if "loss_burst" in table:
        values["loss_burst_packets"] = _burst(table["loss_burst"], place)
    link = Link(**values)
    _check_loss(link, place)
    return link


def _check_loss(link: Link, place: str) -> None:
    most = link.loss_burst_packets / (1 + link.loss_burst_packets)
    if link.loss_burst_packets > 1 and link.loss_ratio > most:
        msg = f"{place}: bursts of {link.loss_burst_packets:g} packets cannot lose {link.loss_ratio:.1%}"
        raise UsageProblem(msg, f"make the bursts longer, or the loss at most {most:.1%}")
    if link.loss_ratio == 1:
        msg = f"{place}: a link that loses everything carries no study"
        raise UsageProblem(msg, "write a loss below 100%")


def _parsed(parse: Any, value: object, place: str) -> float:
    if not isinstance(value, str):
        msg = f"{place} = {value!r} has no unit"
        raise UsageProblem(msg, 'write it in quotes with its unit, such as "20ms", "100mbit" or "0.5%"')
    try:
        return float(parse(value))
    except UsageProblem as error:
        msg = f"{place}: {error.message}"
        raise UsageProblem(msg, error.remedy) from None


def _burst(value: object, place: str) -> float:
    if not isinstance(value, int | float) or value < 1:
        msg = f"{place} loss_burst = {value!r} is not a mean number of packets"
        raise UsageProblem(msg, "write a number of packets, 1 or more")
    return float(value)


def _known_only(table: Mapping[str, Any], allowed: set[str], place: str) -> None:
    for key in table:
        if key not in allowed:
            msg = f"{place}: unknown key {key!r}"
            raise UsageProblem(msg, f"known here: {', '.join(sorted(allowed))}")
