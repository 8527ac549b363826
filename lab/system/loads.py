"""What the hosts of a lab use, as the engine counts it."""

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from docker.models.containers import Container

from lab.errors import LabError
from lab.model.load import Reading
from lab.system.engine import Engine, mapped

_INTERVAL_S = 0.5
_NS = 1e-9
_BLKIO_READ, _BLKIO_WRITTEN = "read", "write"


def read(engine: Engine) -> dict[str, Reading]:
    """Every running host now, by service. Raises UnhealthyError when the engine refuses."""
    hosts = engine.running_services()
    with ThreadPoolExecutor(max_workers=max(1, len(hosts))) as pool:
        return dict(zip(hosts, pool.map(lambda host: _read_one(engine, host), hosts.values()), strict=True))


@mapped
def _read_one(engine: Engine, container: Container) -> Reading:
    """Without the engine's wait of a second for a rate of its own."""
    stats = engine.client.api.stats(container.id or "", stream=False, one_shot=True)
    return reading(stats, time.monotonic())


def reading(stats: Mapping[str, Any], at_s: float) -> Reading:
    """From the engine's words (`GET /containers/{id}/stats`)."""
    memory = stats.get("memory_stats", {})
    networks = (stats.get("networks") or {}).values()
    return Reading(
        at_s=at_s,
        cpu_s=stats["cpu_stats"]["cpu_usage"]["total_usage"] * _NS,
        memory_bytes=_without_page_cache(memory),
        read_bytes=_disk(stats, _BLKIO_READ),
        written_bytes=_disk(stats, _BLKIO_WRITTEN),
        received_bytes=sum(one["rx_bytes"] for one in networks) if networks else None,
        sent_bytes=sum(one["tx_bytes"] for one in networks) if networks else None,
        throttled_s=stats["cpu_stats"].get("throttling_data", {}).get("throttled_time", 0) * _NS,
    )


def _without_page_cache(memory: Mapping[str, Any]) -> int | None:
    """As `docker stats` shows it: cgroup v1 and v2 name the cache differently."""
    if "usage" not in memory:
        return None
    details = memory.get("stats", {})
    cached = details.get("total_inactive_file", details.get("inactive_file", 0))
    return int(memory["usage"]) - int(cached)


def _disk(stats: Mapping[str, Any], operation: str) -> int | None:
    rows = (stats.get("blkio_stats") or {}).get("io_service_bytes_recursive")
    if rows is None:
        return None
    return sum(int(row["value"]) for row in rows if row["op"].lower() == operation)


class HostReadings:
    """Readings of every host, as they come in; complete when the block that watches has ended."""

    def __init__(self, engine: Engine) -> None:
        self.readings: dict[str, list[Reading]] = {}
        self._engine = engine
        self._begun, self._enough = threading.Event(), threading.Event()

    def begun(self) -> None:
        """Wait for the first."""
        self._begun.wait()

    def enough(self) -> None:
        """The next is the last."""
        self._enough.set()

    def read_on(self) -> None:
        """Once now, then at most twice a second, and once more when it is enough."""
        try:
            self._add()
        finally:
            self._begun.set()
        while not self._enough.is_set():
            self._enough.wait(_INTERVAL_S)
            self._add()

    def _add(self) -> None:
        try:
            now = read(self._engine)
        except LabError:
            return
        for service, one in now.items():
            self.readings.setdefault(service, []).append(one)


@contextmanager
def watched(engine: Engine) -> Iterator[HostReadings]:
    """Readings of every host while the block lasts, from one that is under way when it begins.

    An engine may take a second for each (20.10 does): the block does something else meanwhile, and one that
    is under way when it is enough is the last. A reading that fails is left out: a measurement does not end
    for want of it.
    """
    hosts = HostReadings(engine)
    thread = threading.Thread(target=hosts.read_on, daemon=True)
    thread.start()
    try:
        yield hosts
    finally:
        hosts.enough()
        thread.join()
