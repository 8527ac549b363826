"""By how much one set of runs differs from another, and how sure that is: from the runs alone, be they few.

No shape of their distribution is assumed, only that both sides have the same one but for a factor. The
intervals come from the exact distribution of ranks, so they keep their level with five runs a side; below
that there is none.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from lab.statistics.intervals import Interval

FASTER, SLOWER, SAME, CANNOT_TELL = WORDS = ("faster", "slower", "same", "cannot tell")
LEVEL = 0.99
SAME_WITHIN_RATIO = 0.05
"""One machine makes such a difference by itself from one hour to the next, and nobody who waits for a study
notices it; a ratio and its inverse get the same word, so it reaches from 1 / 1.05 to 1.05."""
_EXACT_UP_TO = 100


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """NEW / BASE of a measure.

    Attributes:
        estimate: Hodges-Lehmann: the median of the ratios of all runs of NEW to all of BASE; of pairs the
            median of the geometric means of all two of their ratios.
        interval: of the true ratio, at ``level`` or a little over; None where there are too few runs for it.
        level: asked for, 0 to 1.
        base_runs, new_runs: looked at.
        paired: runs of a round were held against each other.
    """

    estimate: float
    interval: Interval | None
    level: float
    base_runs: int
    new_runs: int
    paired: bool = False


def ratio(base: Sequence[float], new: Sequence[float], *, level: float = LEVEL) -> Ratio:
    """Of samples above 0, one a side at least; the interval is that of the Mann-Whitney test.

    Hodges and Lehmann 1963; Hollander, Wolfe and Chicken 2014, 4.2 and 4.3. With ties it holds the true
    ratio more often than it says.
    """
    logs = sorted(math.log(one) - math.log(other) for one in new for other in base)
    left_out = _left_out(_rank_sums(len(base), len(new)), level)
    return Ratio(
        estimate=math.exp(statistics.median(logs)),
        interval=_interval(logs, left_out),
        level=level,
        base_runs=len(base),
        new_runs=len(new),
    )


def paired_ratio(base: Sequence[float], new: Sequence[float], *, level: float = LEVEL) -> Ratio:
    """The same of pairs, each from both sequences; the interval is that of Wilcoxon's signed-rank test.

    Tukey 1949 (Walsh averages); Hollander, Wolfe and Chicken 2014, 3.2 and 3.3. Drift that both runs of a
    pair meet drops out.
    """
    pairs = [math.log(one) - math.log(other) for one, other in zip(new, base, strict=True)]
    logs = sorted((one + other) / 2 for row, one in enumerate(pairs) for other in pairs[row:])
    left_out = _left_out(_signed_ranks(len(pairs)), level)
    return Ratio(
        estimate=math.exp(statistics.median(logs)),
        interval=_interval(logs, left_out),
        level=level,
        base_runs=len(base),
        new_runs=len(new),
        paired=True,
    )


def runs_needed(level: float = LEVEL, *, paired: bool = False) -> int:
    """On each side, for an interval at that level: at 99 % five, or eight pairs."""
    return next(
        runs
        for runs in range(1, _EXACT_UP_TO)
        if (1 - level) * (2**runs if paired else math.comb(2 * runs, runs)) >= 2
    )


def word(found: Ratio, *, less_is_better: bool) -> str:
    """What the interval allows to be said.

    "same": all of it lies within 5 % either way. "faster", "slower": else, all of it on one side of 1.
    "cannot tell": 1 is in it, or there is none.
    """
    if found.interval is None:
        return CANNOT_TELL
    low, high = found.interval.low, found.interval.high
    if low >= 1 / (1 + SAME_WITHIN_RATIO) and high <= 1 + SAME_WITHIN_RATIO:
        return SAME
    if low <= 1 <= high:
        return CANNOT_TELL
    return FASTER if (high < 1) == less_is_better else SLOWER


def surely_above(found: Ratio, share: float) -> bool:
    """The whole interval lies over 1 + ``share``."""
    return found.interval is not None and found.interval.low > 1 + share


@dataclass(frozen=True, kw_only=True)
class _Ranks:
    """A statistic of ranks where nothing differs: so many of all orders give it 0, 1, 2 ...; its variance.

    ``counts`` is empty where nobody counts that many.
    """

    largest: int
    variance: float
    counts: tuple[int, ...]


@cache
def _rank_sums(base_runs: int, new_runs: int) -> _Ranks:
    """Mann and Whitney's U. The counts are the coefficients of a Gaussian binomial (their paper of 1947)."""
    largest = base_runs * new_runs
    variance = largest * (base_runs + new_runs + 1) / 12
    if max(base_runs, new_runs) > _EXACT_UP_TO:
        return _Ranks(largest=largest, variance=variance, counts=())
    counts = [1] + [0] * largest
    for step in range(1, new_runs + 1):
        for place in range(largest, base_runs + step - 1, -1):
            counts[place] -= counts[place - base_runs - step]
        for place in range(step, largest + 1):
            counts[place] += counts[place - step]
    return _Ranks(largest=largest, variance=variance, counts=tuple(counts))


@cache
def _signed_ranks(pairs: int) -> _Ranks:
    """Wilcoxon's T: in how many ways some of the ranks 1 to ``pairs`` sum up to it."""
    largest = pairs * (pairs + 1) // 2
    variance = largest * (2 * pairs + 1) / 12
    if pairs > _EXACT_UP_TO:
        return _Ranks(largest=largest, variance=variance, counts=())
    counts = [1] + [0] * largest
    for rank in range(1, pairs + 1):
        for place in range(largest, rank - 1, -1):
            counts[place] += counts[place - rank]
    return _Ranks(largest=largest, variance=variance, counts=tuple(counts))


@dataclass(frozen=True, kw_only=True)
class _LeftOut:
    """The interval ends at the ``place``-th smallest and largest; 0 is nowhere. It reaches ``level``."""

    place: int
    level: float


def _left_out(ranks: _Ranks, level: float) -> _LeftOut:
    """As many as leave ``level`` between them; of over 100 runs by the normal distribution."""
    if not ranks.counts:
        beyond = statistics.NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(ranks.variance)
        return _LeftOut(place=max(0, int(ranks.largest / 2 - beyond)), level=level)
    total, outside, place = sum(ranks.counts), 0, 0
    while 2 * (outside + ranks.counts[place]) <= (1 - level) * total:
        outside += ranks.counts[place]
        place += 1
    return _LeftOut(place=place, level=1 - 2 * outside / total)


def _interval(logs: Sequence[float], left_out: _LeftOut) -> Interval | None:
    if not left_out.place:
        return None
    low, high = logs[left_out.place - 1], logs[-left_out.place]
    return Interval(low=math.exp(low), high=math.exp(high), level=left_out.level)
