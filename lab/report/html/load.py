"""What each host did during the middle run of a case, as columns."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lab.model.load import LoadSeries
from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.report.html.figures import rounded_column, thinned

_READINGS = 40


def load_columns(run: Run | StoreRun) -> list[dict[str, Any]]:
    """Per host; rates are of the time between a reading and the one before it.

    ``at_s`` is the later of both; ``cores`` of CPU, ``memory_mb``, ``in_mbit_s`` and ``out_mbit_s`` of the
    network. Empty is what the engine does not count.
    """
    return [{"host": host, **_rates(one)} for host, one in run.hosts.items() if len(one.at_s) > 1]


def _rates(series: LoadSeries) -> dict[str, Any]:
    at_s = thinned(series.at_s, _READINGS)
    return {
        "at_s": rounded_column(at_s[1:], 4),
        "cores": _per_s(series.cpu_s, at_s, 1.0),
        "memory_mb": rounded_column(np.asarray(thinned(series.memory_bytes, _READINGS)[1:]) / 1e6),
        "in_mbit_s": _per_s(series.received_bytes, at_s, 8e-6),
        "out_mbit_s": _per_s(series.sent_bytes, at_s, 8e-6),
    }


def _per_s(totals: Sequence[float], at_s: Sequence[float], scale: float) -> list[float | None]:
    if not totals:
        return []
    used = np.maximum(np.diff(thinned(totals, _READINGS)), 0.0)
    return rounded_column(scale * used / np.maximum(np.diff(at_s), 1e-9))
