"""Which share of a probe's packets is to be lost, doubled, altered or put out of order on a link. Pure.

A share is a range where it depends on what nobody can see from outside:
  - a flipped bit is seen in the payload; in a header it makes a kernel throw the packet away, or it does no
    harm. netem flips any bit of the frame, the emulator any of the IP packet;
  - a copy may get lost like any other packet, in a burst together with its original;
  - a packet that is sent at once overtakes only what is on its way at that time.
"""

from lab.link.probe_packet import HEADERS_BYTES
from lab.link.tolerances import Range
from lab.model.probe import Stream
from lab.model.profile import Link

_ETHERNET_BYTES = 14
_CHECKED_BYTES = 26  # the IPv4 header, UDP's ports and checksum: a wrong bit there is a loss


def lost(link: Link, stream: Stream) -> Range:
    """Of what was sent. A packet that is both doubled and lost arrives once (net/sched/sch_netem.c)."""
    unlucky = link.corrupt_ratio * _CHECKED_BYTES / (stream.payload_bytes + HEADERS_BYTES)
    least = link.loss_ratio + (1 - link.loss_ratio) * unlucky
    return Range(
        lowest=least * (1 - link.duplicate_ratio),
        highest=min(1.0, link.loss_ratio + _headers_hit(link, stream)),
    )


def doubled(link: Link, stream: Stream) -> Range:
    """Of what was sent."""
    whole = (1 - link.loss_ratio) ** 2 * (1 - 2 * _headers_hit(link, stream))
    return Range(lowest=link.duplicate_ratio * whole, highest=link.duplicate_ratio)


def altered(link: Link, stream: Stream) -> Range:
    """Of what was sent."""
    frame_bytes = stream.payload_bytes + HEADERS_BYTES
    survive = (1 - link.loss_ratio) * link.corrupt_ratio * stream.payload_bytes
    twice = 1 + link.duplicate_ratio
    return Range(lowest=survive / frame_bytes, highest=twice * survive / (frame_bytes - _ETHERNET_BYTES))


def overtaking(link: Link, stream: Stream) -> Range:
    """Of what was sent; from 0 when nothing may be on its way."""
    arriving = link.reorder_ratio * (1 - lost(link, stream).highest)
    ahead = int(max(0.0, link.delay_s - 2 * link.jitter_s) / stream.spacing_s)
    nothing_waits = min(1.0, link.reorder_ratio + link.loss_ratio) ** ahead
    most = link.reorder_ratio * (1 + link.duplicate_ratio)
    return Range(lowest=arriving * (1 - nothing_waits), highest=most)


def _headers_hit(link: Link, stream: Stream) -> float:
    """The largest share that a flipped bit in a header can cost."""
    return link.corrupt_ratio * HEADERS_BYTES / (stream.payload_bytes + HEADERS_BYTES)
