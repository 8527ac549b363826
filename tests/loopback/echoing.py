"""`lab echo` in this process, and DCMTK's echoscu in one of its own where there is one."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from lab.cli.main import main

_NAMED = os.environ.get("LAB_TESTS_ECHOSCU", "echoscu")
REFERENCE_VERSION = "3.6.9"


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


def echoscu(*words: object) -> Ran:
    """DCMTK's."""
    argv = [shutil.which(_NAMED) or _NAMED, *map(str, words)]
    ended = subprocess.run(
        argv, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False
    )
    return Ran(ended.returncode, ended.stdout, ended.stderr)


@cache
def echoscu_version() -> str:
    """Of the one on this machine, or named by LAB_TESTS_ECHOSCU; "" when there is none."""
    if not shutil.which(_NAMED):
        return ""
    words = echoscu("--version").stdout.split()
    return next((word[1:] for word in words if word.startswith("v3.")), "")


def need_reference() -> None:
    """Skip where the echoscu that ours is held against is not to be had: tests of the stack have it."""
    if echoscu_version() != REFERENCE_VERSION:
        pytest.skip(f"no echoscu {REFERENCE_VERSION} here; LAB_TESTS_ECHOSCU=FILE names one")


def filled(words: str, pki: Path, password: str) -> list[str]:
    """The words of a test's command line."""
    return words.format(pki=pki, password=password).split()
