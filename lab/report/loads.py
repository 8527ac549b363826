"""What hosts use, as rows."""

from collections.abc import Mapping

from lab.model.load import Rates

LOAD_COLUMNS = (
    "host",
    "CPU cores",
    "memory MB",
    "disk read MB/s",
    "disk written MB/s",
    "network in Mbit/s",
    "network out Mbit/s",
)
_MEGA = 1e6


def load_rows(found: Mapping[str, Rates]) -> list[dict[str, object]]:
    """A row per host."""
    return [
        {
            "host": service,
            "CPU cores": one.cpu_cores,
            "memory MB": _mega(one.memory_bytes),
            "disk read MB/s": _mega(one.read_bytes_s),
            "disk written MB/s": _mega(one.written_bytes_s),
            "network in Mbit/s": _mega(one.received_bit_s),
            "network out Mbit/s": _mega(one.sent_bit_s),
        }
        for service, one in found.items()
    ]


def _mega(value: float | None) -> float | None:
    return None if value is None else value / _MEGA
