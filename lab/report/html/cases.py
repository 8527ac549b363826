"""The cases of a page: their names, their middle run and what their runs say together."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.model.record import Run, Timeline
from lab.model.store import Stores
from lab.model.store_record import StoreRun
from lab.statistics.intervals import Summary, summary
from lab.statistics.measures import MEASURES, samples
from lab.statistics.naming import labels
from lab.statistics.results import CaseResult

_FIGURES = ("first_image", "duration", "throughput", "efficiency")


@dataclass(frozen=True, kw_only=True)
class PageCase:
    """A case as every section needs it.

    Attributes:
        number: its place in the report, from 0.
        figures: by name of the measure; those that no run has are left out.
        middle: the run whose duration is the median, the shorter of two; None when no run was made.
    """

    number: int
    label: str
    result: CaseResult
    figures: dict[str, Summary]
    middle: Run | StoreRun | None

    @property
    def expected_s(self) -> float | None:
        """The duration that was predicted: in the record of the case, else in its middle run."""
        if self.result.prediction:
            return self.result.prediction.duration_s
        return self.middle.expected_s if self.middle else None

    @property
    def off_by(self) -> float | None:
        """By how much its median duration parts from the prediction: 0.25 is a quarter longer."""
        if not self.expected_s or not self.result.runs:
            return None
        return self.figures["duration"].median / self.expected_s - 1


def page_cases(results: Sequence[CaseResult]) -> list[PageCase]:
    """In the order of the results."""
    names = labels([result.key for result in results])
    return [
        PageCase(
            number=number,
            label=name,
            result=result,
            figures=_figures(result),
            middle=_middle(result.runs),
        )
        for number, (name, result) in enumerate(zip(names, results, strict=True))
    ]


def _figures(result: CaseResult) -> dict[str, Summary]:
    found = {name: samples(result.runs, MEASURES[name]) for name in _FIGURES}
    return {name: summary(values) for name, values in found.items() if values}


def _middle(runs: Sequence[Run | StoreRun]) -> Run | StoreRun | None:
    ordered = sorted(runs, key=lambda run: run.duration_s)
    return ordered[(len(ordered) - 1) // 2] if ordered else None


def timeline(run: Run | StoreRun) -> Timeline | Stores:
    """Of either kind of run; both have the same columns of times."""
    return run.timeline if isinstance(run, Run) else run.instances
