"""The [knobs] of a plan: what is set for a transfer beside its study, profile and method.

Each takes a value or a list of them, and every combination is a case. By a method that does not have a
knob the case has a value that stands for that, so that the knob multiplies nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from lab.link.link_keys import shown
from lab.model.case import CACHES, METHODS, MOVE, WARM
from lab.model.link_state import AUTO, KERNELS_OWN
from lab.model.store import LAB, STORESCU
from lab.plans.keys import different, known_keys, listed, one_of, refuse, whole_number
from lab.plans.orthanc_settings import orthanc_settings

SMALLEST_MAX_PDU_BYTES, LARGEST_MAX_PDU_BYTES = 4096, 1 << 20  # as lab bench move --max-pdu takes them
LARGEST_OF_STORESCU_BYTES = 131072  # storescu --max-send-pdu
_NO_LIMIT, _NONE_AT_ALL = 0, -1
_CONGESTION_CONTROL = re.compile(r"[a-z][a-z0-9_-]{0,14}")  # shorter than the kernel's TCP_CA_NAME_MAX

Setting = int | str | None


def _max_pdu(value: object, place: str) -> int:
    number = whole_number(value, place, _NO_LIMIT, LARGEST_MAX_PDU_BYTES)
    if _NO_LIMIT < number < SMALLEST_MAX_PDU_BYTES:
        allowed = f"allowed: {SMALLEST_MAX_PDU_BYTES} to {LARGEST_MAX_PDU_BYTES} bytes, or 0 for no limit"
        refuse(f"{place} = {number} is too small", allowed)
    return number


def _congestion_control(value: object, place: str) -> str:
    if not isinstance(value, str) or not _CONGESTION_CONTROL.fullmatch(value):
        allowed = "allowed: cubic, reno, bbr or another of the kernel's names; kernel, auto"
        refuse(f"{place} = {shown(value)} is no congestion control", allowed)
    return value


def _tls(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        refuse(f"{place} = {shown(value)} is neither true nor false", "allowed: true, false, [true, false]")
    return value


def _level(value: object, place: str) -> str:
    return one_of(value, place, ("study", "patient")).upper()


@dataclass(frozen=True, kw_only=True)
class Knob:
    """A key of [knobs].

    Attributes:
        read: its value as a case has it, from the one in the file and the place to blame.
        default: where the plan does not say.
        methods: those that have it.
        otherwise: the value by any other method.
        alone: values that stand for another one, which the hosts decide, so that none can stand beside them.
    """

    read: Callable[[object, str], Setting]
    default: Setting
    methods: tuple[str, ...] = METHODS
    otherwise: Setting = ""
    alone: tuple[str, ...] = ()


KNOBS: Mapping[str, Knob] = {
    "orthanc": Knob(read=orthanc_settings, default=""),
    "tls": Knob(read=_tls, default=None, methods=(MOVE, LAB, STORESCU), otherwise=None),
    "shaper": Knob(read=partial(one_of, allowed=(AUTO, "netem", "tun")), default=AUTO, alone=(AUTO,)),
    "congestion_control": Knob(read=_congestion_control, default=AUTO, alone=(AUTO, KERNELS_OWN)),
    "cache": Knob(read=partial(one_of, allowed=CACHES), default=WARM),
    "level": Knob(read=_level, default="STUDY", methods=(MOVE,)),
    "max_pdu": Knob(read=_max_pdu, default=131072, methods=(MOVE, LAB, STORESCU), otherwise=_NONE_AT_ALL),
    "parallel": Knob(read=partial(whole_number, least=1, most=64), default=1),
    "ack": Knob(read=partial(one_of, allowed=("quick", "delayed")), default="quick", methods=(MOVE,)),
}


def knobs_of(table: object, place: str) -> dict[str, tuple[Setting, ...]]:
    """The values of every knob, in the order of KNOBS. Raises UsageProblem naming the place."""
    known = known_keys(table, KNOBS, place)
    return {
        name: _values(name, known[name], f"{place} {name}") if name in known else (knob.default,)
        for name, knob in KNOBS.items()
    }


def _values(name: str, value: object, place: str) -> tuple[Setting, ...]:
    knob = KNOBS[name]
    values = different([knob.read(one, place) for one in listed(value, place)], place)
    for one in values:
        if one in knob.alone and len(values) > 1:
            remedy = f"name each, without {one}; or write {one} alone"
            refuse(f"{place} has {one} beside others, of which it may be one", remedy)
    return values
