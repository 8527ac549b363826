"""`lab bench run`: an experiment."""

from datetime import UTC, datetime
from pathlib import Path

import click

from lab.bench import plan as experiment
from lab.bench.c_move import Bench
from lab.cli.bench.plan_progress import PlanProgress
from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.errors import LabError, ThresholdError, UsageProblem
from lab.model.plan import Plan
from lab.report.cases import case_columns, case_rows, doubt_lines
from lab.report.gates import gate_lines
from lab.statistics.gates import hold, judge
from lab.statistics.results import results_of
from lab.system import experiments, plans, recipes, studies


@click.command()
@click.argument("name", metavar="PLAN")
@click.option("--resume", is_flag=True, help="Go on where the same plan stopped.")
@click.option("--pcap", is_flag=True, help="Each case once more, a capture beside its record.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where records go.  [default: a folder of its own]",
)
@output_option
@pass_desk
def run(desk: Desk, name: str, resume: bool, pcap: bool, save: Path | None, output: str) -> None:
    """Run the cases of PLAN, a name from `lab bench plan` or the path of a plan file.

    A record is saved after every run, so nothing is lost when it is interrupted; --resume goes on. Studies
    that are not made yet are made. A case that fails is recorded with its reason, and the plan goes on.
    Exit code 99 when a gate of the plan does not hold, else 1 when a case failed.
    """
    wanted = plans.plan(name, desk.home)
    folder = save or _folder(desk, wanted, resume=resume)
    desk.progress.say(f"records: {folder}")
    with desk.at_work():
        benches = {study: _bench(desk, study) for study in {case.study for case in wanted.cases}}
        tell = PlanProgress(desk.progress, wanted, [bench.study for bench in benches.values()])
        kept = experiment.run(wanted, benches, folder, tell, resume=resume, pcap=pcap)
    results = results_of(kept[number] for number in sorted(kept))
    verdicts = judge(wanted.gates, results)
    for line in gate_lines(verdicts):
        desk.progress.say(line)
    show(case_rows(results), case_columns(results), output, list(kept.values()))
    for line in doubt_lines(results):
        desk.progress.say(f"doubt: {line}")
    _end(folder, failed=[one.failure.message for one in results if one.failure], gates_hold=hold(verdicts))


def _bench(desk: Desk, study: str) -> Bench:
    """Made when it is not there yet."""
    try:
        found = studies.load(desk.home, study)
    except LabError:
        found = studies.make(desk.home, recipes.recipe(study), desk.progress)
    return Bench(
        home=desk.home, engine=desk.engine, settings=desk.settings, study=found, progress=desk.progress
    )


def _folder(desk: Desk, wanted: Plan, *, resume: bool) -> Path:
    if resume:
        if found := experiments.latest(desk.home, wanted):
            return found
        msg = f"this very {wanted.name} was not begun in {desk.home.results}"
        raise UsageProblem(msg, "leave --resume out; or --save names the folder of a run begun elsewhere")
    return desk.home.results / f"{wanted.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}"


def _end(folder: Path, *, failed: list[str], gates_hold: bool) -> None:
    """Gates decide first; cases without a number fail the plan too."""
    if not gates_hold:
        msg = "not every gate holds"
        raise ThresholdError(msg, f"lab report {folder} shows the cases")
    if failed:
        msg = f"{len(failed)} cases failed, the first: {failed[0]}"
        raise LabError(msg, f"lab report {folder} has the reason of each; the others are measured")
