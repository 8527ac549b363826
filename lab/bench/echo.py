"""Many C-ECHOs summed up."""

from collections.abc import Sequence

from lab.model.echo import Echo, EchoSummary
from lab.statistics.summary import quantile

_SUCCESS = 0


def summary(echoes: Sequence[Echo]) -> EchoSummary:
    """Round trips of those that were answered, whatever the status."""
    times_ms = [echo.rtt_ms for echo in echoes if echo.rtt_ms is not None]
    return EchoSummary(
        sent=len(echoes),
        answered=len(times_ms),
        failed=sum(echo.status not in (None, _SUCCESS) for echo in echoes),
        lost=len(echoes) - len(times_ms),
        min_ms=min(times_ms, default=None),
        median_ms=quantile(times_ms, 0.5) if times_ms else None,
        p95_ms=quantile(times_ms, 0.95) if times_ms else None,
        max_ms=max(times_ms, default=None),
    )
