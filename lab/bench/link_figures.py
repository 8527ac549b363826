"""What the link did during one run, from its state before and after. Pure."""

from collections.abc import Iterable

from lab.model.conditions import EmulatorRecord, LinkRecord, PhaseMark
from lab.model.link_state import HostLink, LinkState
from lab.model.profile import Profile

PACS, TESTER = "orthanc", "tester"


def link_record(
    profile: Profile | None,
    before: LinkState,
    after: LinkState,
    *,
    requested_s: float | None,
    duration_s: float,
    ceiling_mbit_s: float | None,
    client: str = TESTER,
) -> LinkRecord:
    """``requested_s`` is when the C-MOVE-RQ was sent, on the machine's monotonic clock, None where nobody
    knows; ``client`` the host at the PACS's other side.
    """
    was, became = _sides(before, client), _sides(after, client)
    return LinkRecord(
        assumed=list(profile.assumed) if profile else [],
        seed={side: host.seed for side, host in became.items()},
        dropped_packets={
            side: host.dropped_packets - was[side].dropped_packets
            for side, host in became.items()
            if side in was
        },
        phases=[]
        if requested_s is None
        else _phases(became.get("pacs"), requested_s, requested_s + duration_s),
        emulator=_emulator(was, became, duration_s, ceiling_mbit_s),
        read_back={side: host.link for side, host in became.items()},
        segmentation_offload={side: host.segmentation_offload for side, host in became.items()},
        counters_before={side: host.counters for side, host in was.items() if host.counters},
        counters_after={side: host.counters for side, host in became.items() if host.counters},
    )


def _sides(state: LinkState, client: str) -> dict[str, HostLink]:
    hosts = {host.service: host for host in state.hosts}
    sides = {"pacs": PACS, "tester": client}
    return {side: hosts[service] for side, service in sides.items() if service in hosts}


def _phases(host: HostLink | None, from_s: float, to_s: float) -> list[PhaseMark]:
    """Those in force during a stretch of time, the first of them from before it."""
    if host is None or host.report is None or len(host.report.schedule.turns) == 1:
        return []
    changes = [change for change in host.report.changes if change.at_s <= to_s]
    earlier = sum(change.at_s <= from_s for change in changes)
    return [PhaseMark(name=c.turn, at_s=c.at_s - from_s) for c in changes[max(0, earlier - 1) :]]


def _emulator(
    was: dict[str, HostLink], became: dict[str, HostLink], duration_s: float, ceiling_mbit_s: float | None
) -> EmulatorRecord | None:
    both = [(was[side], became[side]) for side in became.keys() & was.keys() if became[side].shaper == "tun"]
    used = [_cpu_s(after) - _cpu_s(before) for before, after in both]
    if not used:
        return None
    return EmulatorRecord(
        ceiling_mbit_s=ceiling_mbit_s,
        busiest_cpu_share=max(used) / duration_s,
        late_p99_ms=_worst(host.report.late_p99_ms for _, host in both if host.report),
        late_max_ms=_worst(host.report.late_max_ms for _, host in both if host.report),
    )


def _cpu_s(host: HostLink) -> float:
    return host.report.cpu_s if host.report else 0.0


def _worst(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
