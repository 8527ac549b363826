"""The middle run of a case as columns: when each instance came, how long the gaps were, how fast it went."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.report.html.cases import timeline
from lab.report.html.figures import rounded, rounded_column, rows

_DIGITS = 5
_BINS_PER_DECADE = 20
_SHORTEST_GAP_MS = 0.001
_STRETCHES = 60


def timeline_columns(run: Run | StoreRun) -> dict[str, Any]:
    """Instances in order of arrival, at most 300 of the ``of`` there were, evenly taken.

    ``end`` and ``took`` (begin to end) count units of ``unit_s`` from the request; ``took`` is empty where
    the record has no begins, ``by`` (the association) where there is one association only.
    """
    columns = timeline(run)
    if not columns.end_s:
        return {"unit_s": 1, "of": 0, "end": [], "took": [], "by": []}
    kept = rows(len(columns.end_s))
    end_s = np.asarray(columns.end_s)[kept]
    unit_s = 10.0 ** (math.ceil(math.log10(max(end_s.max(), 1e-9))) - _DIGITS)
    took_s = end_s - np.asarray(columns.begin_s)[kept] if columns.begin_s else np.empty(0)
    several = len(set(columns.association)) > 1
    return {
        "unit_s": rounded(unit_s),
        "of": len(columns.end_s),
        "end": _whole(end_s / unit_s),
        "took": _whole(took_s / unit_s),
        "by": [columns.association[row] for row in kept] if several else [],
    }


def _whole(values: NDArray[np.float64]) -> list[int]:
    whole: list[int] = np.rint(values).astype(int).tolist()
    return whole


def gap_columns(run: Run | StoreRun) -> dict[str, Any]:
    """How many gaps there were of each length: ``counts`` from 10 ** (``first`` / 20) ms on, 20 to a decade.

    Gaps of under a microsecond, between instances that came in one read, are in the first of all bins.
    """
    gaps_ms = np.diff(np.sort(np.asarray(timeline(run).end_s))) * 1e3
    if not len(gaps_ms):
        return {"first": 0, "counts": []}
    bins = np.floor(np.log10(np.maximum(gaps_ms, _SHORTEST_GAP_MS)) * _BINS_PER_DECADE).astype(int)
    first = int(bins.min())
    return {"first": first, "counts": np.bincount(bins - first).tolist()}


def speed_columns(run: Run | StoreRun) -> dict[str, Any]:
    """Throughput in 60 stretches of equal length, ``stretch_s`` each; of fewer instances in one for each.

    A Data Set counts evenly from the end of the one before it, the first from its first byte, so that few of
    them do not make peaks and holes that are not there.
    """
    columns = timeline(run)
    unsorted_s = np.asarray(columns.end_s)
    if not unsorted_s.any():
        return {"stretch_s": 0, "mbit_s": []}
    order = np.argsort(unsorted_s)
    ends_s = unsorted_s[order]
    begin_s = min(columns.begin_s[order[0]] if columns.begin_s else 0.0, ends_s[0])
    so_far = np.cumsum(np.asarray(columns.dataset_bytes)[order])
    edges_s = np.linspace(0.0, ends_s[-1], min(_STRETCHES, len(ends_s)) + 1)
    sums = np.diff(np.interp(edges_s, np.append(begin_s, ends_s), np.append(0, so_far), left=0.0))
    return {
        "stretch_s": rounded(edges_s[1].item(), _DIGITS),
        "mbit_s": rounded_column(sums * 8e-6 / edges_s[1]),
    }
