"""How a container reaches the lab's network."""

from dataclasses import dataclass

from lab.model.shaper import ShaperReport


@dataclass(frozen=True, kw_only=True)
class Hop:
    """The network device through which a container reaches the lab's network, as its kernel reports it.

    Attributes:
        device: name of the device that carries the address.
        subnet: of the lab's network, "172.18.0.0/16".
        address: of this container on it.
        qdisc: the root qdisc as ``tc -j qdisc show`` prints it.
        gso_max_segs: segments a packet may hold before it is cut (1: segmentation offload is off).
        route_device: the device that the kernel would send through to another host of the subnet.
        plain_route: the only route to the subnet is the one the engine made.
        mtu_bytes: of the device.
        congestion_control: what a new TCP connection to the subnet would use.
        kernel_congestion_control: what it would use if no route said otherwise.
        emulator: the userspace emulator's own report, None when none runs.
        keeper: the report of what takes netem through its schedule, None when none runs.
        monotonic_s: the machine's monotonic clock when this was read.
        other_qdiscs: kinds of those that somebody put on the device besides the root.
    """

    device: str
    subnet: str
    address: str
    qdisc: dict[str, object]
    gso_max_segs: int
    route_device: str
    plain_route: bool
    mtu_bytes: int
    congestion_control: str
    kernel_congestion_control: str
    emulator: ShaperReport | None
    keeper: ShaperReport | None
    monotonic_s: float
    other_qdiscs: tuple[str, ...] = ()
