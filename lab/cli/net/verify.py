"""`lab net verify`: measured proof of the link."""

import dataclasses

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.link.probe_plan import DEFAULT_SECONDS
from lab.model.verdict import Verdict
from lab.stack import standing, verifying

_COLUMNS = ("direction", "what", "unit", "expected", "measured", "tolerance", "verdict", "why")
_LEAST_SECONDS = 5


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(min=_LEAST_SECONDS),
    default=DEFAULT_SECONDS,
    show_default=True,
    help="To measure in, about.",
)
@output_option
@pass_desk
def verify(desk: Desk, seconds: float, output: str) -> None:
    """Measure the link in force, and whether it is what it claims to be."""
    with desk.at_work(), desk.progress.task("measuring the link"):
        state = standing.status(desk.home, desk.engine)
        verdicts = verifying.verify(desk.engine, state, seconds, desk.progress.say)
    lines = [dataclasses.asdict(line) for line in verdicts]
    document = {"profile": state.profile, "shaper": state.shaper, "verdicts": lines}
    show([_row(line) for line in verdicts], _COLUMNS, output, document)
    if output == "table":
        click.echo(f"\nprofile {state.profile}, shaper {state.shaper}")
    verifying.demand_kept(verdicts, state.profile)


def _row(line: Verdict) -> dict[str, object]:
    limited = line.lowest is not None
    tolerance = f"{line.lowest:.4g} to {line.highest:.4g}" if limited else "not limited"
    return {**dataclasses.asdict(line), "tolerance": tolerance}
