"""From what lab.inside.hop prints to a Hop: ip's and tc's JSON, and the reports of the shapers."""

from collections.abc import Mapping, Sequence
from typing import Any

from lab.model.hop import Hop
from lab.model.plain import from_plain
from lab.model.shaper import ShaperReport


def hop_of(said: Mapping[str, Any]) -> Hop:
    """How a container reaches the lab's network.

    Raises LookupError, TypeError or NotOfThatKind when this is nothing that the program prints.
    """
    link, routes, kernel = said["link"], said["routes"], said["kernel_congestion_control"]
    route_device = said["route"]["dev"]
    qdiscs = said["qdiscs"]
    return Hop(
        device=link["ifname"],
        subnet=said["subnet"],
        address=said["address"],
        qdisc=next((qdisc for qdisc in qdiscs if qdisc.get("root")), {}),
        gso_max_segs=link["gso_max_segs"],
        route_device=route_device,
        plain_route=len(routes) == 1 and not {"metric", "metrics"} & routes[0].keys(),
        mtu_bytes=link["mtu"],
        congestion_control=_route_congestion_control(routes, route_device) or kernel,
        kernel_congestion_control=kernel,
        emulator=_report(said["emulator"]),
        keeper=_report(said["keeper"]),
        monotonic_s=said["monotonic_s"],
        other_qdiscs=tuple(qdisc["kind"] for qdisc in qdiscs if not qdisc.get("root") and is_foreign(qdisc)),
    )


def is_foreign(qdisc: Mapping[str, object]) -> bool:
    """One that somebody put there; those a device is born with have handle 0."""
    return qdisc.get("handle", "0:") != "0:"


def _route_congestion_control(routes: Sequence[Mapping[str, Any]], device: str) -> str:
    """What the route says, "" when it leaves it to the kernel. iproute2 6.15 calls it "congestion"."""
    metrics = [metric for route in routes if route["dev"] == device for metric in route.get("metrics", [])]
    named = [metric[key] for metric in metrics for key in ("congctl", "congestion") if key in metric]
    return str(named[0]) if named else ""


def _report(said: Mapping[str, Any] | None) -> ShaperReport | None:
    return None if said is None else from_plain(ShaperReport, said)
