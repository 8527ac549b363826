"""One stack for all tests of this folder, under a name, ports and a folder of its own; gone afterwards."""

import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import cannot_run
from tests.stack.lab import NOTHING, Lab, ours


@pytest.fixture(scope="session")
def engine() -> None:
    """An engine and a compose, or no test of the stack."""
    for argv in (["docker", "info"], ["docker", "compose", "version"]):
        try:
            ended = subprocess.run(argv, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            cannot_run("no docker here: `lab doctor --fix` installs it where it may")
        if ended.returncode:
            cannot_run(f"`{' '.join(argv)}` fails: {ended.stderr.strip()[:200]}")


def images_lock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same file for all workers: the second to have it finds the base image that the first has made."""
    return tmp_path_factory.getbasetemp().parent / "images.lock"


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Of the workers of these tests."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab that is up, with the quick study made."""
    request.getfixturevalue("engine")
    lab = Lab(tmp_path_factory.mktemp("lab"), f"labtest-{os.getpid()}")
    lab.root.chmod(0o755)
    try:
        with one_at_a_time(images_lock(tmp_path_factory)):
            lab("images", "build")
        lab("up")
        lab("data", "make", "quick")
        yield lab
    finally:
        lab("down", "--volumes")
        lab("images", "remove")
        assert ours(lab.project) == NOTHING


@pytest.fixture
def clear_link(lab: Lab) -> Iterator[None]:
    """However the test ends, the link is plain for the next one."""
    yield
    lab("net", "clear")
