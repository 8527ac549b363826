"""Runs inside the guest: `lab net verify`'s probes between the two hosts of the wire."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

from lab.inside.probe_receiver import receive
from lab.inside.probe_sender import send
from lab.link import ping, probe_plan
from lab.link.probe_figures import figures_of
from lab.model.probe import ProbeOrder, Received, Sent, Stream
from lab.model.profile import Link, Profile
from lab.model.verdict import Figures, Measured
from tests.netem import forked
from tests.netem.wire import ADDRESSES, PACS, TESTER, in_host

_PORT = 47011
_START_S = 30.0
FASTEST_BIT_S = 20e6  # the guest's one CPU sends no more, and simulates itself besides
_A_TRICKLE = Link(rate_bit_s=1e5)
_MOST_PACKETS_PER_S = 250.0
Probed = tuple[Sent, Received]


def measure(profile: Profile, seconds: float) -> Measured:
    """Pings, then both directions at once what is timed and counted, then a flood each way."""
    down, up = profile.down, profile.up
    rtt_ms = _ping(down, up, seconds)
    with ThreadPoolExecutor(max_workers=2) as pool:
        timed_down = pool.submit(_timed, PACS, TESTER, down, seconds)
        timed_up = pool.submit(_timed, TESTER, PACS, up, seconds)
        timed = timed_down.result(), timed_up.result()
    return Measured(
        down=_figures(PACS, TESTER, down, timed[0], seconds),
        up=_figures(TESTER, PACS, up, timed[1], seconds),
        rtt_ms=rtt_ms,
    )


def _ping(down: Link, up: Link, seconds: float) -> float | None:
    spacing_s, count = probe_plan.ping_spacing_s(down, up), probe_plan.pings(down, up, seconds)
    argv = ["ping", "-n", "-c", str(count), "-i", f"{spacing_s:.3f}", "-W", "5", ADDRESSES[PACS]]
    ended = subprocess.run(in_host(TESTER, *argv), capture_output=True, text=True, check=False)
    return ping.median_rtt_ms(ended.stdout)


def _timed(sender: str, receiver: str, link: Link, seconds: float) -> Probed:
    streams = probe_plan.timed_streams(link, seconds, _MOST_PACKETS_PER_S)
    return _probe(sender, receiver, streams, probe_plan.drain_s(link, queued=False))


def _figures(sender: str, receiver: str, link: Link, timed: Probed, seconds: float) -> Figures:
    """A link too fast for the guest gets a flood that is none, and its rate is not looked at."""
    flood = (probe_plan.flood(link if is_slow(link) else _A_TRICKLE, seconds),)
    return figures_of(timed, _probe(sender, receiver, flood, probe_plan.drain_s(link, queued=True)))


def _probe(sender: str, receiver: str, streams: tuple[Stream, ...], drain_s: float) -> Probed:
    lasts_s = sum(stream.lasts_s + drain_s for stream in streams) + drain_s

    def order(role: str) -> ProbeOrder:
        return ProbeOrder(
            role=role,
            address=ADDRESSES[receiver],
            port=_PORT,
            streams=streams,
            drain_s=drain_s,
            at_most_s=_START_S + 2 * lasts_s,
        )

    receiving = forked.start(receiver, lambda _: receive(order("receive")))
    sending = forked.start(sender, lambda _: send(order("send")))
    return sending.said(), receiving.said()


def is_slow(link: Link) -> bool:
    """Whether its rate can be measured here."""
    return link.rate_bit_s is not None and link.rate_bit_s <= FASTEST_BIT_S
