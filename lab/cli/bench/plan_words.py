"""How a plan is shown."""

import dataclasses
import json
from collections.abc import Iterator, Sequence

from lab.model.case import Case
from lab.model.plan import Plan, Repeats
from lab.plans.estimate import PlanEstimate
from lab.report.text import Row
from lab.units import format_ratio, format_time

LIST_COLUMNS = ("plan", "cases", "takes", "description")
CASE_COLUMNS = ("case", "study", "method", "profile")
_KNOBS = ("orthanc", "TLS", "shaper", "congestion control", "cache", "level", "max PDU", "parallel", "ack")


def list_row(plan: Plan, expectation: PlanEstimate) -> Row:
    """A plan in one line."""
    takes = takes_words(expectation)
    return {"plan": plan.name, "cases": len(plan.cases), "takes": takes, "description": plan.description}


def varying(plan: Plan) -> tuple[str, ...]:
    """Knobs in which cases of the same method differ."""
    cells = [(case.method, _knobs_of(case)) for case in plan.cases]
    return tuple(
        name
        for name in _KNOBS
        if any(len({str(knobs[name]) for way, knobs in cells if way == method}) > 1 for method, _ in cells)
    )


def case_rows(plan: Plan, expectation: PlanEstimate, knobs: Sequence[str]) -> list[Row]:
    """A row per case; "run s" is the estimate for one run."""
    return [
        {
            "case": one.number,
            "study": one.case.study,
            "method": one.case.method,
            "profile": one.case.profile.name if one.case.profile else None,
            **{name: _knobs_of(one.case)[name] for name in knobs},
            "runs": _runs(plan.repeats),
            "run s": one.run_s,
        }
        for one in expectation.cases
    ]


def plan_document(plan: Plan, expectation: PlanEstimate) -> dict[str, object]:
    """Everything, for programs."""
    estimates = {"least_s": expectation.least_s, "most_s": expectation.most_s, "unknown": expectation.unknown}
    cases = [
        {"number": one.number, "run_s": one.run_s, **dataclasses.asdict(one.case)}
        for one in expectation.cases
    ]
    return {**dataclasses.asdict(plan), **estimates, "cases": cases}


def about(plan: Plan, expectation: PlanEstimate) -> Iterator[str]:
    """What the rows do not say."""
    yield f"\n{plan.name}: {plan.description}"
    yield f"source: {plan.source}"
    yield f"order: {plan.order}, seed {plan.seed}; {_repeats_words(plan.repeats)}"
    for gate in plan.gates:
        only = ", ".join(f"{name} {value}" for name, value in gate.only.items())
        yield f"gate: {gate.text}" + (f" ({only})" if only else "")
    yield f"takes: {takes_words(expectation)} for {len(plan.cases)} cases, lost packets not counted"
    if expectation.unknown:
        studies = " ".join(sorted({one.case.study for one in expectation.cases if one.run_s is None}))
        cases = f"{expectation.unknown} cases that cannot be told yet"
        yield f"not counted: {cases}; lab data make {studies} tells"


def takes_words(expectation: PlanEstimate) -> str:
    """ "about 12 min", "9 to 40 min"; "over" where cases are not counted."""
    if expectation.unknown:
        return f"over {_spell(expectation.least_s)}"
    least, most = _spell(expectation.least_s), _spell(expectation.most_s)
    return f"about {least}" if least == most else f"{least} to {most}"


def _spell(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def _runs(repeats: Repeats) -> str | int:
    least, most = repeats.at_least, repeats.at_most
    return least if least == most else f"{least} to {most}"


def _repeats_words(repeats: Repeats) -> str:
    words = f"{repeats.warmup} warm-up and {_runs(repeats)} runs of each case"
    if repeats.within_ratio is not None:
        words += f", until the median is known within {format_ratio(repeats.within_ratio)}"
    if repeats.budget_s is not None:
        words += f" or the runs took {format_time(repeats.budget_s)}"
    return words


def _knobs_of(case: Case) -> dict[str, object]:
    """None for a knob that the case's method does not have."""
    return {
        "orthanc": json.dumps(case.orthanc, sort_keys=True) if case.orthanc else None,
        "TLS": case.tls,
        "shaper": case.shaper,
        "congestion control": case.congestion_control,
        "cache": case.cache,
        "level": case.level.lower() or None,
        "max PDU": case.max_pdu_bytes if case.max_pdu_bytes >= 0 else None,
        "parallel": case.parallel,
        "ack": case.ack or None,
    }
