"""A network profile: what the path between the PACS and its clients is to be like."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Link:
    """One direction of a path. The defaults are a perfect wire.

    Attributes:
        rate_bit_s: layer-2 rate in bit/s; None leaves the rate alone.
        delay_s: one-way propagation delay in seconds.
        jitter_s: standard deviation of that delay; packets keep their order.
        loss_ratio: share of packets lost, 0 to 1.
        loss_burst_packets: mean length of a run of lost packets; 1 is independent loss.
        buffer_s: queue in front of the rate, in seconds at that rate.
    """

    rate_bit_s: float | None = None
    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss_ratio: float = 0.0
    loss_burst_packets: float = 1.0
    buffer_s: float = 0.1

    @property
    def is_plain(self) -> bool:
        """True when nothing is to be shaped."""
        return self.rate_bit_s is None and not (self.delay_s or self.jitter_s or self.loss_ratio)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Two directions under one name.

    ``down`` is what the PACS sends (images), ``up`` what its clients send (acknowledgements and
    DIMSE responses). ``source`` says where the figures come from; ``assumed`` lists those that no
    source gives.
    """

    name: str
    description: str
    down: Link
    up: Link
    source: str
    assumed: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """True for the unshaped reference."""
        return self.down.is_plain and self.up.is_plain

    @property
    def rtt_s(self) -> float:
        """Round-trip time added by the profile: the sum of both one-way delays, in seconds."""
        return self.down.delay_s + self.up.delay_s
