"""From what a kernel or an emulator reports to what is in force, and whether that is what was asked."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import cast

from lab.link.hops import is_foreign
from lab.link.netem import link_from_qdisc, untold
from lab.link.schedule import half, schedule_of
from lab.link.tun_routes import TUN_DEVICE
from lab.model.conditions import QdiscCounters
from lab.model.hop import Hop
from lab.model.link_state import HostLink, LinkState
from lab.model.profile import Link, Profile
from lab.model.shaper import Schedule, ShaperReport

_RELATIVE_TOLERANCE = 1e-3
_TIME_TOLERANCE_S = 2e-6
_RATIO_TOLERANCE = 1e-6


def host_link(service: str, hop: Hop, asked: Link) -> HostLink:
    """What is in force at one container. ``asked`` resolves netem's packet limit to a buffer."""
    host = _host_link(service, hop, asked)
    if host.trouble or not hop.other_qdiscs:
        return host
    trouble = f"besides its root qdisc {hop.device} has a {' and a '.join(hop.other_qdiscs)}"
    return dataclasses.replace(host, trouble=trouble)


def _host_link(service: str, hop: Hop, asked: Link) -> HostLink:
    if hop.qdisc.get("kind") == "netem":
        return _netem_host(service, hop, hop.keeper.link if hop.keeper else asked)
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
        report=hop.keeper,
        trouble=_trouble_of_unshaped(hop),
        segmentation_offload=hop.gso_max_segs != 1,
    )


def _trouble_of_unshaped(hop: Hop) -> str:
    if has_foreign_qdisc(hop):
        return f"a {hop.qdisc.get('kind')} that is not the lab's shapes {hop.device}"
    return "" if hop.route_device == hop.device else f"traffic leaves through {hop.route_device}"


def has_foreign_qdisc(hop: Hop) -> bool:
    """A root qdisc that somebody put there, and that is no netem."""
    return is_foreign(hop.qdisc) and hop.qdisc.get("kind") != "netem"


def _netem_host(service: str, hop: Hop, asked: Link) -> HostLink:
    link = link_from_qdisc(hop.qdisc, asked)
    seed = dict(cast("dict[str, object]", hop.qdisc.get("options", {}))).get("seed")
    if seed is not None and hop.keeper:
        seed = hop.keeper.schedule.seed  # of the first turn, from which the others follow
    return HostLink(
        service=service,
        device=hop.device,
        shaper="netem",
        link=link,
        congestion_control=hop.congestion_control,
        kernel_congestion_control=hop.kernel_congestion_control,
        dropped_packets=_whole_number(hop.qdisc.get("drops", 0)),
        seed=_whole_number(seed) if seed is not None else None,
        report=hop.keeper,
        trouble=_trouble_of_netem(hop, link),
        segmentation_offload=hop.gso_max_segs != 1,
        counters=_netem_counters(hop.qdisc),
    )


def _netem_counters(qdisc: Mapping[str, object]) -> QdiscCounters:
    def count(name: str) -> int:
        return _whole_number(qdisc.get(name, 0))

    return QdiscCounters(
        sent_bytes=count("bytes"),
        sent_packets=count("packets"),
        dropped_packets=count("drops"),
        overlimits=count("overlimits"),
        backlog_packets=count("qlen"),
    )


def _trouble_of_netem(hop: Hop, link: Link) -> str:
    if words := untold(hop.qdisc):
        return f"its netem has {words}, which is not read back"
    if hop.gso_max_segs != 1:
        return "segmentation offload is on: loss takes many frames at a time"
    if hop.keeper and not same_link(link, hop.keeper.link):
        return f"it is not as its schedule has it in the turn {hop.keeper.turn}"
    return ""


def _tun_host(service: str, hop: Hop, report: ShaperReport) -> HostLink:
    return HostLink(
        service=service,
        device=hop.device,
        shaper="tun",
        link=report.link,
        congestion_control=hop.congestion_control,
        kernel_congestion_control=hop.kernel_congestion_control,
        dropped_packets=report.dropped_packets,
        seed=report.schedule.seed,
        report=report,
        trouble=_trouble_of_tun(hop, report),
        segmentation_offload=False,
        counters=QdiscCounters(
            sent_bytes=None,
            sent_packets=report.passed_packets,
            dropped_packets=report.dropped_packets,
            overlimits=report.overflowed_packets,
        ),
    )


def _trouble_of_tun(hop: Hop, report: ShaperReport) -> str:
    if hop.route_device != TUN_DEVICE:
        return f"the emulator runs but traffic leaves through {hop.route_device}"
    if is_foreign(hop.qdisc):
        return f"besides the emulator a {hop.qdisc.get('kind')} shapes {hop.device}"
    return f"{report.unsent_packets} packets could not be sent" if report.unsent_packets else ""


def _whole_number(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def link_state(
    hops: Mapping[str, Hop], pacs_service: str, profiles: Iterable[Profile], asked: Profile | None = None
) -> LinkState:
    """The state of the whole link, from one Hop per service: which of ``profiles`` it is, and by whom.

    One that is none of them is read as if ``asked`` had been wished for, which single hosts may still have.
    """
    if not hops:
        return LinkState(profile="none", shaper="none", hosts=())
    for profile in profiles:
        hosts = _hosts(hops, pacs_service, profile)
        if all(is_as_asked(host, profile, pacs_service) for host in hosts):
            return _state(profile.name, hosts)
    return _state("custom", _hosts(hops, pacs_service, asked))


def is_as_asked(host: HostLink, profile: Profile, pacs_service: str) -> bool:
    """Whether that host has its half of the profile; of a profile with phases, the whole schedule."""
    asked = schedule_of(profile, direction_of(host.service, pacs_service), seed=0)
    if len(asked.turns) > 1:
        return host.report is not None and _same_schedule(host.report.schedule, asked)
    steady = host.report is None or len(host.report.schedule.turns) == 1
    return steady and same_link(host.link, asked.turns[0].link)


def _same_schedule(one: Schedule, other: Schedule) -> bool:
    """But for the seed."""
    if one.repeat != other.repeat or len(one.turns) != len(other.turns):
        return False
    return all(
        (a.name, a.lasts_s) == (b.name, b.lasts_s) and same_link(a.link, b.link)
        for a, b in zip(one.turns, other.turns, strict=True)
    )


def _hosts(hops: Mapping[str, Hop], pacs_service: str, profile: Profile | None) -> list[HostLink]:
    return [
        host_link(service, hop, half(profile, direction_of(service, pacs_service)) if profile else Link())
        for service, hop in hops.items()
    ]


def _state(profile_name: str, hosts: list[HostLink]) -> LinkState:
    shapers = {host.shaper for host in hosts} - {"none"}
    return LinkState(profile=profile_name, shaper="+".join(sorted(shapers)) or "none", hosts=tuple(hosts))


def direction_of(service: str, pacs_service: str) -> str:
    """The half of a profile that a service's egress gets."""
    return "down" if service == pacs_service else "up"


def same_link(one: Link, other: Link) -> bool:
    """Equal within what tc can express; a buffer where there is a rate, a burst where there is loss."""
    return (
        math.isclose(_bytes_s(one), _bytes_s(other), rel_tol=_RELATIVE_TOLERANCE)
        and math.isclose(one.delay_s, other.delay_s, abs_tol=_TIME_TOLERANCE_S)
        and math.isclose(one.jitter_s, other.jitter_s, abs_tol=_TIME_TOLERANCE_S)
        and _same_ratio(one.loss_ratio, other.loss_ratio)
        and (not one.jitter_s or one.jitter_distribution == other.jitter_distribution)
        and (
            one.loss_ratio in (0, 1)
            or math.isclose(one.loss_burst_packets, other.loss_burst_packets, rel_tol=0.01)
        )
        and _same_ratio(one.duplicate_ratio, other.duplicate_ratio)
        and _same_ratio(one.corrupt_ratio, other.corrupt_ratio)
        and _same_ratio(one.reorder_ratio, other.reorder_ratio)
        and (not one.rate_bit_s or math.isclose(one.buffer_s, other.buffer_s, rel_tol=0.05))
    )


def _bytes_s(link: Link) -> int:
    """As tc keeps a rate."""
    return round(link.rate_bit_s or 0) // 8


def _same_ratio(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=0.01, abs_tol=_RATIO_TOLERANCE)
