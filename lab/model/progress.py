"""How long tasks tell the user where they are. The front desk decides how it looks."""

from contextlib import AbstractContextManager
from typing import Protocol


class Task(Protocol):
    """One task under way."""

    def update(self, done: float, total: float | None, note: str) -> None:
        """So much of so much is done; ``note`` stands behind the bar."""

    def note(self, text: str) -> None:
        """What is going on right now, where nothing can be counted."""


class Progress(Protocol):
    """Shows tasks to the user, on stderr."""

    def task(self, title: str) -> AbstractContextManager[Task]:
        """A task that lasts as long as the block; its end is shown with the time it took."""

    def say(self, text: str) -> None:
        """One line that stays."""
