"""What is run in a host's network namespace to shape it and to clear it, from what its kernel reported."""

import dataclasses
import json
from typing import Any

from lab.link import netem, tun_routes
from lab.link.read_back import has_foreign_qdisc
from lab.model.exchange import Hop
from lab.model.profile import Link


def shaping_argvs(hop: Hop, link: Link, shaper: str, congestion_control: str) -> list[list[str]]:
    """The commands that shape one host; the tun shaper's is the emulator, which stays."""
    if shaper == "tun" and not link.is_plain:
        order = emulator_order(hop, link, congestion_control)
        return [["python3", "-m", "lab.inside.emulator", json.dumps(order)]]
    argvs = netem.apply_argvs(link, hop.device) if not link.is_plain else []
    if congestion_control:
        argvs.append(tun_routes.plain_route_argv(hop.device, hop.subnet, hop.address, congestion_control))
    return argvs


def emulator_order(hop: Hop, link: Link, congestion_control: str) -> dict[str, Any]:
    """What lab.inside.emulator is started with."""
    place = {
        "device": hop.device,
        "subnet": hop.subnet,
        "address": hop.address,
        "congestion_control": congestion_control,
        "mtu_bytes": hop.mtu_bytes,
    }
    return {"place": place, "link": dataclasses.asdict(link)}


def clearing_argvs(hop: Hop) -> list[list[str]]:
    """The commands that bring one host back to what the engine made; none when it is."""
    argvs = []
    if hop.qdisc.get("kind") == "netem" or has_foreign_qdisc(hop):
        argvs.append(netem.remove_argv(hop.device))
    if hop.gso_max_segs == 1:
        argvs.append(netem.offload_argv(hop.device, netem.UNSHAPED_GSO_MAX_SEGS))
    if not hop.plain_route:
        argvs += tun_routes.restore_argvs(hop.device, hop.subnet, hop.address)
    return argvs
