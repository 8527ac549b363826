"""What can be said of a run in one number, for moves and stores alike, under the names that gates use."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.model.case import MOVE
from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.statistics.summary import quantile


@dataclass(frozen=True, kw_only=True)
class Measure:
    """``unit`` is "s", "ms", "Mbit/s" or "" for ratios; ``of`` gives None where a run does not have it.

    ``moves_only``: stores never have it.
    """

    name: str
    title: str
    unit: str
    less_is_better: bool
    of: Callable[[Run | StoreRun], float | None]
    moves_only: bool = False

    def is_of(self, method: str) -> bool:
        """Whether runs of the method should have it."""
        return method == MOVE or not self.moves_only


def _first_image_s(run: Run | StoreRun) -> float:
    return run.first_image_s if isinstance(run, Run) else run.first_s


def _throughput(run: Run | StoreRun) -> float:
    return run.throughput_mbit_s if isinstance(run, Run) else run.mbit_s


def _gap_p95(run: Run | StoreRun) -> float | None:
    return run.gap_ms.p95 if run.gap_ms else None


MEASURES = {
    one.name: one
    for one in (
        Measure(name="first_image", title="first image", unit="s", less_is_better=True, of=_first_image_s),
        Measure(
            name="duration", title="duration", unit="s", less_is_better=True, of=lambda run: run.duration_s
        ),
        Measure(name="throughput", title="throughput", unit="Mbit/s", less_is_better=False, of=_throughput),
        Measure(
            name="steady",
            title="throughput after the first image",
            unit="Mbit/s",
            less_is_better=False,
            of=lambda run: run.steady_mbit_s if isinstance(run, Run) else None,
            moves_only=True,
        ),
        Measure(name="gap_p95", title="gap, 95th percentile", unit="ms", less_is_better=True, of=_gap_p95),
        Measure(
            name="associate",
            title="association",
            unit="s",
            less_is_better=True,
            of=lambda run: run.associate_s,
        ),
        Measure(
            name="efficiency",
            title="throughput / path",
            unit="",
            less_is_better=False,
            of=lambda run: run.efficiency,
        ),
    )
}


def samples(runs: Sequence[Run | StoreRun], measure: Measure) -> list[float]:
    """Of each run that has it, in the order of the runs."""
    found = (measure.of(run) for run in runs)
    return [value for value in found if value is not None]


STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "median": lambda found: float(statistics.median(found)),
    "p5": lambda found: quantile(found, 0.05),
    "p95": lambda found: quantile(found, 0.95),
    "p99": lambda found: quantile(found, 0.99),
    "min": min,
    "max": max,
    "mean": statistics.fmean,
}
"""What gates may ask of the samples of a case, one at least; percentiles are the nearest rank."""
