"""What the two ends of a probe are asked, and what they tell. Both sides import this module."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stream:
    """UDP packets of one size, one after the other.

    Attributes:
        name: what they are for.
        packets: how many.
        spacing_s: from one to the next; 0 as fast as they will go.
        payload_bytes: UDP payload; the sender takes less where the path's MTU is smaller.
        segments: so many are handed to the kernel at once, where it takes them (UDP_SEGMENT, udp(7)).
        counted_only: the receiver keeps when they came and how large they were, and looks at nothing else.
    """

    name: str
    packets: int
    spacing_s: float
    payload_bytes: int
    segments: int = 1
    counted_only: bool = False

    @property
    def lasts_s(self) -> float:
        """As planned."""
        return self.packets * self.spacing_s


@dataclass(frozen=True, kw_only=True)
class ProbeOrder:
    """One end of a probe.

    Attributes:
        role: "send" or "receive".
        address: the receiver's; a receiver listens there, "" is every address.
        port: UDP port.
        streams: sent in this order; the same for both ends.
        drain_s: pause after each stream, for what is still on its way.
        at_most_s: an end that is not done by then stops, with what it has.
    """

    role: str
    address: str
    port: int
    streams: tuple[Stream, ...]
    drain_s: float
    at_most_s: float


@dataclass(frozen=True, kw_only=True)
class SentStream:
    """What went out of a stream: ``lasted_s`` from the first to the last of ``packets``."""

    packets: int
    payload_bytes: int
    lasted_s: float


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a sender tells: one entry per stream of its order."""

    streams: tuple[SentStream, ...]


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """What came of one stream, in the order of arrival, duplicates and corrupted packets included.

    Attributes:
        sequence: number of each packet in its stream; empty when only counted.
        sent_us: when each was sent, since the first that arrived; empty when only counted.
        delay_us: one-way delay of each, empty when only counted. Both stamps are of the one clock of a
            kernel that both ends share.
        corrupted: sequence numbers of those that arrived with a bit wrong.
        packets: how many came.
        steady_bit_s: layer-2 rate at which they came, once it was steady; None when too few came.
    """

    sequence: tuple[int, ...]
    sent_us: tuple[float, ...]
    delay_us: tuple[float, ...]
    corrupted: tuple[int, ...]
    packets: int
    steady_bit_s: float | None


@dataclass(frozen=True, kw_only=True)
class Received:
    """What a receiver tells: one entry per stream; ``overrun_packets`` came and found its buffer full."""

    streams: tuple[Arrived, ...]
    overrun_packets: int
