"""What a run lost on its way, as either side counted it; None where nobody did."""

from lab.model.exchange import Accepted, Connection
from lab.model.record import Run
from lab.model.store_record import StoreRun


def connections(run: Run | StoreRun) -> list[Connection]:
    """What the instrument's kernel knew of each of the run's connections."""
    held = [one.connection if isinstance(one, Accepted) else one for one in run.connections]
    return [one for one in held if one is not None]


def dropped(run: Run | StoreRun) -> float | None:
    """Packets dropped by the shaper, both ways."""
    return sum(run.link.dropped_packets.values()) if run.link and run.link.dropped_packets else None


def retransmitted(run: Run | StoreRun) -> float | None:
    """Segments that the instrument's side sent again."""
    return _sum([one.retransmitted_segments for one in connections(run)])


def out_of_order(run: Run | StoreRun) -> float | None:
    """Packets that came ahead of a hole."""
    return _sum([one.out_of_order_packets for one in connections(run)])


def _sum(counts: list[int | None] | list[float | None]) -> float | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
