"""Reads the network of this namespace and prints it as one JSON Hop. A program; run with an address.

    python3 -m lab.inside.hop 172.18.0.3

The device is found by the address, for the order of eth0 and eth1 is promised by nobody.
"""

import ipaddress
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lab.inside.shaper_talk import EMULATOR, KEEPER, ask
from lab.link.read_back import TUN_DEVICE, is_foreign
from lab.model.exchange import Hop
from lab.model.plain import to_json


def main() -> None:
    print(to_json(read_hop(sys.argv[1])))


def read_hop(address: str) -> Hop:
    """What this kernel says about the way from ``address`` to its subnet."""
    link, subnet = _link_of(address)
    device = link["ifname"]
    routes = _json("ip", "-j", "-d", "route", "show", subnet)
    route_device = _json("ip", "-j", "route", "get", _other_address(subnet, address))[0]["dev"]
    kernel = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    qdiscs = _json("tc", "-j", "-s", "qdisc", "show", "dev", device)
    return Hop(
        device=device,
        subnet=subnet,
        address=address,
        qdisc=next((qdisc for qdisc in qdiscs if qdisc.get("root")), {}),
        gso_max_segs=link["gso_max_segs"],
        route_device=route_device,
        plain_route=len(routes) == 1 and not {"metric", "metrics"} & routes[0].keys(),
        mtu_bytes=link["mtu"],
        congestion_control=_route_congestion_control(routes, route_device) or kernel,
        kernel_congestion_control=kernel,
        emulator=ask(EMULATOR),
        keeper=ask(KEEPER),
        monotonic_s=time.monotonic(),
        other_qdiscs=tuple(qdisc["kind"] for qdisc in qdiscs if not qdisc.get("root") and is_foreign(qdisc)),
    )


def _link_of(address: str) -> tuple[dict[str, Any], str]:
    """The device that has the address, as ip tells of it, and the subnet."""
    for link in _json("ip", "-j", "-d", "-4", "addr", "show"):
        for entry in link["addr_info"]:
            if entry.get("local") == address and link["ifname"] != TUN_DEVICE:
                return link, str(ipaddress.ip_interface(f"{address}/{entry['prefixlen']}").network)
    msg = f"no network device here has the address {address}"
    raise SystemExit(msg)


def _other_address(subnet: str, address: str) -> str:
    hosts = ipaddress.ip_network(subnet).hosts()
    return next(str(host) for host in hosts if str(host) != address)


def _route_congestion_control(routes: list[dict[str, Any]], device: str) -> str:
    """What the route says, "" when it leaves it to the kernel. iproute2 6.15 calls it "congestion"."""
    metrics = [metric for route in routes if route["dev"] == device for metric in route.get("metrics", [])]
    named = [metric[key] for metric in metrics for key in ("congctl", "congestion") if key in metric]
    return str(named[0]) if named else ""


def _json(*argv: str) -> Any:
    return json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout or "[]")


if __name__ == "__main__":
    main()
