"""What was measured of a link, and what is to be said about it."""

from dataclasses import dataclass

OK = "ok"
OUT = "out"
CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One direction as a probe found it.

    Attributes:
        delay_ms, spread_ms: median of the one-way delay, and from its 10th to its 90th percentile, of
            packets that overtook nothing. None when nothing arrived.
        sent_at_ms: when those packets were sent, since the first of them.
        sent_packets: of which the counts below are.
        lost_packets: that never arrived.
        loss_runs: runs of lost packets, one after the other.
        duplicated_packets: that arrived more than once.
        overtaking_packets: that arrived before one that was sent earlier.
        corrupted_packets: that arrived with a bit wrong.
        overrun_packets: lost by the receiver, for want of a buffer, and not by the link.
        offered_bit_s: layer-2 rate of the flood.
        rate_bit_s: layer-2 rate that arrived of it; None when too little did.
        own_bit_s: what arrived of the same flood on the sender's loopback device, with no link in the way:
            what the machine can do. None when nobody asked.
    """

    delay_ms: float | None
    spread_ms: float | None
    sent_at_ms: tuple[float, ...]
    sent_packets: int
    lost_packets: int
    loss_runs: int
    duplicated_packets: int
    overtaking_packets: int
    corrupted_packets: int
    overrun_packets: int
    offered_bit_s: float
    rate_bit_s: float | None
    own_bit_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Both directions, and the median of the pings between them; None when none was answered."""

    down: Figures
    up: Figures
    rtt_ms: float | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One line of a verification.

    Attributes:
        direction: "down", "up", or "both" for the round trip.
        what: that was measured, in ``unit``.
        expected: None when there is no such figure: a rate that is not limited.
        measured: None when nothing could be.
        lowest, highest: between them it is what the link claims.
        verdict: OK, OUT or CANNOT_TELL.
        why: what there is to say besides.
    """

    direction: str
    what: str
    unit: str
    expected: float | None
    measured: float | None
    lowest: float | None
    highest: float | None
    verdict: str
    why: str
