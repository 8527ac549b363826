"""Runs inside the guest: profiles by netem and by the emulator, each read back, probed, and a C-MOVE over it.

    python3 -m tests.netem.profiles_guest NAME...

Prints one JSON line for each profile and shaper, and one for each wire when it is cleared.
"""

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from lab.link.ping import median_rtt_ms
from lab.model.hop import Hop
from lab.model.plain import to_json
from lab.model.profile import Link, Profile
from lab.model.verdict import Measured
from lab.system import store
from tests.netem.timed_move import timed_move
from tests.netem.wire import Wire
from tests.netem.wire_load import dataset_bytes, seconds
from tests.netem.wire_probe import measure

NETEM, TUN = "netem", "tun"
WIRES = {NETEM: Wire(1), TUN: Wire(2)}
CLEARED = "baseline"
_SHORT = Link(delay_s=5e-3)
_BARE = Profile(name="bare", description="5 ms", down=_SHORT, up=_SHORT, source="made for this")
_PINGS = 50


@dataclass(frozen=True, kw_only=True)
class Found:
    """A profile by a shaper: what the hosts report, what probes found, and what instances of C-MOVEs took.

    ``instances_s`` is from the end of an instance to the end of the next: connecting is left out;
    ``own_ms`` what a round trip costs this guest's CPU, by two emulators that only delay.
    """

    profile: str
    shaper: str
    hops: dict[str, Hop]
    measured: Measured | None = None
    instances_s: list[float] = field(default_factory=list)
    own_ms: float = 0.0


def main() -> None:
    for wire in WIRES.values():
        wire.lay()
    clear = WIRES[TUN].hops()
    own_ms = _own_ms(clear)
    for name in sys.argv[1:]:
        for found in _found(store.profile(name), clear):
            print(to_json(replace(found, own_ms=own_ms)), flush=True)
    for shaper, wire in WIRES.items():
        wire.clear()
        print(to_json(Found(profile=CLEARED, shaper=shaper, hops=wire.hops())), flush=True)


def _own_ms(clear: dict[str, Hop]) -> float:
    wire = WIRES[TUN]
    with wire.emulated(_BARE, clear):
        return (median_rtt_ms(wire.ping(_PINGS)) or math.inf) - _BARE.rtt_s * 1e3


def _found(profile: Profile, clear: dict[str, Hop]) -> Iterator[Found]:
    """By netem straight over the profile before it: what that has set must not stay."""
    wire = WIRES[NETEM]
    wire.shape(profile)
    yield _measured(wire, profile, NETEM)
    wire = WIRES[TUN]
    with wire.emulated(profile, clear):
        yield _measured(wire, profile, TUN)


def _measured(wire: Wire, profile: Profile, shaper: str) -> Found:
    return Found(
        profile=profile.name,
        shaper=shaper,
        hops=wire.hops(),
        measured=measure(wire, profile, seconds(profile)),
        instances_s=_moved(wire, profile),
    )


def _moved(wire: Wire, profile: Profile) -> list[float]:
    ends_s = timed_move(wire, dataset_bytes(profile)).arrivals.end_s
    return [after - before for before, after in pairwise(ends_s)]


if __name__ == "__main__":
    main()
