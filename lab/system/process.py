"""The one door to processes on the host. Every command is logged before it runs."""

import logging
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lab.errors import LabError

log = logging.getLogger(__name__)
_NOT_FOUND = 127
_STDERR_TAIL_LINES = 5


@dataclass(frozen=True, kw_only=True)
class Completed:
    """A process that has ended."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str


class ProcessFailed(LabError):
    """A program ended with another exit code than 0."""

    def __init__(self, completed: Completed) -> None:
        tail = "\n".join((completed.stderr or completed.stdout).strip().splitlines()[-_STDERR_TAIL_LINES:])
        super().__init__(f"`{shlex.join(completed.argv)}` ended with {completed.returncode}: {tail}")
        self.completed = completed


def run(argv: Sequence[str], *, env: Mapping[str, str] | None = None, check: bool = True) -> Completed:
    """Run to the end and capture; ``env`` is added to ours. Raises ProcessFailed when ``check``."""
    log.info("+ %s", shlex.join(argv))
    try:
        ended = subprocess.run(
            argv,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except FileNotFoundError:
        ended = subprocess.CompletedProcess(argv, _NOT_FOUND, "", f"{argv[0]}: not found")
    completed = Completed(
        argv=tuple(argv), returncode=ended.returncode, stdout=ended.stdout, stderr=ended.stderr
    )
    if check and completed.returncode:
        raise ProcessFailed(completed)
    return completed


def pass_through(argv: Sequence[str], *, env: Mapping[str, str] | None = None) -> int:
    """Run with our own stdin, stdout and stderr; returns the exit code."""
    log.info("+ %s", shlex.join(argv))
    return subprocess.run(argv, env={**os.environ, **(env or {})}, check=False).returncode


@dataclass(frozen=True)
class Conversation:
    """A program that reads lines and writes lines."""

    stdin: IO[str]
    lines: Iterator[str]
    stderr: IO[str]

    def say(self, line: str) -> None:
        """Write it one line."""
        self.stdin.write(line + "\n")
        self.stdin.flush()

    def complaint(self) -> str:
        """The last line it wrote to stderr, in brackets; "" when there is none."""
        self.stderr.seek(0)
        said = self.stderr.read().strip().splitlines()
        return f"({said[-1]})" if said else ""


@contextmanager
def conversation(argv: Sequence[str], first_line: str) -> Iterator[Conversation]:
    """Start a program, write it one line and read its stdout line by line.

    Its stdin stays open until the block is left, so that it can tell when we are gone; then it is
    ended, whatever happened.
    """
    log.info("+ %s", shlex.join(argv))
    with (
        tempfile.TemporaryFile("w+") as stderr,
        subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as child,
    ):
        if child.stdin is None or child.stdout is None:
            msg = "a child process without pipes"
            raise LabError(msg)
        try:
            talk = Conversation(child.stdin, iter(child.stdout), stderr)
            talk.say(first_line)
            yield talk
        finally:
            with suppress(BrokenPipeError):
                child.stdin.close()
            child.terminate()


def spawn_detached(argv: Sequence[str], log_file: str) -> int:
    """Start a program that outlives us, in a session of its own; returns its pid."""
    log.info("+ %s >%s 2>&1 &", shlex.join(argv), log_file)
    with Path(log_file).open("ab") as output:
        child = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    return child.pid
