"""The figures of a run, from its raw samples. Pure."""

import math
from collections.abc import Sequence
from itertools import pairwise

from lab.model.spread import Gaps


def quantile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that at least ``share`` of them do not exceed (nearest rank)."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def gaps(end_s: Sequence[float]) -> Gaps | None:
    """Gaps between consecutive ends, in milliseconds; None for fewer than two."""
    between = [(later - earlier) * 1e3 for earlier, later in pairwise(end_s)]
    if not between:
        return None
    return Gaps(
        p50=quantile(between, 0.50),
        p95=quantile(between, 0.95),
        p99=quantile(between, 0.99),
        max=max(between),
    )


def mbit_s(count_bytes: int, duration_s: float) -> float:
    """Throughput in 10^6 bit per second."""
    return count_bytes * 8 / duration_s / 1e6


def steady_mbit_s(end_s: Sequence[float], dataset_bytes: Sequence[int]) -> float | None:
    """Throughput after the first image; None when there is only one, or all came in one read."""
    if len(end_s) < 2 or end_s[-1] == end_s[0]:
        return None
    return mbit_s(sum(dataset_bytes[1:]), end_s[-1] - end_s[0])
