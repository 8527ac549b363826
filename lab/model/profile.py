"""A network profile: what the path between the PACS and its clients is to be like."""

from dataclasses import dataclass

DISTRIBUTIONS = ("normal", "uniform", "pareto", "paretonormal")


@dataclass(frozen=True, kw_only=True)
class Link:
    """One direction of a path. The defaults are a perfect wire.

    Attributes:
        rate_bit_s: layer-2 rate in bit/s, Ethernet header included; None leaves the rate alone.
        delay_s: one-way propagation delay in seconds.
        jitter_s: spread of that delay: its standard deviation, for "uniform" the half width; packets
            keep their order, and no delay is below 0.
        jitter_distribution: one of DISTRIBUTIONS, netem's tables.
        loss_ratio: share of packets lost, 0 to 1.
        loss_burst_packets: mean length of a run of lost packets; 1 is independent loss.
        duplicate_ratio: share of packets that arrive twice.
        corrupt_ratio: share of packets in which one bit is flipped.
        reorder_ratio: share of packets that are sent at once, overtaking what waits.
        buffer_s: queue in front of the rate, in seconds at that rate.
    """

    rate_bit_s: float | None = None
    delay_s: float = 0.0
    jitter_s: float = 0.0
    jitter_distribution: str = "normal"
    loss_ratio: float = 0.0
    loss_burst_packets: float = 1.0
    duplicate_ratio: float = 0.0
    corrupt_ratio: float = 0.0
    reorder_ratio: float = 0.0
    buffer_s: float = 0.1

    @property
    def is_plain(self) -> bool:
        """True when nothing is to be shaped."""
        impairments = (self.loss_ratio, self.duplicate_ratio, self.corrupt_ratio, self.reorder_ratio)
        return self.rate_bit_s is None and not (self.delay_s or self.jitter_s or any(impairments))


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of time in which the path is like this.

    Attributes:
        name: the profile's for it.
        lasts_s: how long, in seconds.
        down, up: as in lab.model.profile.Profile.
    """

    name: str
    lasts_s: float
    down: Link
    up: Link


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Two directions under one name.

    Attributes:
        name: as it is called.
        description: what it is like, in a sentence.
        down: what the PACS sends (images); with phases the first one's, as ``up``.
        up: what its clients send (acknowledgements and DIMSE responses).
        source: where the figures come from.
        assumed: figures that no source gives.
        phases: with them the path changes over time; they follow each other.
        repeat: from the first phase again after the last; else the last one stays.
        seed: decides the fate of each packet; None lets one be drawn when the profile is applied.
    """

    name: str
    description: str
    down: Link
    up: Link
    source: str
    assumed: tuple[str, ...] = ()
    phases: tuple[Phase, ...] = ()
    repeat: bool = True
    seed: int | None = None

    @property
    def is_plain(self) -> bool:
        """True for the unshaped reference."""
        return self.down.is_plain and self.up.is_plain and not self.phases

    @property
    def rtt_s(self) -> float:
        """Round-trip time added by the profile: the sum of both one-way delays, in seconds."""
        return self.down.delay_s + self.up.delay_s
