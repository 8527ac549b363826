"""Runs inside the guest: profiles by netem, each read back and measured.

    python3 -m tests.netem.profiles_guest NAME...

Prints one JSON line for each.
"""

import sys
from dataclasses import dataclass

from lab.model.exchange import Hop
from lab.model.plain import to_json
from lab.model.profile import Profile
from lab.model.verdict import Measured
from lab.system import store
from tests.netem import wire
from tests.netem.wire_probe import measure

SECONDS = 6.0


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the hosts report of a profile, and what probes found."""

    profile: str
    hops: dict[str, Hop]
    measured: Measured


def main() -> None:
    wire.lay()
    for name in sys.argv[1:]:
        print(to_json(_found(store.profile(name))), flush=True)


def _found(profile: Profile) -> Found:
    """Straight over the profile before it: what that has set must not stay."""
    wire.shape(profile)
    return Found(profile=profile.name, hops=wire.hops(), measured=measure(profile, SECONDS))


if __name__ == "__main__":
    main()
