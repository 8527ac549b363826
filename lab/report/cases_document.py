"""Cases for programs: every summary with the samples it was made of.

SCHEMA_VERSION history
    1   first
"""

import dataclasses
from collections.abc import Sequence

from lab.model.spread import Doubt
from lab.report.cases import doubts, expected_s, labels
from lab.statistics.intervals import summary
from lab.statistics.measures import MEASURES, Measure, samples
from lab.statistics.results import CaseResult

SCHEMA_VERSION = 1


def cases_document(results: Sequence[CaseResult]) -> dict[str, object]:
    """The cases in the order of ``results``, under the names that the table has for them."""
    named = zip(labels(results), results, strict=True)
    return {"schema_version": SCHEMA_VERSION, "cases": [_case(label, result) for label, result in named]}


def _case(label: str, result: CaseResult) -> dict[str, object]:
    measures = {name: _measure(result, measure) for name, measure in MEASURES.items()}
    return {
        "label": label,
        "key": dataclasses.asdict(result.key),
        "runs": len(result.runs),
        "started": [run.started for run in result.runs],
        "measures": {name: found for name, found in measures.items() if found},
        "expected_s": expected_s(result),
        "failure": dataclasses.asdict(result.failure) if result.failure else None,
        "plan": dataclasses.asdict(result.plan) if result.plan else None,
        "doubts": [_doubt(result, doubt) for doubt in doubts(result)],
    }


def _measure(result: CaseResult, measure: Measure) -> dict[str, object] | None:
    """None where no run has it; the outliers are rows of the samples."""
    found = samples(result.runs, measure)
    if not found:
        return None
    return {"unit": measure.unit, "samples": found, **dataclasses.asdict(summary(found))}


def _doubt(result: CaseResult, doubt: Doubt) -> dict[str, object]:
    """One that only all runs together give is about each of them."""
    runs = [number for number, run in enumerate(result.runs) if doubt in run.doubts]
    return {**dataclasses.asdict(doubt), "runs": runs or list(range(len(result.runs)))}
