"""Two sets of records, case by case: by how much NEW differs from BASE, and in a word."""

import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from lab.model.plan import INTERLEAVED
from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.statistics.intervals import Interval
from lab.statistics.matching import Alone, Pair, match
from lab.statistics.measures import MEASURES, Measure
from lab.statistics.ratio import (
    CANNOT_TELL,
    Ratio,
    paired_ratio,
    ratio,
    runs_needed,
    surely_above,
    word,
)
from lab.statistics.results import CaseResult

DURATION = "duration"
COMPARED = (DURATION, "first_image", "throughput")
AnyRun = Run | StoreRun


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One measure of a pair; medians in the measure's unit, None where that side has no run with it."""

    measure: Measure
    base_median: float | None
    new_median: float | None
    ratio: Ratio | None
    word: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A case of both sides.

    Attributes:
        same_runs: both sides are the very same runs, so that there is nothing to estimate.
        shared_runs: how many runs are on both sides otherwise; the interval takes them for different ones.
        apart_s: from the end of one session to the begin of the other; 0 when they overlap.
    """

    pair: Pair
    measures: tuple[Compared, ...]
    same_runs: bool
    shared_runs: int
    apart_s: float

    @property
    def duration(self) -> Compared:
        """What thresholds are about."""
        return next(one for one in self.measures if one.measure.name == DURATION)

    def is_slower_by(self, share: float) -> bool:
        """The whole interval of the ratio of durations lies over 1 + ``share``."""
        return self.duration.ratio is not None and surely_above(self.duration.ratio, share)


@dataclass(frozen=True, kw_only=True)
class Comparisons:
    """All cases of both sides, in the order of BASE, and those that only one side has."""

    both: tuple[Comparison, ...]
    alone: tuple[Alone, ...]


def compare(
    base: Sequence[CaseResult], new: Sequence[CaseResult], varied: Collection[str] = ()
) -> Comparisons:
    """Match the cases, then hold the runs of each pair against each other.

    ``varied``: fields of CaseKey that may differ. Raises UsageProblem for what must not be compared.
    """
    matching = match(base, new, varied)
    return Comparisons(both=tuple(_comparison(pair) for pair in matching.pairs), alone=matching.alone)


def _comparison(pair: Pair) -> Comparison:
    base, new = pair.base.runs, pair.new.runs
    same = bool(base) and base == new
    rounds = [] if same else rounds_in_turn(pair.base, pair.new)
    return Comparison(
        pair=pair,
        measures=tuple(_compared(base, new, rounds, MEASURES[name], same=same) for name in COMPARED),
        same_runs=same,
        shared_runs=0 if same else sum(run in base for run in new),
        apart_s=_apart_s(base, new),
    )


def _compared(
    base: Sequence[AnyRun],
    new: Sequence[AnyRun],
    rounds: Sequence[tuple[AnyRun, AnyRun]],
    measure: Measure,
    *,
    same: bool,
) -> Compared:
    ours, theirs = _positive(base, measure), _positive(new, measure)
    found = _ratio(ours, theirs, _pairs(rounds, measure), same=same) if ours and theirs else None
    return Compared(
        measure=measure,
        base_median=statistics.median(ours) if ours else None,
        new_median=statistics.median(theirs) if theirs else None,
        ratio=found,
        word=word(found, less_is_better=measure.less_is_better) if found else CANNOT_TELL,
    )


def _ratio(
    base: Sequence[float], new: Sequence[float], pairs: Sequence[tuple[float, float]], *, same: bool
) -> Ratio:
    """Of pairs where there are enough of them; the very same runs are 1, however few."""
    if same:
        certain = Interval(low=1.0, high=1.0, level=1.0)
        return Ratio(estimate=1.0, interval=certain, level=1.0, base_runs=len(base), new_runs=len(new))
    if len(pairs) >= runs_needed(paired=True):
        return paired_ratio([one for one, _ in pairs], [other for _, other in pairs])
    return ratio(base, new)


def rounds_in_turn(base: CaseResult, new: CaseResult) -> list[tuple[AnyRun, AnyRun]]:
    """Both runs of every round that BASE and NEW had together, in turn, in one interleaved plan; else none.

    That they were in turn is read from the clock: a plan that was run twice has the same rounds in both.
    """
    orders = {(one.plan.sha256, one.plan.seed, one.plan.order) if one.plan else None for one in (base, new)}
    if len(orders) > 1 or not base.plan or base.plan.order != INTERLEAVED:
        return []
    ours, theirs = ({run.round: run for run in one.runs} for one in (base, new))
    if (len(ours), len(theirs)) != (len(base.runs), len(new.runs)):
        return []  # the plan was run more than once
    pairs = [(ours[number], theirs[number]) for number in sorted(ours.keys() & theirs.keys())]
    in_turn = all(
        max(run.started for run in one) < min(run.started for run in other) for one, other in pairwise(pairs)
    )
    return pairs if in_turn else []


def _pairs(rounds: Sequence[tuple[AnyRun, AnyRun]], measure: Measure) -> list[tuple[float, float]]:
    values = ((measure.of(one), measure.of(other)) for one, other in rounds)
    return [(one, other) for one, other in values if one and other]


def _positive(runs: Sequence[AnyRun], measure: Measure) -> list[float]:
    """A value of 0 has no ratio to anything."""
    return [value for run in runs if (value := measure.of(run))]


def _apart_s(base: Sequence[AnyRun], new: Sequence[AnyRun]) -> float:
    if not base or not new:
        return 0.0
    (ours_from, ours_to), (theirs_from, theirs_to) = _span(base), _span(new)
    return max(0.0, (theirs_from - ours_to).total_seconds(), (ours_from - theirs_to).total_seconds())


def _span(runs: Sequence[AnyRun]) -> tuple[datetime, datetime]:
    started = [datetime.fromisoformat(run.started) for run in runs]
    return min(started), max(started)
