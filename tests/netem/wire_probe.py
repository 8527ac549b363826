"""Runs inside the guest: `lab net verify`'s probes between the two hosts of a wire."""

from collections.abc import Mapping
from dataclasses import replace

from lab.inside.probe_receiver import receive
from lab.inside.probe_sender import send
from lab.link import ping, probe_plan
from lab.link.probe_figures import figures_of
from lab.model.probe import ProbeOrder, Received, Sent, Stream
from lab.model.profile import Link, Profile
from lab.model.verdict import Figures, Measured
from tests.netem.forked import Forked
from tests.netem.wire import PACS, TESTER, Wire

_PORT = 47011
_START_S = 30.0
FASTEST_BIT_S = 20e6  # the guest's one CPU sends no more, and simulates itself besides
_MOST_PACKETS_PER_S = 250.0
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
    """A link too fast for the guest gets no flood, and its rate is not looked at."""
    if not is_slow(link):
        return figures_of(timed, _last_stream(timed))
    flood = (probe_plan.flood(link, seconds),)
    drain_s = probe_plan.drain_s(link, queued=True)
    return figures_of(timed, _probe(wire, {sender: (flood, drain_s)})[sender])


def _last_stream(probed: Probed) -> Probed:
    sent, received = probed
    return replace(sent, streams=sent.streams[-1:]), replace(received, streams=received.streams[-1:])


def _probe(wire: Wire, wanted: Mapping[str, Streams]) -> dict[str, Probed]:
    """From each of these senders at once."""
    try:
        return _probed(wire, wanted)
    except RuntimeError:  # now and then a forked receiver answers nobody; not what is tested here
        return _probed(wire, wanted)


def _probed(wire: Wire, wanted: Mapping[str, Streams]) -> dict[str, Probed]:
    """All are forked before anything is waited for, by one thread: a lock that another held would stay."""
    started = {sender: _start(wire, sender, *streams) for sender, streams in wanted.items()}
    try:
        return {
            sender: (sending.said(), receiving.said()) for sender, (sending, receiving) in started.items()
        }
    finally:
        for ends in started.values():
            for end in ends:
                end.end()


def _start(wire: Wire, sender: str, streams: tuple[Stream, ...], drain_s: float) -> tuple[Forked, Forked]:
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

    receiving = wire.start(receiver, lambda _: receive(order("receive")))
    sending = wire.start(sender, lambda _: send(order("send")))
    return sending, receiving


def is_slow(link: Link) -> bool:
    """Whether its rate can be measured here."""
    return link.rate_bit_s is not None and link.rate_bit_s <= FASTEST_BIT_S
