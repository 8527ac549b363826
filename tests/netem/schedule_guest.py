"""Runs inside the guest: netem taken through a schedule at both hosts, felt in each turn, and off at its end.

Prints one JSON line: what the hosts report in the first turn, in the second, and afterwards, with pings.
"""

import io
import json
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout

from lab.inside import keeper
from lab.link import netem
from lab.link.commands import shaper_order
from lab.link.netem import apply_argvs
from lab.link.schedule import schedule_of
from lab.model.plain import to_json
from lab.model.profile import Link, Phase, Profile
from tests.netem.wire import PACS, TESTER, Wire

WIRE = Wire(1)
NEAR, FAR = Link(delay_s=0.005), Link(delay_s=0.03, rate_bit_s=10e6)
LASTS_S = 8.0
PROFILE = Profile(
    name="to-and-fro",
    description="two phases",
    source="made for a test",
    down=NEAR,
    up=NEAR,
    phases=(
        Phase(name="near", lasts_s=LASTS_S, down=NEAR, up=NEAR),
        Phase(name="far", lasts_s=LASTS_S, down=FAR, up=FAR),
    ),
)


def main() -> None:
    WIRE.lay()
    epoch_s = time.monotonic() + 4.0
    for host, direction in ((PACS, "down"), (TESTER, "up")):
        _keep(host, direction, epoch_s, epoch_s + 2 * LASTS_S)
    looks = [_look_at(epoch_s + after_s) for after_s in (1.0, LASTS_S + 1.0, 2 * LASTS_S + 3.0)]
    print(json.dumps(looks))


def _keep(host: str, direction: str, epoch_s: float, until_s: float) -> None:
    hop = WIRE.hop(host)
    order = shaper_order(hop, schedule_of(PROFILE, direction, seed=1), "", epoch_s=epoch_s, until_s=until_s)
    for argv in apply_argvs(NEAR, hop.device):
        WIRE.run_in(host, *argv)
    WIRE.start(host, _keep_time, to_json(order))


def _keep_time(_: Callable[[object], None], order: str) -> None:
    """The machine's own tc, unlike the image's, may be too old to know of seeds."""
    unseeded = netem.replace_argv
    netem.replace_argv = lambda link, device, _seed=None: unseeded(link, device)  # type: ignore[assignment]
    sys.argv[1:] = [order]
    with redirect_stdout(io.StringIO()):
        keeper.main()


def _look_at(moment_s: float) -> dict[str, object]:
    time.sleep(max(0.0, moment_s - time.monotonic()))
    hops = {host: json.loads(to_json(hop)) for host, hop in WIRE.hops().items()}
    return {"hops": hops, "ping": WIRE.ping(10, 0.05)}


if __name__ == "__main__":
    main()
