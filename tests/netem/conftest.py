"""The guests of all modules that are to run: some at a time, for they sleep most of it."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lab.stack.images import NAMES
from tests.conftest import cannot_run
from tests.netem import shapers_compared
from tests.netem.engine_disk import PROGRAMS, engine_disk
from tests.netem.kernel import end_all, run_module
from tests.netem.needs import demand_programs
from tests.stack.conftest import engine, images_lock, one_at_a_time
from tests.stack.lab import Lab

__all__ = ["engine"]
Guests = dict[str, list[Future[Any]]]
TOLD = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table of both shapers, where they were compared."""
    for line in config.stash.get(TOLD, []):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def guests(request: pytest.FixtureRequest) -> Iterator[Guests]:
    """What guests say, by module; those of a module that is not to run are not started."""
    demand_programs()
    selected = {item.path.stem for item in request.session.items}
    slowest, *shares = shapers_compared.jobs(shapers_compared.shaped())
    with ThreadPoolExecutor(shapers_compared.AT_ONCE) as pool, ThreadPoolExecutor(1) as beside:

        def start(module: str, *jobs: Callable[[], Any], among: Executor = pool) -> list[Future[Any]]:
            return [among.submit(job) for job in jobs] if module in selected else []

        try:
            yield {
                "whole lab": start("test_whole_lab", *_whole_lab(request)),
                "profiles": start("test_profiles", slowest, among=beside) + start("test_profiles", *shares),
                "schedule": start("test_schedule", partial(run_module, "tests.netem.schedule_guest")),
            }
        finally:
            for executor in (pool, beside):
                executor.shutdown(wait=False, cancel_futures=True)
            end_all()


def _whole_lab(request: pytest.FixtureRequest) -> list[Callable[[], Any]]:
    """None where it cannot run: its tests find out by themselves."""
    with suppress(pytest.skip.Exception, pytest.fail.Exception):
        request.getfixturevalue("engine")
        return [partial(_run_whole_lab, images_lock(request.getfixturevalue("tmp_path_factory")))]
    return []


def _run_whole_lab(lock: Path) -> Any:
    """A project, and a disk with its images; both are gone afterwards."""
    demand_programs(*PROGRAMS)
    if os.geteuid():
        cannot_run("a second engine and its network namespace need root")
    with tempfile.TemporaryDirectory(dir=Path.home()) as scratch:  # not under /tmp, which the guest hides
        lab = Lab(Path(scratch), f"netemtest-{os.getpid()}")
        try:
            with one_at_a_time(lock):
                lab("images", "build")
            disk = engine_disk([f"{lab.project}/{name}:latest" for name in NAMES], lab.root)
            said = run_module("tests.netem.whole_lab", lab.project, memory="3G", disk=disk, timeout_s=1200)
        finally:
            lab("images", "remove")
    return json.loads(said)
