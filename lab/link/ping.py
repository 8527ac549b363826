"""What iputils' ping prints, as numbers."""

import re
import statistics

_REPLY = re.compile(r"time=([\d.]+) ms")


def rtts_ms(output: str) -> list[float]:
    """Round-trip times of the replies in ping's output, in milliseconds."""
    return [float(found) for found in _REPLY.findall(output)]


def median_rtt_ms(output: str) -> float | None:
    """Median of the replies; None when nothing answered."""
    rtts = rtts_ms(output)
    return statistics.median(rtts) if rtts else None
