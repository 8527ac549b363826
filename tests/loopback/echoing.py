"""`lab echo` in this process."""

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from lab.cli.main import main


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    code: int
    stdout: str
    stderr: str


def lab_echo(*words: object, stdin: str = "", **environment: str) -> Ran:
    """Ours."""
    arguments = ["--root", "/nonexistent", "echo", *map(str, words)]
    result = CliRunner().invoke(main, arguments, input=stdin, env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def filled(words: str, pki: Path, password: str) -> list[str]:
    """The words of a test's command line."""
    return words.format(pki=pki, password=password).split()
