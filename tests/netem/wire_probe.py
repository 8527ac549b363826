"""Runs inside the guest: `lab net verify`'s probes between the two hosts of a wire."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from lab.inside.probe_receiver import receive
from lab.inside.probe_sender import send
from lab.link import ping, probe_plan
from lab.link.probe_figures import figures_of
from lab.model.probe import ProbeOrder, Received, Sent, Stream
from lab.model.profile import Link, Profile
from lab.model.verdict import Figures, Measured
from tests.netem.forked import Asked
from tests.netem.wire import PACS, TESTER, Wire

_PORT = 47011
_START_S = 30.0
FASTEST_BIT_S = 20e6  # the guest's one CPU sends no more, and simulates itself besides
_MOST_PACKETS_PER_S = 250.0
_SHORT_RATIO = 0.03
Probed = tuple[Sent, Received]
Streams = tuple[tuple[Stream, ...], float]  # and how long what was sent may be on its way, in seconds


def measure(wire: Wire, profile: Profile, seconds: float) -> Measured:
    """Pings, then both directions at once what is timed and counted, then a flood each way."""
    down, up = profile.down, profile.up
    rtt_ms = ping.median_rtt_ms(
        wire.ping(probe_plan.pings(down, up, seconds), probe_plan.ping_spacing_s(down, up))
    )
    timed = _probe(wire, {PACS: _timed(down, seconds), TESTER: _timed(up, seconds)})
    return Measured(
        down=_figures(wire, PACS, down, timed[PACS], seconds),
        up=_figures(wire, TESTER, up, timed[TESTER], seconds),
        rtt_ms=rtt_ms,
    )


def _timed(link: Link, seconds: float) -> Streams:
    streams = probe_plan.timed_streams(link, seconds, _MOST_PACKETS_PER_S)
    return streams, probe_plan.drain_s(link, queued=False)


def _figures(wire: Wire, sender: str, link: Link, timed: Probed, seconds: float) -> Figures:
    """A link too fast for the guest gets no flood, and its rate is not looked at.

    Of two floods the faster counts where the first fell short: a guest that stalls is slow, no link too fast.
    """
    if not is_slow(link):
        return figures_of(timed, _last_stream(timed))
    first = figures_of(timed, _flooded(wire, sender, link, seconds))
    if (first.rate_bit_s or 0) >= (1 - _SHORT_RATIO) * (link.rate_bit_s or 0):
        return first
    second = figures_of(timed, _flooded(wire, sender, link, seconds))
    return max(first, second, key=lambda figures: figures.rate_bit_s or 0)


def _flooded(wire: Wire, sender: str, link: Link, seconds: float) -> Probed:
    streams = ((probe_plan.flood(link, seconds),), probe_plan.drain_s(link, queued=True))
    return _probe(wire, {sender: streams})[sender]


def _last_stream(probed: Probed) -> Probed:
    sent, received = probed
    return replace(sent, streams=sent.streams[-1:]), replace(received, streams=received.streams[-1:])


def _probe(wire: Wire, wanted: Mapping[str, Streams]) -> dict[str, Probed]:
    """From each of these senders at once."""
    started = {sender: _start(wire, sender, *streams) for sender, streams in wanted.items()}
    try:
        return {
            sender: (sending.said(), receiving.said()) for sender, (sending, receiving) in started.items()
        }
    finally:
        for ends in started.values():
            for end in ends:
                end.end()


def _start(wire: Wire, sender: str, streams: tuple[Stream, ...], drain_s: float) -> tuple[Asked, Asked]:
    """A sender, and its receiver at the other host."""
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

    receiving = wire.ask(receiver, _receive, order("receive"))
    sending = wire.ask(sender, _send, order("send"))
    return sending, receiving


def _receive(_: Callable[[object], None], order: ProbeOrder) -> Received:
    return receive(order)


def _send(_: Callable[[object], None], order: ProbeOrder) -> Sent:
    return send(order)


def is_slow(link: Link) -> bool:
    """Whether its rate can be measured here."""
    return link.rate_bit_s is not None and link.rate_bit_s <= FASTEST_BIT_S
