"""`lab net list`: every profile."""

import click

from lab.cli.desk import output_option, show
from lab.system import store

_COLUMNS = ("name", "description")


@click.command("list")
@output_option
def list_(output: str) -> None:
    """Every profile."""
    rows = [{"name": profile.name, "description": profile.description} for profile in store.profiles()]
    show(rows, _COLUMNS, output)
