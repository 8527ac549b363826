"""`lab bench`: measure."""

from collections.abc import Mapping
from typing import ClassVar

import click

from lab.cli.lazy import LazyGroup


class _Bench(LazyGroup):
    places: ClassVar[Mapping[str, str]] = {
        "move": "lab.cli.bench.move:move",
        "store": "lab.cli.bench.store_:store_",
        **{name: f"lab.cli.bench.{name}:{name}" for name in ("plan", "run", "rerun", "links")},
        "self": "lab.cli.bench.self_:self_",
        "goals": "lab.cli.bench.goals:goals",
    }


@click.group(cls=_Bench)
def bench() -> None:
    """Benchmarks."""
