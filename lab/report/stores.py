"""A record of ingest as rows: one per link and method, medians over its runs, its ratio to the fastest."""

import statistics
from collections.abc import Iterable, Sequence

from lab.model.spread import Doubt
from lab.model.store_record import StoreRun
from lab.report.text import Row

STORE_COLUMNS = (
    "profile",
    "shaper",
    "method",
    "jobs",
    "runs",
    "stored",
    "rtt ms",
    "first ms",
    "duration s",
    "Mbit/s",
    "gap p50 ms",
    "gap p95 ms",
    "to the fastest",
)


def store_rows(runs: Sequence[StoreRun]) -> list[Row]:
    """A row per link and method in the order they were run; the fastest is that of the same link."""
    cases: dict[tuple[str, str, str], list[StoreRun]] = {}
    for run in runs:
        cases.setdefault((run.profile, run.shaper, run.method), []).append(run)
    fastest: dict[tuple[str, str], float] = {}
    for (profile, shaper, _), case in cases.items():
        so_far = fastest.get((profile, shaper), float("inf"))
        fastest[profile, shaper] = min(so_far, _duration_s(case))
    return [_row(case, fastest[case[0].profile, case[0].shaper]) for case in cases.values()]


def _row(case: Sequence[StoreRun], fastest_s: float) -> Row:
    first = case[0]
    gaps = [run.gap_ms for run in case if run.gap_ms]
    return {
        "profile": first.profile,
        "shaper": first.shaper,
        "method": first.method,
        "jobs": first.jobs,
        "runs": len(case),
        "stored": f"{first.stored}/{first.instances_expected}",
        "rtt ms": first.rtt_ms,
        "first ms": statistics.median(run.first_s for run in case) * 1e3,
        "duration s": _duration_s(case),
        "Mbit/s": statistics.median(run.mbit_s for run in case),
        "gap p50 ms": statistics.median(gap.p50 for gap in gaps) if gaps else None,
        "gap p95 ms": statistics.median(gap.p95 for gap in gaps) if gaps else None,
        "to the fastest": _duration_s(case) / fastest_s,
    }


def _duration_s(case: Sequence[StoreRun]) -> float:
    return statistics.median(run.duration_s for run in case)


def store_doubt_lines(runs: Iterable[StoreRun]) -> list[str]:
    """Each doubt once, with the links and methods it is about and its remedy."""
    about: dict[Doubt, list[str]] = {}
    for run in runs:
        for doubt in run.doubts:
            names = about.setdefault(doubt, [])
            if (name := f"{run.profile} by {run.method}") not in names:
                names.append(name)
    return [f"{', '.join(names)}: {doubt.text}. Remedy: {doubt.remedy}" for doubt, names in about.items()]
