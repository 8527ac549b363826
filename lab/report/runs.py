"""A record as rows: one per case, medians over its runs, and the ratio to the unshaped case."""

import statistics
from collections.abc import Iterable, Sequence

from lab.model.record import Run
from lab.model.spread import Doubt
from lab.report.text import Row

COLUMNS = (
    "profile",
    "shaper",
    "runs",
    "delivered",
    "rtt ms",
    "first image s",
    "duration s",
    "expected s",
    "Mbit/s",
    "path Mbit/s",
    "ratio",
)


def case_rows(runs: Sequence[Run]) -> list[Row]:
    """A row per case in the order they were run; ``ratio`` is duration to unshaped duration."""
    cases: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        cases.setdefault((run.profile, run.shaper), []).append(run)
    unshaped = next(
        (_median(case, "duration_s") for (_, shaper), case in cases.items() if shaper == "none"), None
    )
    return [_row(case, unshaped) for case in cases.values()]


def _row(case: Sequence[Run], unshaped_s: float | None) -> Row:
    first = case[0]
    duration_s = _median(case, "duration_s")
    return {
        "profile": first.profile,
        "shaper": first.shaper,
        "runs": len(case),
        "delivered": f"{first.instances}/{first.instances_expected}",
        "rtt ms": first.rtt_ms,
        "first image s": _median(case, "first_image_s"),
        "duration s": duration_s,
        "expected s": first.expected_s,
        "Mbit/s": _median(case, "throughput_mbit_s"),
        "path Mbit/s": first.path_mbit_s,
        "ratio": duration_s / unshaped_s if unshaped_s else None,
    }


def _median(case: Sequence[Run], field: str) -> float:
    return float(statistics.median(getattr(run, field) for run in case))


def doubt_lines(runs: Iterable[Run]) -> list[str]:
    """Each doubt once, with the profiles it is about and its remedy."""
    about: dict[Doubt, list[str]] = {}
    for run in runs:
        for doubt in run.doubts:
            about.setdefault(doubt, [])
            if run.profile not in about[doubt]:
                about[doubt].append(run.profile)
    return [f"{', '.join(names)}: {doubt.text}. Remedy: {doubt.remedy}" for doubt, names in about.items()]
