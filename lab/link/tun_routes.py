"""The routes of the tun shaper, as ip's argv.

While it shapes, a container has two routes to the lab's subnet: the emulator's, preferred, and the
plain one behind it with a worse metric. The plain one is what is left when the emulator dies.
"""

TUN_DEVICE = "lab0"
FALLBACK_METRIC = "4096"
_TUN_METRIC = "1"
TUN_QUEUE_PACKETS = 5000


def takeover_argvs(
    device: str, subnet: str, address: str, congestion_control: str, mtu_bytes: int
) -> list[list[str]]:
    """Put the emulator's device in front; ``congestion_control`` "" leaves the kernel's."""
    congctl = ["congctl", congestion_control] if congestion_control else []
    tail = ["src", address]
    return [
        ["ip", "link", "set", TUN_DEVICE, "up", "mtu", str(mtu_bytes), "txqueuelen", str(TUN_QUEUE_PACKETS)],
        ["ip", "route", "replace", subnet, "dev", device, *tail, "metric", FALLBACK_METRIC, *congctl],
        ["ip", "route", "del", subnet, "dev", device, "metric", "0"],
        ["ip", "route", "add", subnet, "dev", TUN_DEVICE, *tail, "metric", _TUN_METRIC, *congctl],
    ]


def restore_argvs(device: str, subnet: str, address: str) -> list[list[str]]:
    """Back to the one route that Docker made; right after a clean end, a crash, or nothing at all."""
    return [
        plain_route_argv(device, subnet, address),
        ["ip", "route", "flush", subnet, "dev", device, "metric", FALLBACK_METRIC],
    ]


def plain_route_argv(device: str, subnet: str, address: str, congestion_control: str = "") -> list[str]:
    """The route Docker makes, with a congestion control when one is asked for."""
    congctl = ["congctl", congestion_control] if congestion_control else []
    return [
        "ip",
        "route",
        "replace",
        subnet,
        "dev",
        device,
        "proto",
        "kernel",
        "scope",
        "link",
        "src",
        address,
        *congctl,
    ]
