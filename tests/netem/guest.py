"""Runs inside the guest: two hosts on a wire, each profile without phases on it, read back and pinged.

Prints one JSON line per profile, and one for the cleared link.
"""

import dataclasses
import json

from lab.model.profile import Profile
from lab.system import store
from tests.netem import wire

PINGS = 20
PING_BITS = 98 * 8


def main() -> None:
    wire.lay()
    for profile in shaped():
        wire.shape(profile)
        _report(profile.name, _apart_s(profile))
    wire.clear()
    _report("baseline", 0.02)


def shaped() -> list[Profile]:
    """Profiles that shape, and stay as they are."""
    return [profile for profile in store.profiles() if not profile.is_plain and not profile.phases]


def ping_rtt_s(profile: Profile) -> float:
    """What the profile adds to a ping's round trip: delays, and its bits at the rates."""
    rates = [link.rate_bit_s for link in (profile.down, profile.up) if link.rate_bit_s]
    return profile.rtt_s + sum(PING_BITS / rate for rate in rates)


def _apart_s(profile: Profile) -> float:
    """So far apart that no ping waits for the one before it, which jitter may have delayed."""
    jitter_s = max(profile.down.jitter_s, profile.up.jitter_s)
    return max(0.02, 4 * jitter_s, 2 * (ping_rtt_s(profile) - profile.rtt_s))


def _report(name: str, apart_s: float) -> None:
    hops = {host: dataclasses.asdict(hop) for host, hop in wire.hops().items()}
    print(json.dumps({"profile": name, "hops": hops, "ping": wire.ping(PINGS, apart_s)}), flush=True)


if __name__ == "__main__":
    main()
