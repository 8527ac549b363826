"""One command at a time may change a lab; and a note of what has to be put back if it dies."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from lab.errors import LockedError
from lab.system.files import write_json
from lab.system.home import Home


@contextmanager
def exclusive(path: Path, what: str) -> Iterator[None]:
    """Hold a lock file while the block lasts; the kernel lets go of it however this process ends.

    Raises LockedError naming the holder when another process has it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        _take(file, what)
        file.truncate(0)
        file.write(f"{os.getpid()}: {' '.join(['lab', *sys.argv[1:]])}")
        file.flush()
        yield
        file.truncate(0)


def _take(file: TextIO, what: str) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        msg = f"another command is at work on {what} (process {file.read().strip()})"
        raise LockedError(msg, "wait for it, or press Ctrl-C there") from None


def project_lock(home: Home) -> Path:
    """The lock of what changes a project's stack or link."""
    return home.project_folder / "lock"


@dataclass(frozen=True)
class Session:
    """What a command that changes the link for a while has to put back, kept on disk until it has."""

    path: Path

    def begin(self, doing: str, restore: dict[str, Any]) -> None:
        """Note it down, before anything is changed."""
        write_json(self.path, {"doing": doing, "restore": restore})

    def read(self) -> dict[str, Any] | None:
        """The note of a command that did not get to ``end``; None when there is none."""
        try:
            found: dict[str, Any] = json.loads(self.path.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return found

    def end(self) -> None:
        """All is put back."""
        self.path.unlink(missing_ok=True)


def session(home: Home) -> Session:
    """The project's session note."""
    return Session(home.project_folder / "session.json")
