"""Quick ACKs for a program that does not ask for them: its container's route says so (ip-route(8), quickack).

A PACS with Nagle's algorithm on that answers in two writes sends the second only when the first is
acknowledged; a client's kernel delays that ACK by 40 ms. With this metric it does not.
"""

from lab.link import tun_routes
from lab.system import netns
from lab.system.engine import Engine


def acknowledge_at_once(engine: Engine, service: str) -> None:
    """Until the link is next cleared. An emulated link has routes of its own, and keeps them."""
    hop = netns.read_hop(engine, service)
    if hop.route_device == hop.device:
        chosen = hop.congestion_control if hop.congestion_control != hop.kernel_congestion_control else ""
        argv = tun_routes.plain_route_argv(hop.device, hop.subnet, hop.address, chosen)
        netns.run(engine, service, [[*argv, "quickack", "1"]])
