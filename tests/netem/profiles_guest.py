"""Runs inside the guest: profiles by netem and by the emulator, each verified, and a C-MOVE over each.

    python3 -m tests.netem.profiles_guest NAME...

Prints one JSON line for each profile and shaper.
"""

import sys
from dataclasses import dataclass

from lab.link.expect import StudySize, instance_s
from lab.model.exchange import Hop
from lab.model.plain import to_json
from lab.model.profile import Profile
from lab.model.verdict import Measured
from lab.system import store
from tests.netem import wire
from tests.netem.timed_move import timed_move
from tests.netem.wire_probe import measure

SECONDS = 5.0
INSTANCES = 48
INSTANCE_BYTES = 160_000
LONGEST_S = 8.0
_SMALLEST_BYTES = 500


@dataclass(frozen=True, kw_only=True)
class Found:
    """One profile by one shaper: what the hosts report, what probes found, and how long the C-MOVEs took."""

    profile: str
    shaper: str
    hops: dict[str, Hop]
    measured: Measured
    dataset_bytes: list[int]
    durations_s: list[float]


def main() -> None:
    wire.lay()
    for name in sys.argv[1:]:
        profile = store.profile(name)
        for shaper in ("netem", "tun"):
            with wire.shaped(profile, shaper):
                print(to_json(_report(profile, shaper)), flush=True)


def _report(profile: Profile, shaper: str) -> Found:
    sizes = load_for(profile)
    return Found(
        profile=profile.name,
        shaper=shaper,
        hops=wire.hops(),
        measured=measure(profile, SECONDS),
        dataset_bytes=sizes,
        durations_s=[timed_move(sizes).arrivals.end_s[-1] for _ in range(repeats(profile))],
    )


def repeats(profile: Profile) -> int:
    """Where packets are lost by chance, one transfer says little."""
    return 3 if is_left_to_chance(profile) else 1


def is_left_to_chance(profile: Profile) -> bool:
    """What TCP makes of a loss, a late packet or one out of order depends on which it is."""
    links = (profile.down, profile.up)
    shares = [(x.loss_ratio, x.corrupt_ratio, x.reorder_ratio, x.duplicate_ratio, x.jitter_s) for x in links]
    return any(map(any, shares))


def load_for(profile: Profile) -> list[int]:
    """The quick study's sizes; smaller and fewer on a link that would take long for them."""
    instances, size = INSTANCES, INSTANCE_BYTES
    while _predicted_s(profile, instances, size) > LONGEST_S and (size > _SMALLEST_BYTES or instances > 4):
        size = max(_SMALLEST_BYTES, size // 2)
        instances = max(4, instances if size > _SMALLEST_BYTES else instances // 2)
    return [size] * instances


def _predicted_s(profile: Profile, instances: int, size: int) -> float:
    study = StudySize(name="", instances=instances, dataset_bytes=instances * size)
    return instances * (instance_s(study, profile.rtt_s, profile.down.rate_bit_s) or 0.0)


if __name__ == "__main__":
    main()
