"""Cases as rows: what tells them apart, what their runs say together, and how sure that is."""

import dataclasses
from collections.abc import Collection, Sequence

from lab.model.spread import Doubt
from lab.report.text import Row
from lab.statistics import naming
from lab.statistics.doubting import doubts_of
from lab.statistics.intervals import Summary, summary
from lab.statistics.measures import MEASURES, samples
from lab.statistics.results import CaseKey, CaseResult

_ALWAYS = ("study", "profile", "method")
_KEY_FIELDS = [field.name for field in dataclasses.fields(CaseKey)]
_SURE = 0.95
_NAMED_AT_MOST = 5
_FIGURES = (
    "runs",
    "outliers",
    "first image s",
    "duration s",
    "from s",
    "to s",
    "level %",
    "p95 s",
    "Mbit/s",
    "efficiency",
    "expected s",
    "result",
)


def case_columns(results: Sequence[CaseResult]) -> list[str]:
    """Study, profile and method, what else differs between these cases, and the figures.

    "level %" is left out where every interval holds the median 95 % of the time.
    """
    level = any(_level_percent(of_measure(result, "duration")) for result in results)
    return [
        *_ALWAYS,
        *(name.replace("_", " ") for name in differing(results)),
        *(name for name in _FIGURES if level or name != "level %"),
    ]


def case_rows(results: Sequence[CaseResult]) -> list[Row]:
    """A row per case: medians over its runs, and the interval of the median duration."""
    return [_row(result) for result in results]


def differing(results: Sequence[CaseResult]) -> list[str]:
    """Fields of CaseKey that tell these cases apart, but for those that every row has."""
    return [name for name in naming.distinguishing([one.key for one in results]) if name not in _ALWAYS]


def labels(results: Sequence[CaseResult]) -> list[str]:
    """A name for each, its own and short."""
    return naming.labels([result.key for result in results])


def doubt_lines(results: Sequence[CaseResult]) -> list[str]:
    """Each doubt once, with the cases it is about and its remedy."""
    about: dict[Doubt, dict[str, None]] = {}
    for result, label in zip(results, labels(results), strict=True):
        for doubt in doubts(result):
            about.setdefault(doubt, {})[label] = None
    return [f"{_first(names)}: {doubt.text}. Remedy: {doubt.remedy}" for doubt, names in about.items()]


def doubts(result: CaseResult) -> list[Doubt]:
    """Each once."""
    return list(doubts_of(result))


def of_measure(result: CaseResult, measure: str) -> Summary | None:
    """What its runs say of it; None where none of them has it."""
    found = samples(result.runs, MEASURES[measure])
    return summary(found) if found else None


def expected_s(result: CaseResult) -> float | None:
    """Predicted duration; None where nothing was predicted."""
    if result.prediction:
        return result.prediction.duration_s
    return result.runs[0].expected_s if result.runs else None


def _first(names: Collection[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return "; ".join(list(names)[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")


def _shown(key: CaseKey, name: str) -> object:
    """HTTP knows no PDUs."""
    value: object = getattr(key, name)
    return None if name == "max_pdu" and value == -1 else value


def _row(result: CaseResult) -> Row:
    duration = of_measure(result, "duration")
    interval = duration.interval if duration else None
    return {
        **{name.replace("_", " "): _shown(result.key, name) for name in _KEY_FIELDS},
        "runs": len(result.runs),
        "outliers": len(duration.outliers) if duration else 0,
        "first image s": _median(result, "first_image"),
        "duration s": duration.median if duration else None,
        "from s": interval.low if interval else None,
        "to s": interval.high if interval else None,
        "level %": _level_percent(duration),
        "p95 s": duration.p95 if duration else None,
        "Mbit/s": _median(result, "throughput"),
        "efficiency": _median(result, "efficiency"),
        "expected s": expected_s(result),
        "result": f"failed: {result.failure.message}" if result.failure else "ok",
    }


def _median(result: CaseResult, measure: str) -> float | None:
    found = of_measure(result, measure)
    return found.median if found else None


def _level_percent(duration: Summary | None) -> float | None:
    """None where it is 95 % or more, or there is no interval."""
    if duration is None or duration.interval is None or duration.interval.level >= _SURE:
        return None
    return duration.interval.level * 100
