"""The table of cases: what is shown, and the number that each column is sorted by."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.report.html.cases import PageCase
from lab.report.html.figures import rounded, share, shown
from lab.statistics.doubting import doubts_of
from lab.statistics.intervals import Summary

COLUMNS = (
    "case",
    "outcome",
    "runs",
    "first image s",
    "duration s",
    "p95 s",
    "outliers",
    "expected s",
    "Mbit/s",
    "of the path",
    "doubts",
)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """``by`` is what it is sorted by; None comes last."""

    text: str
    by: float | None


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A case, and whether the charts of one case can show it."""

    number: int
    label: str
    outcome: str
    cells: list[Cell]
    has_runs: bool


def case_rows(cases: Sequence[PageCase]) -> list[CaseRow]:
    """One per case, with the cells of COLUMNS after the first two."""
    return [_row(case) for case in cases]


def _row(case: PageCase) -> CaseRow:
    result, figures = case.result, case.figures
    duration = figures.get("duration")
    doubts = len({doubt.code for doubt in doubts_of(result)})
    return CaseRow(
        number=case.number,
        label=case.label,
        outcome="failed" if result.failure else "in doubt" if doubts else "measured",
        cells=[
            _number(len(result.runs)),
            _median(figures.get("first_image")),
            _median(duration),
            _number(duration.p95 if duration else None),
            _number(len(duration.outliers) if duration else None),
            _number(case.expected_s),
            _median(figures.get("throughput")),
            _share(figures.get("efficiency")),
            _number(doubts),
        ],
        has_runs=case.middle is not None,
    )


def _number(value: float | None) -> Cell:
    return Cell(text=shown(value), by=rounded(value, 6))


def _median(figure: Summary | None) -> Cell:
    return _number(figure.median if figure else None)


def _share(figure: Summary | None) -> Cell:
    if figure is None:
        return _number(None)
    return Cell(text=share(figure.median), by=rounded(figure.median))
