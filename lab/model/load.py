"""What a host of the lab uses of the machine, read several times."""

from dataclasses import dataclass, field

from lab.units import since_s


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One host at one moment; all but the memory are totals since its container started.

    ``at_s`` is on the controller's monotonic clock. What the engine does not count is None;
    ``throttled_s`` is how long the control group had used up its share of the processors.
    """

    at_s: float
    cpu_s: float
    memory_bytes: int | None
    read_bytes: int | None
    written_bytes: int | None
    received_bytes: int | None
    sent_bytes: int | None
    throttled_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class LoadSeries:
    """A host during a run, as columns; one that the engine does not fill is empty.

    Attributes:
        at_s: when it was read, counted from the first reading of any host, just before the run.
        cpu_s: CPU time since the first reading.
        memory_bytes: in use at that moment.
        read_bytes, written_bytes: from and to disks since the first reading.
        received_bytes, sent_bytes: over the network since the first reading.
    """

    at_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    memory_bytes: list[int] = field(default_factory=list)
    read_bytes: list[int] = field(default_factory=list)
    written_bytes: list[int] = field(default_factory=list)
    received_bytes: list[int] = field(default_factory=list)
    sent_bytes: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What a host did between two readings; memory at the second. Bytes and bits are per second."""

    cpu_cores: float
    memory_bytes: int | None
    read_bytes_s: float | None
    written_bytes_s: float | None
    received_bit_s: float | None
    sent_bit_s: float | None


def rates(earlier: Reading, later: Reading) -> Rates:
    """Per second of the time between; a counter that began anew counts from 0."""
    lasted_s = max(later.at_s - earlier.at_s, 1e-9)

    def per_s(name: str) -> float | None:
        before, after = getattr(earlier, name), getattr(later, name)
        return None if before is None or after is None else max(0.0, after - before) / lasted_s

    def bits(name: str) -> float | None:
        found = per_s(name)
        return None if found is None else 8 * found

    return Rates(
        cpu_cores=per_s("cpu_s") or 0.0,
        memory_bytes=later.memory_bytes,
        read_bytes_s=per_s("read_bytes"),
        written_bytes_s=per_s("written_bytes"),
        received_bit_s=bits("received_bytes"),
        sent_bit_s=bits("sent_bytes"),
    )


def series(readings: list[Reading], from_s: float | None = None) -> LoadSeries:
    """Columns of what was read; times count from ``from_s``, else from the first reading."""
    if not readings:
        return LoadSeries()
    first = readings[0]

    def since(name: str) -> list[int]:
        values = [getattr(one, name) for one in readings]
        return [] if None in values else [value - values[0] for value in values]

    memory = [one.memory_bytes for one in readings if one.memory_bytes is not None]
    return LoadSeries(
        at_s=since_s(first.at_s if from_s is None else from_s, (one.at_s for one in readings)),
        cpu_s=since_s(first.cpu_s, (one.cpu_s for one in readings)),
        memory_bytes=memory if len(memory) == len(readings) else [],
        read_bytes=since("read_bytes"),
        written_bytes=since("written_bytes"),
        received_bytes=since("received_bytes"),
        sent_bytes=since("sent_bytes"),
    )
