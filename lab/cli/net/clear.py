"""`lab net clear`: take all shaping off."""

import click

from lab.cli.desk import Desk, pass_desk
from lab.cli.net.commands import print_commands
from lab.stack import shaping


@click.command()
@click.option("--dry-run", is_flag=True, help="Print the commands, run none.")
@pass_desk
def clear(desk: Desk, *, dry_run: bool) -> None:
    """Take all shaping off."""
    if dry_run:
        print_commands(shaping.clearing_plan(desk.engine))
        return
    with desk.at_work(), desk.progress.task("clearing the link"):
        shaping.clear(desk.home, desk.engine)
