"""How much is sent to prove a link in the seconds there are. Pure.

Of the time, the pings take 15 %, what is timed and counted 40 %, each direction's flood 10 %; the rest is
for starting, and for what is still on its way.

netem counts packets, in flight or not, against a limit that is sized for full frames. So of small ones no
more are under way than half of it; a flood, which is to fill it, has packets large enough to fill the rate.
"""

import math
from collections.abc import Iterable

from lab.link.netem import in_flight_s, queue_limit_packets
from lab.link.probe_packet import HEADERS_BYTES
from lab.model.probe import Stream
from lab.model.profile import Link

DEFAULT_SECONDS = 15.0
PING_FRAME_BYTES = 98  # ping's 56 bytes of data, ICMP, IPv4 and Ethernet headers
_PINGS_SHARE, _TIMED_SHARE, _FLOOD_SHARE = 0.15, 0.4, 0.1
_PING_SPACING_S = 0.02
_LEAST_PING_WAIT_S = 3
_FEWEST_PINGS = 10
MOST_PACKETS_PER_S = 2000.0
_SHARE_OF_RATE = 0.25
_SHARE_OF_LIMIT = 0.5
_SMALL_PAYLOAD_BYTES = 160
_FULL_PAYLOAD_BYTES = 1472
_OVER_THE_RATE = 1.2
_OFFERED_WHEN_UNLIMITED_BIT_S = 200e6
_SEGMENTS_FROM_BIT_S = 200e6
_SEGMENTS = 8
_FEWEST_PACKETS = 60
_WANTED_OF_A_FLOOD = 100
_DRAIN_S = 0.2
_SHARE_BESIDE_A_RUN = 0.01
_PING_SPACING_BESIDE_A_RUN_S = 0.2  # the shortest that everybody may have


def frame_s(link: Link, frame_bytes: int) -> float:
    """How long a frame takes at the link's rate."""
    return frame_bytes * 8 / link.rate_bit_s if link.rate_bit_s else 0.0


def timed_streams(
    link: Link, seconds: float, most_packets_per_s: float = MOST_PACKETS_PER_S
) -> tuple[Stream, ...]:
    """For delays, and for counts; one for both when nothing jitters.

    Packets are small and take a quarter of the rate at most, so no queue builds. Order is kept, so a
    packet waits for a late one before it: those for delays follow each other at half the jitter, and
    that effect is in what is expected (lab.link.probe_expected). Slower ones would be fewer and tell less.
    """
    lasts_s = seconds * _TIMED_SHARE
    spacing_s = max(1 / most_packets_per_s, _spacing_s(link, _SMALL_PAYLOAD_BYTES + HEADERS_BYTES))
    if link.jitter_s / 2 <= spacing_s:
        return (_small("delays and counts", lasts_s, spacing_s),)
    paced = _small("delays", lasts_s / 2, link.jitter_s / 2)
    return paced, _small("counts", lasts_s / 2, spacing_s)


def _small(name: str, lasts_s: float, spacing_s: float) -> Stream:
    packets = max(_FEWEST_PACKETS, int(lasts_s / spacing_s))
    return Stream(name=name, packets=packets, spacing_s=spacing_s, payload_bytes=_SMALL_PAYLOAD_BYTES)


def _spacing_s(link: Link, frame_bytes: int) -> float:
    """So that they take no more than their share of the rate, and of what netem lets wait and travel."""
    under_way = _SHARE_OF_LIMIT * queue_limit_packets(link)
    return max(frame_s(link, frame_bytes) / _SHARE_OF_RATE, in_flight_s(link) / under_way)


def flood(link: Link, seconds: float) -> Stream:
    """A fifth more than the rate carries after loss, in full frames unless the link is slow and short."""
    rate_bit_s = link.rate_bit_s or _OFFERED_WHEN_UNLIMITED_BIT_S
    offered_bit_s = rate_bit_s * (_OVER_THE_RATE if link.rate_bit_s else 1) / max(0.1, 1 - link.loss_ratio)
    offered_bytes = offered_bit_s * seconds * _FLOOD_SHARE / 8
    wanted_bytes = max(offered_bytes / _WANTED_OF_A_FLOOD, _filling_bytes(link)) - HEADERS_BYTES
    payload_bytes = min(_FULL_PAYLOAD_BYTES, max(_SMALL_PAYLOAD_BYTES, int(wanted_bytes)))
    frame_bytes = payload_bytes + HEADERS_BYTES
    return Stream(
        name="flood",
        packets=max(_FEWEST_PACKETS, int(offered_bytes / frame_bytes)),
        spacing_s=frame_bytes * 8 / offered_bit_s,
        payload_bytes=payload_bytes,
        segments=_SEGMENTS if offered_bit_s > _SEGMENTS_FROM_BIT_S else 1,
        counted_only=True,
    )


def _filling_bytes(link: Link) -> float:
    """Frames of which half of netem's limit, under way, fill the rate."""
    return (link.rate_bit_s or 0.0) * in_flight_s(link) / 8 / (_SHARE_OF_LIMIT * queue_limit_packets(link))


def drain_s(link: Link, *, queued: bool) -> float:
    """How long what was sent can be on its way; ``queued`` when it has filled the buffer."""
    buffer_s = link.buffer_s if queued and link.rate_bit_s else 0.0
    return in_flight_s(link) + buffer_s + _DRAIN_S


def ping_spacing_s(*links: Link) -> float:
    """From one ping to the next, over these links there and back."""
    return max([_PING_SPACING_S, *(_spacing_s(link, PING_FRAME_BYTES) for link in links)])


def ping_wait_s(*links: Link) -> int:
    """How long ping is to wait for a first answer, in whole seconds: thrice what it should take."""
    return max(_LEAST_PING_WAIT_S, math.ceil(3 * sum(_trip_s(link) for link in links)))


def _trip_s(link: Link) -> float:
    return in_flight_s(link) + frame_s(link, PING_FRAME_BYTES)


def pings(down: Link, up: Link, seconds: float) -> int:
    """How many."""
    return max(_FEWEST_PINGS, int(seconds * _PINGS_SHARE / ping_spacing_s(down, up)))


def ping_spacing_beside_a_run_s(links: Iterable[Link]) -> float:
    """From one ping to the next while something else is measured: 1 % of the slowest link's rate at most."""
    slowest_s = max((frame_s(link, PING_FRAME_BYTES) for link in links), default=0.0)
    return max(_PING_SPACING_BESIDE_A_RUN_S, slowest_s / _SHARE_BESIDE_A_RUN)
