"""The link as it is wished for, and as it is: read from kernels and emulators, never remembered."""

from dataclasses import dataclass

from lab.model.conditions import QdiscCounters
from lab.model.profile import Link, Profile
from lab.model.shaper import ShaperReport

AUTO = "auto"
KERNELS_OWN = "kernel"
PACS = "orthanc"
"""The host whose packets go down; those of all others go up."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the link is to be.

    Attributes:
        profile: both directions.
        shaper: "netem", "tun", or AUTO for netem where the kernel has it.
        congestion_control: of every host's TCP connections; AUTO is cubic where it can be had, else the
            kernel's own; KERNELS_OWN leaves it alone.
        seed: decides the fate of each packet; None takes the profile's, or draws one.
        duration_s: after so long the shapers take themselves off; None leaves them.
    """

    profile: Profile
    shaper: str = AUTO
    congestion_control: str = AUTO
    seed: int | None = None
    duration_s: float | None = None


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
        seed: what decides the fate of each packet; None where the kernel draws it.
        report: of the emulator, or of the process that takes netem through its schedule; None where
            nothing of ours runs beside the container.
        trouble: what is wrong with the shaping here in plain words, "" when nothing is.
        segmentation_offload: the device may hold packets that are cut into frames later.
        counters: of what shapes; None where nothing does.
    """

    service: str
    device: str
    shaper: str
    link: Link
    congestion_control: str
    kernel_congestion_control: str
    dropped_packets: int
    seed: int | None = None
    report: ShaperReport | None = None
    trouble: str = ""
    segmentation_offload: bool = True
    counters: QdiscCounters | None = None


@dataclass(frozen=True, kw_only=True)
class LinkState:
    """All shaped hosts together. ``profile`` is the name that what was read matches, or "custom"."""

    profile: str
    shaper: str
    hosts: tuple[HostLink, ...]

    def host(self, service: str) -> HostLink | None:
        """That service's; None where nothing is known of it."""
        return next((host for host in self.hosts if host.service == service), None)

    def link(self, service: str) -> Link | None:
        """What that service sends over; None as in ``host``."""
        host = self.host(service)
        return host.link if host else None
