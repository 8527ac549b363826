"""What commands share: the lab they are about, how they print, and the tidying-up they begin with."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lab.cli.progress import ConsoleProgress
from lab.errors import LockedError
from lab.report.text import Row, as_csv, as_markdown, as_table
from lab.system import lock, settings
from lab.system.home import Home
from lab.system.settings import Settings

if TYPE_CHECKING:
    from lab.system.engine import Engine

FORMATS = ("table", "json", "csv", "md")
F = TypeVar("F", bound=Callable[..., Any])


class Desk:
    """The object behind every command."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.progress = ConsoleProgress()

    @cached_property
    def engine(self) -> "Engine":
        """The engine, seen from this project; commands that need none do not wait for its SDK."""
        from lab.system.engine import Engine

        return Engine(self.home.project)

    def close(self) -> None:
        """Let go of the engine, where a command has asked for it."""
        if "engine" in self.__dict__:
            self.engine.close()

    @property
    def settings(self) -> Settings:
        """The stack's settings."""
        return settings.ensure(self.home)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Alone on this lab while the block lasts; what a killed command left is put right first."""
        from lab.stack.putting_back import put_right

        with lock.exclusive(lock.project_lock(self.home), f"project {self.home.project}"):
            put_right(self.home, self.engine, self.progress.say)
            yield

    def tidy(self) -> None:
        """For commands that only look: put right what a killed command left, unless one is at work now."""
        with suppress(LockedError), self.at_work():
            pass


pass_desk = click.make_pass_decorator(Desk)


def output_option(command: F) -> F:
    """`-o table|json|csv|md`."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="What to print.",
    )(command)


def show(rows: Sequence[Row], columns: Sequence[str], output: str, document: object = None) -> None:
    """Print rows; as JSON, ``document`` when it says more than the rows do."""
    if output == "json":
        click.echo(json.dumps(_plain(rows if document is None else document), indent=1))
    elif output == "csv":
        click.echo(as_csv(rows, columns))
    elif output == "md":
        click.echo(as_markdown(rows, columns))
    else:
        click.echo(as_table(rows, columns) if rows else "nothing")


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
