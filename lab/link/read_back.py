"""From what a kernel or an emulator reports to what is in force, and whether that is what was asked."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from lab.link.netem import link_from_qdisc
from lab.model.exchange import Hop
from lab.model.link_state import HostLink, LinkState
from lab.model.profile import Link, Profile

TUN_DEVICE = "lab0"
_RELATIVE_TOLERANCE = 1e-3
_TIME_TOLERANCE_S = 2e-6
_RATIO_TOLERANCE = 1e-6


def host_link(service: str, hop: Hop, asked: Link) -> HostLink:
    """What is in force at one container. ``asked`` resolves netem's packet limit to a buffer."""
    if hop.qdisc.get("kind") == "netem":
        return _netem_host(service, hop, asked)
    if hop.emulator is not None:
        return _tun_host(service, hop, hop.emulator)
    return HostLink(
        service=service,
        device=hop.device,
        shaper="none",
        link=Link(),
        congestion_control=hop.congestion_control,
        kernel_congestion_control=hop.kernel_congestion_control,
        dropped_packets=0,
        trouble=_trouble_of_unshaped(hop),
    )


def _trouble_of_unshaped(hop: Hop) -> str:
    if has_foreign_qdisc(hop):
        return f"a {hop.qdisc.get('kind')} that is not the lab's shapes {hop.device}"
    return "" if hop.route_device == hop.device else f"traffic leaves through {hop.route_device}"


def has_foreign_qdisc(hop: Hop) -> bool:
    """A root qdisc that somebody put there; the one a device is born with has handle 0."""
    return hop.qdisc.get("handle", "0:") != "0:" and hop.qdisc.get("kind") != "netem"


def _netem_host(service: str, hop: Hop, asked: Link) -> HostLink:
    offload_on = hop.gso_max_segs != 1
    return HostLink(
        service=service,
        device=hop.device,
        shaper="netem",
        link=link_from_qdisc(hop.qdisc, asked),
        congestion_control=hop.congestion_control,
        kernel_congestion_control=hop.kernel_congestion_control,
        dropped_packets=_whole_number(hop.qdisc.get("drops", 0)),
        trouble="segmentation offload is on: loss takes many frames at a time" if offload_on else "",
    )


def _tun_host(service: str, hop: Hop, report: Mapping[str, Any]) -> HostLink:
    return HostLink(
        service=service,
        device=hop.device,
        shaper="tun",
        link=Link(**report["link"]),
        congestion_control=hop.congestion_control,
        kernel_congestion_control=hop.kernel_congestion_control,
        dropped_packets=report["lost_packets"] + report["overflowed_packets"] + report["unsent_packets"],
        trouble=_trouble_of_tun(hop, report),
    )


def _trouble_of_tun(hop: Hop, report: Mapping[str, Any]) -> str:
    if hop.route_device != TUN_DEVICE:
        return f"the emulator runs but traffic leaves through {hop.route_device}"
    return f"{report['unsent_packets']} packets could not be sent" if report["unsent_packets"] else ""


def _whole_number(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def link_state(hops: Mapping[str, Hop], pacs_service: str, profiles: Iterable[Profile]) -> LinkState:
    """The state of the whole link, from one Hop per service: which of ``profiles`` it is, and by whom."""
    if not hops:
        return LinkState(profile="none", shaper="none", hosts=())
    for profile in profiles:
        hosts = _hosts(hops, pacs_service, profile)
        if all(same_link(host.link, half(profile, host.service, pacs_service)) for host in hosts):
            return _state(profile.name, hosts)
    return _state("custom", _hosts(hops, pacs_service, None))


def _hosts(hops: Mapping[str, Hop], pacs_service: str, profile: Profile | None) -> list[HostLink]:
    return [
        host_link(service, hop, half(profile, service, pacs_service) if profile else Link())
        for service, hop in hops.items()
    ]


def _state(profile_name: str, hosts: list[HostLink]) -> LinkState:
    shapers = {host.shaper for host in hosts} - {"none"}
    return LinkState(profile=profile_name, shaper="+".join(sorted(shapers)) or "none", hosts=tuple(hosts))


def half(profile: Profile, service: str, pacs_service: str) -> Link:
    """The half of a profile that applies to a service: down for the PACS, up for its clients."""
    return profile.down if service == pacs_service else profile.up


def same_link(one: Link, other: Link) -> bool:
    """Equal within what tc's units can express. Buffers count only where there is a rate."""
    return (
        math.isclose(one.rate_bit_s or 0, other.rate_bit_s or 0, rel_tol=_RELATIVE_TOLERANCE)
        and math.isclose(one.delay_s, other.delay_s, abs_tol=_TIME_TOLERANCE_S)
        and math.isclose(one.jitter_s, other.jitter_s, abs_tol=_TIME_TOLERANCE_S)
        and math.isclose(one.loss_ratio, other.loss_ratio, rel_tol=0.01, abs_tol=_RATIO_TOLERANCE)
        and math.isclose(one.loss_burst_packets, other.loss_burst_packets, rel_tol=0.01)
        and (not one.rate_bit_s or math.isclose(one.buffer_s, other.buffer_s, rel_tol=0.05))
    )
