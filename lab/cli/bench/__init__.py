"""`lab bench`: measure."""

import click

from lab.cli.bench.goals import goals
from lab.cli.bench.links import links
from lab.cli.bench.move import move
from lab.cli.bench.plan import plan
from lab.cli.bench.rerun import rerun
from lab.cli.bench.run import run
from lab.cli.bench.self_ import self_
from lab.cli.bench.store_ import store_


@click.group()
def bench() -> None:
    """Benchmarks."""


for command in (move, store_, plan, run, rerun, links, self_, goals):
    bench.add_command(command)
