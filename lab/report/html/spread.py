"""First image and throughput of every case, profile by profile, with the interval of the median."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lab.report.html.cases import PageCase
from lab.report.html.figures import rounded, shown
from lab.statistics.intervals import Summary
from lab.statistics.naming import distinguishing, in_words

_USUAL_LEVEL = 0.95
_COLOURS = 7
_SLOT = 0.8  # of the width of a profile that its cases share


@dataclass(frozen=True, kw_only=True)
class SpreadRow:
    """A measure of one case in words."""

    label: str
    runs: int
    median: str
    low: str
    high: str
    level: str


def spread_rows(cases: Sequence[PageCase], measure: str) -> list[SpreadRow]:
    """Of each case that has it; the level of an interval is its own."""
    return [
        SpreadRow(
            label=case.label,
            runs=figure.count,
            median=shown(figure.median),
            low=shown(figure.interval.low if figure.interval else None),
            high=shown(figure.interval.high if figure.interval else None),
            level=f"{figure.interval.level * 100:.3g} %" if figure.interval else "-",
        )
        for case in cases
        if (figure := case.figures.get(measure))
    ]


def level_note(cases: Sequence[PageCase]) -> str:
    """What the intervals of these cases claim."""
    figures = [case.figures["duration"] for case in cases if "duration" in case.figures]
    few = {
        figure.count: figure.interval.level
        for figure in figures
        if figure.interval and figure.interval.level < _USUAL_LEVEL
    }
    usual = f"The bars are {_USUAL_LEVEL * 100:.3g} % intervals of the median."
    if few:
        words = ", ".join(f"{level * 100:.3g} % with {count} runs" for count, level in sorted(few.items()))
        usual += f" With few runs the bar is their whole range, and holds the median less often: {words}."
    if any(figure.count == 1 for figure in figures):
        usual += " A single run has no interval."
    return usual


def spread_label(cases: Sequence[PageCase], measure: str, title: str, unit: str) -> str:
    """What the chart says, for who cannot see it."""
    found = [(case.figures[measure].median, case.label) for case in cases if measure in case.figures]
    if not found:
        return f"{title}: no case has it"
    (low, least), (high, most) = min(found), max(found)
    return f"{title} of {len(found)} cases: from {shown(low, unit)} ({least}) to {shown(high, unit)} ({most})"


def places(cases: Sequence[PageCase]) -> dict[str, Any]:
    """Where each case stands in a chart with a slot per profile, and which colour it has.

    ``at`` counts slots; ``group`` indexes ``groups``, the values of the field with most values that colours
    are enough for. Cases share their slot evenly, in the order of the report.
    """
    profiles = list(dict.fromkeys(in_words(case.result.key, "profile") for case in cases))
    slots: dict[str, list[int]] = {profile: [] for profile in profiles}
    for case in cases:
        slots[in_words(case.result.key, "profile")].append(case.number)
    at = [0.0] * len(cases)
    for slot, numbers in enumerate(slots.values()):
        for place, number in enumerate(numbers):
            at[number] = slot + _SLOT * ((place + 0.5) / len(numbers) - 0.5)
    groups = _groups(cases)
    kinds = list(dict.fromkeys(groups))
    return {
        "profiles": profiles,
        "at": [round(place, 3) for place in at],
        "groups": kinds,
        "group": [kinds.index(one) for one in groups],
    }


def _groups(cases: Sequence[PageCase]) -> list[str]:
    keys = [case.result.key for case in cases]
    ways = [[in_words(key, field) for key in keys] for field in distinguishing(keys) if field != "profile"]
    fitting = [way for way in ways if len(set(way)) <= _COLOURS]
    return max(fitting, key=lambda way: len(set(way)), default=["" for _ in keys])


def spread_columns(cases: Sequence[PageCase], measure: str) -> dict[str, list[float | None]]:
    """Median and the ends of its interval, a row per case."""
    figures = [case.figures.get(measure) for case in cases]
    return {
        "median": [rounded(figure.median) if figure else None for figure in figures],
        "low": [_end(figure, "low") for figure in figures],
        "high": [_end(figure, "high") for figure in figures],
    }


def _end(figure: Summary | None, which: str) -> float | None:
    if figure is None:
        return None
    return rounded(getattr(figure.interval, which) if figure.interval else figure.median)
