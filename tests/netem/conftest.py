"""The guests of all modules that are to run: some at a time, for they sleep most of it.

What runs beside them, unit tests and those of sockets that look at no clock, finds the machine half idle.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lab.stack.images import NAMES
from tests.conftest import cannot_run
from tests.netem import shapers_compared
from tests.netem.engine_disk import PROGRAMS, engine_disk
from tests.netem.kernel import end_all, run_module
from tests.netem.needs import demand_programs, missing_programs
from tests.stack.conftest import engine
from tests.stack.lab import Lab

__all__ = ["engine"]
Guests = dict[str, list[Future[Any]]]


_BEGUN = pytest.StashKey[Guests]()
_POOL = pytest.StashKey[ThreadPoolExecutor]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Guests are begun before the first test, whatever it is, and asked when the turn of theirs comes."""
    selected = {item.path.stem for item in session.items if item.path.parent == Path(__file__).parent}
    if session.config.option.collectonly or not selected or missing_programs():
        return
    pool = session.stash[_POOL] = ThreadPoolExecutor(max_workers=shapers_compared.AT_ONCE)

    def start(module: str, *jobs: Callable[[], Any]) -> list[Future[Any]]:
        return [pool.submit(job) for job in jobs] if module in selected else []

    session.stash[_BEGUN] = {
        "whole lab": start("test_whole_lab", *([_run_whole_lab] if _an_engine_answers() else [])),
        "profiles": start("test_profiles", *shapers_compared.jobs(shapers_compared.shaped())),
        "schedule": start("test_schedule", partial(run_module, "tests.netem.schedule_guest")),
    }


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Also those that nobody asked any more."""
    if pool := session.stash.get(_POOL, None):
        pool.shutdown(wait=False, cancel_futures=True)
        end_all()


@pytest.fixture(scope="session")
def guests(request: pytest.FixtureRequest) -> Guests:
    """What guests say, by module; those of a module that is not to run are not started."""
    demand_programs()
    return request.session.stash[_BEGUN]


def _an_engine_answers() -> bool:
    """Where none does, the tests of the whole lab find out by themselves."""
    docker = shutil.which("docker")
    return docker is not None and not subprocess.run([docker, "info"], capture_output=True).returncode


def _run_whole_lab() -> Any:
    """A project, and a disk with its images; both are gone afterwards."""
    demand_programs(*PROGRAMS)
    if os.geteuid():
        cannot_run("a second engine and its network namespace need root")
    with tempfile.TemporaryDirectory(dir=Path.home()) as scratch:  # not under /tmp, which the guest hides
        lab = Lab(Path(scratch), f"netemtest-{os.getpid()}")
        try:
            lab("images", "build")
            disk = engine_disk([f"{lab.project}/{name}:latest" for name in NAMES], lab.root)
            said = run_module("tests.netem.whole_lab", lab.project, memory="3G", disk=disk, timeout_s=1200)
        finally:
            lab("images", "remove")
    return json.loads(said)
