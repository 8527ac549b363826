"""What else went on while a run was measured: on the machine, and on the link."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from lab.link import ping, probe_plan
from lab.model.conditions import MachineRecord, RttSeries
from lab.model.link_state import PACS, LinkState
from lab.model.load import LoadSeries, Reading, series
from lab.model.profile import Link
from lab.system import hostinfo, loads, pinging
from lab.system.engine import Engine
from lab.units import since_s


@dataclass(kw_only=True)
class Watch:
    """Filled while the block lasts, complete when it has ended, and that which reads the hosts too."""

    readings: Mapping[str, list[Reading]] = field(default_factory=dict)
    cpu_before: hostinfo.CpuTimes | None = None
    cpu_after: hostinfo.CpuTimes | None = None
    clock_jump_s: float = 0.0
    pings: str = ""

    @property
    def hosts(self) -> dict[str, LoadSeries]:
        """What each host used, as columns."""
        from_s = min((found[0].at_s for found in self.readings.values() if found), default=0.0)
        return {service: series(found, from_s) for service, found in self.readings.items()}

    @property
    def condition(self) -> MachineRecord:
        """What else the machine did."""
        return condition(self.cpu_before, self.cpu_after, self.readings, self.clock_jump_s)

    def rtt(self, from_s: float) -> RttSeries | None:
        """Round trips, counted from that time on the monotonic clock; None where ping told nothing."""
        said = ping.pinged(self.pings)
        if said is None:
            return None
        from_wall_s = from_s + time.time() - time.monotonic()
        found = ping.stamped_rtts_ms(self.pings)
        return RttSeries(
            at_s=since_s(from_wall_s, (at_s for at_s, _ in found)),
            rtt_ms=[rtt_ms for _, rtt_ms in found],
            lost=said.sent - said.answered,
        )


@contextmanager
def watched(engine: Engine, client: str, state: LinkState, hosts: loads.HostReadings) -> Iterator[Watch]:
    """Processors, clocks, and the way from a client to the PACS, from before the block to after it.

    The block begins when the ``hosts`` have been read once, and their last reading begins at its end.
    ``state`` is the link's: of a slow one the pings take little.
    """
    watch = Watch(readings=hosts.readings)
    spacing_s = probe_plan.ping_spacing_beside_a_run_s(links_in_turn(state))
    with pinging.pinging(engine, client, PACS, spacing_s) as said:
        hosts.begun()
        wall_s, monotonic_s = time.time(), time.monotonic()
        watch.cpu_before = hostinfo.cpu_times()
        yield watch
        hosts.enough()
        watch.cpu_after = hostinfo.cpu_times()
        watch.clock_jump_s = (time.time() - wall_s) - (time.monotonic() - monotonic_s)
    watch.pings = said.text


def links_in_turn(state: LinkState) -> Iterator[Link]:
    """Every host's, now and in each turn of its schedule."""
    for host in state.hosts:
        yield host.link
        yield from (turn.link for turn in host.report.schedule.turns) if host.report else ()


def condition(
    before: hostinfo.CpuTimes | None,
    after: hostinfo.CpuTimes | None,
    readings: Mapping[str, list[Reading]],
    clock_jump_s: float,
) -> MachineRecord:
    """From what was read at both ends."""
    busy_ratio = steal_ratio = None
    if before and after and after.total_s > before.total_s:
        total_s = after.total_s - before.total_s
        busy_ratio = 1 - (after.idle_s - before.idle_s) / total_s
        steal_ratio = (after.steal_s - before.steal_s) / total_s
    return MachineRecord(
        busy_ratio=busy_ratio,
        steal_ratio=steal_ratio,
        throttled_s={name: _throttled_s(found) for name, found in readings.items() if found},
        clock_jump_s=clock_jump_s,
    )


def _throttled_s(found: list[Reading]) -> float:
    return found[-1].throttled_s - found[0].throttled_s
