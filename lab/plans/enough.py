"""Whether a case has been run often enough."""

import statistics
from collections.abc import Collection, Mapping, Sequence

from lab.model.plan import Plan, Repeats
from lab.statistics.intervals import median_interval

LEVEL = 0.99  # a look after every run finds a short interval too early: stopping at 95 % leaves 94 of 95
FEWEST_FOR_AN_INTERVAL = 8  # the range of 7 samples holds the median in 98.4 of 100 cases


def enough(repeats: Repeats, durations_s: Sequence[float]) -> bool:
    """Whether no further run is to be made of a case whose measured runs took so long.

    ``at_least`` always are, and never more than ``at_most``. Between these the median has to be known well
    enough (``within_ratio``), or the runs to have taken ``budget_s`` together.
    """
    if len(durations_s) < repeats.at_least:
        return False
    if repeats.within_ratio is None or len(durations_s) >= repeats.at_most:
        return True
    if repeats.budget_s is not None and sum(durations_s) >= repeats.budget_s:
        return True
    return _known_within(repeats.within_ratio, durations_s)


def _known_within(ratio: float, durations_s: Sequence[float]) -> bool:
    """The 99 % interval is within that share of the median on both sides; a lower level will not do."""
    interval = median_interval(durations_s, LEVEL)
    if interval is None or interval.level < LEVEL:
        return False
    median_s = statistics.median(durations_s)
    return max(median_s - interval.low, interval.high - median_s) <= ratio * median_s


def finished(
    plan: Plan, durations_s: Mapping[int, Sequence[float]], failed: Collection[int] = ()
) -> frozenset[int]:
    """Numbers of the cases that are through: those with runs enough, and those given up.

    Args:
        plan: whose cases count from 1.
        durations_s: of the measured runs of each case so far, by its number.
        failed: cases that are not to be run again.
    """
    numbers = range(1, len(plan.cases) + 1)
    through = {number for number in numbers if enough(plan.repeats, durations_s.get(number, ()))}
    return frozenset(through | set(failed))
