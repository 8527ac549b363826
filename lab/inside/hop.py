"""Reads the network of this namespace and prints what it is told as one JSON object. A program.

    python3 -m lab.inside.hop 172.18.0.3
    python3 -m lab.inside.hop               for each line of stdin, which is such an address, until it ends

lab.link.hops makes a Hop of it. Some sidecars start for every command: this one imports as little as it can,
and nothing that makes dataclasses. The device is found by the address, for the order of eth0 and eth1 is
promised by nobody.
"""

import ipaddress
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lab.inside.shaper_talk import EMULATOR, KEEPER, ask
from lab.link.tun_routes import TUN_DEVICE


def main() -> None:
    for address in sys.argv[1:] or map(str.strip, sys.stdin):
        print(json.dumps(read(address)), flush=True)


def read(address: str) -> dict[str, Any]:
    """What this kernel and the shapers beside it say about the way from ``address`` to its subnet."""
    link, subnet = _link_of(address)
    return {
        "address": address,
        "subnet": subnet,
        "link": link,
        "routes": _json("ip", "-j", "-d", "route", "show", subnet),
        "route": _json("ip", "-j", "route", "get", _other_address(subnet, address))[0],
        "qdiscs": _json("tc", "-j", "-s", "qdisc", "show", "dev", link["ifname"]),
        "kernel_congestion_control": Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip(),
        "emulator": ask(EMULATOR),
        "keeper": ask(KEEPER),
        "monotonic_s": time.monotonic(),
    }


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


def _json(*argv: str) -> Any:
    return json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout or "[]")


if __name__ == "__main__":
    main()
