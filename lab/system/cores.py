"""Work on all cores, in order, that Ctrl-C ends."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from lab.errors import LabError

Job = TypeVar("Job")
Result = TypeVar("Result")
_ALONE_S = 1.0  # what is done by then is done sooner than processes start
_LARGEST_CHUNK = 16


def on_all_cores(work: Callable[[Job], Result], jobs: Sequence[Job]) -> Iterator[Result]:
    """Results in the order of the jobs. ``work`` has to be a function of a module, or a partial of one.

    Raises:
        LabError: a process died, most likely of lack of memory.
    """
    begun_s = time.monotonic()
    for number, job in enumerate(jobs):
        if time.monotonic() - begun_s > _ALONE_S:
            yield from _shared_out(work, jobs[number:])
            return
        yield work(job)


def _shared_out(work: Callable[[Job], Result], jobs: Sequence[Job]) -> Iterator[Result]:
    cores = os.cpu_count() or 1
    chunk = max(1, min(_LARGEST_CHUNK, len(jobs) // (4 * cores)))
    try:
        with _pool(cores) as pool:
            yield from pool.map(work, jobs, chunksize=chunk)
    except BrokenProcessPool:
        msg = "a process that was reading files was killed"
        raise LabError(msg, "see whether the machine ran out of memory") from None


def _pool(processes: int) -> ProcessPoolExecutor:
    """Workers ignore Ctrl-C: the process that started them ends them."""
    return ProcessPoolExecutor(
        processes,
        mp_context=get_context("forkserver"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
