"""Which experiments the cases of a page belong to."""

from collections.abc import Sequence
from dataclasses import replace

from lab.model.plan import PlanPlace
from lab.report.html.cases import PageCase

_DIGEST_DIGITS = 12


def plan_lines(cases: Sequence[PageCase]) -> list[str]:
    """A line per plan, in the order of the report; nothing for cases of none."""
    found: dict[PlanPlace, list[PageCase]] = {}
    for case in cases:
        if case.result.plan:
            found.setdefault(replace(case.result.plan, number=0), []).append(case)
    return [_line(plan, those) for plan, those in found.items()]


def _line(plan: PlanPlace, cases: Sequence[PageCase]) -> str:
    rounds = max((run.round for case in cases for run in case.result.runs), default=0)
    return (
        f"{plan.plan}: {len(cases)} of {plan.of} cases, order {plan.order}, seed {plan.seed}, "
        f"{rounds} round{'' if rounds == 1 else 's'}, SHA-256 {plan.sha256[:_DIGEST_DIGITS]}"
    )
