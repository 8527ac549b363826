"""`lab top`: what the lab's hosts use, live."""

import time
from collections.abc import Iterator

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.errors import UnhealthyError
from lab.model.load import Reading, rates
from lab.report.loads import LOAD_COLUMNS, load_rows
from lab.report.text import as_table
from lab.system import loads

_INTERVAL_S = 1.0


@click.command()
@click.option("--count", type=click.IntRange(min=1), help="Stop after so many looks.  [default: Ctrl-C]")
@output_option
@pass_desk
def top(desk: Desk, count: int | None, output: str) -> None:
    """CPU, memory, disk and network of the lab's hosts, every second.

    On a terminal one table that changes; else one after the other.
    """
    desk.tidy()
    console = Console()
    if output == "table" and console.is_terminal:
        with Live(console=console, auto_refresh=False, transient=False) as live:
            for rows in _looks(desk, count):
                live.update(Text(as_table(rows, LOAD_COLUMNS)), refresh=True)
    else:
        for rows in _looks(desk, count):
            show(rows, LOAD_COLUMNS, output)


def _looks(desk: Desk, count: int | None) -> Iterator[list[dict[str, object]]]:
    """Rows of each second. Raises UnhealthyError when nothing runs."""
    before, seen = _read(desk), 0
    while count is None or seen < count:
        time.sleep(_INTERVAL_S)
        now = _read(desk)
        yield load_rows({name: rates(before.get(name, one), one) for name, one in now.items()})
        before, seen = now, seen + 1


def _read(desk: Desk) -> dict[str, Reading]:
    found = loads.read(desk.engine)
    if not found:
        msg = f"no container of project {desk.home.project} is running"
        raise UnhealthyError(msg, "lab up")
    return found
