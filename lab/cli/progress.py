"""Progress on stderr: bars where a person looks, plain lines where a file or a pipe does."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lab.model.progress import Task

_NOTE_COLUMNS = 70


class ConsoleProgress:
    """Implements lab.model.progress.Progress."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        """One line that stays."""
        self._console.print(escape(text), soft_wrap=True)

    @contextmanager
    def task(self, title: str) -> Iterator[Task]:
        """A bar while the block lasts on a terminal; on anything else a line at each end."""
        begun_s = time.monotonic()
        if self._console.is_terminal:
            with self._bars() as bars:
                yield _Bar(bars, title)
        else:
            self.say(f"{title} ...")
            yield _Silent()
        self.say(f"{title}: {time.monotonic() - begun_s:.1f} s")

    def _bars(self) -> Progress:
        return Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )


class _Bar:
    def __init__(self, bars: Progress, title: str) -> None:
        self._bars = bars
        self._task = bars.add_task(escape(title), total=None, note="")

    def update(self, done: float, total: float | None, note: str) -> None:
        self._bars.update(self._task, completed=done, total=total, note=self._short(note))

    def note(self, text: str) -> None:
        self._bars.update(self._task, note=self._short(text))

    def _short(self, text: str) -> str:
        return escape(text[:_NOTE_COLUMNS])


class NoProgress:
    """Shows nothing. Implements lab.model.progress.Progress."""

    def say(self, text: str) -> None:
        """Not a word."""

    @contextmanager
    def task(self, title: str) -> Iterator[Task]:  # noqa: ARG002
        """Nothing to be seen."""
        yield _Silent()


class _Silent:
    def update(self, done: float, total: float | None, note: str) -> None:
        pass

    def note(self, text: str) -> None:
        pass
