"""Runs inside the guest: two hosts on a wire, each shipped profile on it, read back and pinged.

Prints one JSON line per profile, and one for the cleared link.
"""

import dataclasses
import json

from lab.system import store
from tests.netem import wire

PINGS = 20


def main() -> None:
    wire.lay()
    for profile in store.profiles():
        if not profile.is_plain:
            wire.shape(profile)
            _report(profile.name)
    wire.clear()
    _report("baseline")


def _report(name: str) -> None:
    hops = {host: dataclasses.asdict(hop) for host, hop in wire.hops().items()}
    print(json.dumps({"profile": name, "hops": hops, "ping": wire.ping(PINGS)}), flush=True)


if __name__ == "__main__":
    main()
