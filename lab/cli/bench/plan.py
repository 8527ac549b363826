"""`lab bench plan`: what a plan would do, and how long it would take."""

import click

from lab.cli.bench.plan_words import (
    CASE_COLUMNS,
    LIST_COLUMNS,
    about,
    case_rows,
    list_row,
    plan_document,
    varying,
)
from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.model.plan import Plan
from lab.plans.estimate import PlanEstimate, estimate
from lab.system import plans
from lab.system.home import Home
from lab.system.sizes import study_size


@click.command("plan")
@click.argument("name", metavar="[PLAN]", required=False)
@output_option
@pass_desk
def plan(desk: Desk, name: str | None, output: str) -> None:
    """The cases of a plan and an estimate of the time; without PLAN, the plans that come with the lab.

    PLAN is a name from that list or the path of a plan file. Nothing is started.
    """
    if name is None:
        _list(desk.home, output)
        return
    wanted = plans.plan(name, desk.home)
    expectation = _estimate(wanted, desk.home)
    knobs = varying(wanted)
    columns = (*CASE_COLUMNS, *knobs, "runs", "run s")
    show(case_rows(wanted, expectation, knobs), columns, output, plan_document(wanted, expectation))
    if output == "table":
        for line in about(wanted, expectation):
            click.echo(line)


def _list(home: Home, output: str) -> None:
    shipped = plans.shipped(home)
    rows = [list_row(one, _estimate(one, home)) for one in shipped]
    rows += [
        {"plan": name, "cases": None, "takes": "to be filled in", "description": description}
        for name, description in plans.templates().items()
    ]
    show(rows, LIST_COLUMNS, output)


def _estimate(wanted: Plan, home: Home) -> PlanEstimate:
    studies = {case.study for case in wanted.cases}
    return estimate(wanted, {study: study_size(home, study) for study in studies})
