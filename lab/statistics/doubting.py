"""Doubts about a case: those of its runs, and those that only all of them together give."""

import statistics
from collections import Counter

from lab.model.profile import Link, Profile
from lab.model.spread import Doubt
from lab.statistics.results import CaseResult

_FEWEST = 3
_FEWEST_TO_BE_UNSTABLE = 5
_SPREAD = 0.1
_TO_DEVIATION = 1.4826  # of a normal distribution: standard deviation to median deviation

_FEW_RUNS = Doubt(
    code="few_runs",
    text="fewer than three runs say nothing about spread",
    remedy="--runs 3 or more; at_least in a plan",
)
_UNSTABLE = Doubt(
    code="unstable",
    text="runs of the same thing differ by over 10 % of their median, though the link has no lot to draw",
    remedy="stop what else runs here; more runs; compare only what was run in turn",
)


def doubts_of(result: CaseResult) -> dict[Doubt, int]:
    """Each doubt with the runs that are in it; whether they are few is seen here, where all are known."""
    doubts = (doubt for run in result.runs for doubt in run.doubts)
    found = Counter(doubt for doubt in doubts if doubt.code != _FEW_RUNS.code)
    of_all = few_runs(len(result.runs)) if result.runs else []
    of_all += [_UNSTABLE] if _is_unstable(result) else []
    return {**found, **dict.fromkeys(of_all, len(result.runs))}


def few_runs(count: int) -> list[Doubt]:
    """The doubt about each of so many runs of a case; none where they are three or more."""
    return [_FEW_RUNS] if count < _FEWEST else []


def _is_unstable(result: CaseResult) -> bool:
    """By the median deviation, which one outlier does not move; loss and jitter are spread by themselves."""
    profile = result.case.profile if result.case else None
    if len(result.runs) < _FEWEST_TO_BE_UNSTABLE or (profile and _draws_lots(profile)):
        return False
    durations_s = [run.duration_s for run in result.runs]
    median_s = statistics.median(durations_s)
    deviation_s = statistics.median(abs(one - median_s) for one in durations_s)
    return _TO_DEVIATION * deviation_s > _SPREAD * median_s


def _draws_lots(profile: Profile) -> bool:
    return bool(profile.phases) or _is_drawn(profile.down) or _is_drawn(profile.up)


def _is_drawn(link: Link) -> bool:
    return bool(link.loss_ratio or link.jitter_s or link.corrupt_ratio or link.reorder_ratio)
