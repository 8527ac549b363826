"""Cases of a plan that were not begun: they have no record, and what is demanded of all is of them too."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.model.environment import Environment
from lab.model.plan import Plan
from lab.model.record import Record
from lab.model.spread import Failure
from lab.model.store_record import StoreRecord
from lab.statistics.naming import labels
from lab.statistics.results import CaseResult, results_of


@dataclass(frozen=True, kw_only=True)
class Missing:
    """``name`` tells it from the other cases of its plan; ``result`` has no runs, and why."""

    name: str
    result: CaseResult


def missing(plan: Plan, records: Sequence[Record | StoreRecord], environment: Environment) -> list[Missing]:
    """Each case of the plan that none of the records is of; without any, as if in that environment."""
    begun = {one.plan.number: one for one in records if one.plan and one.plan.sha256 == plan.sha256}
    environment = next((one.environment for one in begun.values()), environment)
    wished = results_of(_not_begun(plan, number, environment) for number in range(1, len(plan.cases) + 1))
    named = zip(labels([one.key for one in wished]), wished, strict=True)
    return [
        Missing(name=name, result=result)
        for number, (name, result) in enumerate(named, 1)
        if number not in begun
    ]


def _not_begun(plan: Plan, number: int, environment: Environment) -> Record:
    """Of a store as well: which kind it is nobody asks of a record without runs."""
    failure = Failure(
        message=f"case {number} of {len(plan.cases)} was not begun",
        remedy=f"lab bench run {plan.name} --resume",
        exit_code=1,
    )
    return Record(environment=environment, runs=[], case=plan.cases[number - 1], failure=failure)
