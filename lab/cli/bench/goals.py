"""`lab bench goals`: what the instrument must reach."""

from pathlib import Path

import click

from lab.bench.goals import reach
from lab.cli.bench.shared import save_option
from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.report.instrument import GOAL_COLUMNS, goal_rows


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Each so often.")
@save_option
@output_option
@pass_desk
def goals(desk: Desk, rounds: int, save: Path | None, output: str) -> None:
    """Measure what the instrument must reach, and print it beside its goals. Takes some minutes.

    Brings the stack up, restarts Orthanc with Nagle's algorithm on for a while, and leaves it as lab up does.
    """
    folder = save or desk.home.results
    with desk.at_work():
        record = reach(desk.home, desk.engine, rounds, desk.progress, folder)
    show(goal_rows(record.goals), GOAL_COLUMNS, output, record)
    if output == "table":
        desk.progress.say(f"record: {folder}")
