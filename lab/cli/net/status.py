"""`lab net status`: the link as it is."""

import click

from lab.cli.desk import Desk, output_option, pass_desk
from lab.cli.net.words import show_state
from lab.stack import standing


@click.command()
@output_option
@pass_desk
def status(desk: Desk, output: str) -> None:
    """What is in force, read from kernels and emulators."""
    desk.tidy()
    show_state(standing.status(desk.home, desk.engine), output)
