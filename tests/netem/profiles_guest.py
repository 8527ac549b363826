"""Runs inside the guest: profiles by netem and by the emulator, each verified, and a C-MOVE over each.

    python3 -m tests.netem.profiles_guest NAME...

Prints one JSON line for each profile and shaper.
"""

import dataclasses
import json
import sys

from lab.link.expect import StudySize, instance_s
from lab.model.profile import Profile
from lab.system import store
from tests.netem import wire
from tests.netem.timed_move import timed_move
from tests.netem.wire_probe import verify

SECONDS = 5.0
INSTANCES = 48
INSTANCE_BYTES = 160_000
LONGEST_S = 8.0
_SMALLEST_BYTES = 500


def main() -> None:
    wire.lay()
    for name in sys.argv[1:]:
        profile = store.profile(name)
        for shaper in ("netem", "tun"):
            with wire.shaped(profile, shaper):
                print(json.dumps(_report(profile, shaper)), flush=True)


def _report(profile: Profile, shaper: str) -> dict[str, object]:
    hops = {host: dataclasses.asdict(hop) for host, hop in wire.hops().items()}
    verdicts = [dataclasses.asdict(line) for line in verify(profile, SECONDS, shaper)]
    sizes = load_for(profile)
    return {
        "profile": profile.name,
        "shaper": shaper,
        "hops": hops,
        "verdicts": verdicts,
        "instances": len(sizes),
        "instance_bytes": sizes[0],
        "durations_s": [timed_move(sizes)["duration_s"] for _ in range(repeats(profile))],
    }


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
