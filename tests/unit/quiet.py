"""Progress that remembers instead of showing."""

from collections.abc import Iterator
from contextlib import contextmanager

from lab.model.progress import Task


class Quiet:
    """Implements lab.model.progress.Progress and Task."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    @contextmanager
    def task(self, title: str) -> Iterator[Task]:
        self.said.append(title)
        yield self

    def update(self, done: float, total: float | None, note: str) -> None:
        pass

    def note(self, text: str) -> None:
        pass
