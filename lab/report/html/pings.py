"""Round trips while the middle run of a case lasted, as columns."""

from typing import Any

from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.report.html.figures import rounded, rounded_column, rows


def ping_columns(run: Run | StoreRun) -> dict[str, Any] | None:
    """At most 300 of the pings that were ``answered``, evenly taken; None where nobody pinged.

    ``at_s`` counts from the request: the first pings may have come before it. ``highest_ms`` is of all.
    """
    series = run.rtt
    if series is None or not (series.at_s or series.lost):
        return None
    kept = rows(len(series.at_s))
    return {
        "at_s": rounded_column([series.at_s[row] for row in kept], 4),
        "rtt_ms": rounded_column([series.rtt_ms[row] for row in kept]),
        "answered": len(series.at_s),
        "lost": series.lost,
        "highest_ms": rounded(max(series.rtt_ms, default=None)),
    }
