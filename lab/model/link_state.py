"""The link as it is: read from kernels and emulators, never remembered."""

from dataclasses import dataclass

from lab.model.profile import Link


@dataclass(frozen=True, kw_only=True)
class HostLink:
    """What leaves one container towards the lab's network.

    Attributes:
        service: compose service whose egress this is.
        device: its network device.
        shaper: "netem", "tun", or "none".
        link: the impairments in force, as the kernel or the emulator reports them.
        congestion_control: what a new TCP connection there would use.
        kernel_congestion_control: what it would use if no route said otherwise.
        dropped_packets: dropped by the shaper so far, lost on purpose or for want of buffer.
        trouble: what is wrong with the shaping here in plain words, "" when nothing is.
    """

    service: str
    device: str
    shaper: str
    link: Link
    congestion_control: str
    kernel_congestion_control: str
    dropped_packets: int
    trouble: str


@dataclass(frozen=True, kw_only=True)
class LinkState:
    """All shaped hosts together. ``profile`` is the name that what was read matches, or "custom"."""

    profile: str
    shaper: str
    hosts: tuple[HostLink, ...]
