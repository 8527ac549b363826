"""Runs inside the guest: `lab net verify`'s probes between the two hosts of a wire."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from lab.inside.probe_receiver import receive
from lab.inside.probe_sender import send
from lab.link import ping, probe_plan
from lab.link.probe_figures import figures_of
from lab.model.probe import ProbeOrder, Received, Sent, Stream
from lab.model.profile import Link, Profile
from lab.model.verdict import Figures, Measured
from tests.netem.wire import PACS, TESTER, Wire

_PORT = 47011
_START_S = 30.0
FASTEST_BIT_S = 20e6  # the guest's one CPU sends no more, and simulates itself besides
_MOST_PACKETS_PER_S = 250.0
Probed = tuple[Sent, Received]


def measure(wire: Wire, profile: Profile, seconds: float) -> Measured:
    """Pings, then both directions at once what is timed and counted, then a flood each way."""
    down, up = profile.down, profile.up
    rtt_ms = ping.median_rtt_ms(
        wire.ping(probe_plan.pings(down, up, seconds), probe_plan.ping_spacing_s(down, up))
    )
    with ThreadPoolExecutor(max_workers=2) as pool:
        timed_down = pool.submit(_timed, wire, PACS, down, seconds)
        timed_up = pool.submit(_timed, wire, TESTER, up, seconds)
        timed = timed_down.result(), timed_up.result()
    return Measured(
        down=_figures(wire, PACS, down, timed[0], seconds),
        up=_figures(wire, TESTER, up, timed[1], seconds),
        rtt_ms=rtt_ms,
    )


def _timed(wire: Wire, sender: str, link: Link, seconds: float) -> Probed:
    streams = probe_plan.timed_streams(link, seconds, _MOST_PACKETS_PER_S)
    return _probe(wire, sender, streams, probe_plan.drain_s(link, queued=False))


def _figures(wire: Wire, sender: str, link: Link, timed: Probed, seconds: float) -> Figures:
    """A link too fast for the guest gets no flood, and its rate is not looked at."""
    if not is_slow(link):
        return figures_of(timed, _last_stream(timed))
    flood = (probe_plan.flood(link, seconds),)
    return figures_of(timed, _probe(wire, sender, flood, probe_plan.drain_s(link, queued=True)))


def _last_stream(probed: Probed) -> Probed:
    sent, received = probed
    return replace(sent, streams=sent.streams[-1:]), replace(received, streams=received.streams[-1:])


def _probe(wire: Wire, sender: str, streams: tuple[Stream, ...], drain_s: float) -> Probed:
    receiver = TESTER if sender == PACS else PACS
    lasts_s = sum(stream.lasts_s + drain_s for stream in streams) + drain_s

    def order(role: str) -> ProbeOrder:
        return ProbeOrder(
            role=role,
            address=wire.address(receiver),
            port=_PORT,
            streams=streams,
            drain_s=drain_s,
            at_most_s=_START_S + 2 * lasts_s,
        )

    try:
        return _both(wire, sender, order)
    except RuntimeError:  # now and then a forked receiver answers nobody; not what is tested here
        return _both(wire, sender, order)


def _both(wire: Wire, sender: str, order: Callable[[str], ProbeOrder]) -> Probed:
    receiver = TESTER if sender == PACS else PACS
    receiving = wire.start(receiver, lambda _: receive(order("receive")))
    sending = wire.start(sender, lambda _: send(order("send")))
    try:
        return sending.said(), receiving.said()
    finally:
        receiving.end()
        sending.end()


def is_slow(link: Link) -> bool:
    """Whether its rate can be measured here."""
    return link.rate_bit_s is not None and link.rate_bit_s <= FASTEST_BIT_S
