"""Instances drawn and written by a process per core. Each process makes whole instances, frame by frame."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from lab.data.filler import filler
from lab.data.part10 import PREFIX_BYTES, dataset_offset
from lab.data.synth import describe, file_name, pieces
from lab.model.study import Instance, Recipe

Made = TypeVar("Made")
_CHUNK_INSTANCES = 8
_KEPT_BYTES = 24 << 20


@dataclass(frozen=True)
class Workshop:
    """The processes, what they make and where."""

    pool: ProcessPoolExecutor
    recipe: Recipe
    part: Path

    def draw(self) -> Iterator[int]:
        """Write every file without filler; Data Set sizes in bytes, in order, as they are done."""
        return self._each(_draw, range(self.recipe.instances))

    def seal(self, shares: list[int]) -> Iterator[Instance]:
        """Append each file's share of filler, read it again and describe it for the manifest."""
        return self._each(_seal, list(enumerate(shares)))

    def _each(self, work: Callable[..., Made], orders: range | list[tuple[int, int]]) -> Iterator[Made]:
        chunk = max(1, min(_CHUNK_INSTANCES, len(orders) // 8))
        return self.pool.map(partial(work, self.recipe, self.part), orders, chunksize=chunk)


@contextmanager
def workshop(recipe: Recipe, part: Path) -> Iterator[Workshop]:
    """Processes that end with the block, before their time when it is left by an error."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])  # imported once, not in every process
    pool = ProcessPoolExecutor(os.cpu_count(), context, _keep_freed_memory)
    try:
        yield Workshop(pool, recipe, part)
    finally:
        pool.shutdown(cancel_futures=True)


def _keep_freed_memory() -> None:
    """Saves a tenth of the time: glibc keeps as much as the largest block it was given back (mallopt(3)).

    Without it the arrays of every image are returned to the kernel and faulted in again for the next.
    """
    bytes(_KEPT_BYTES)


def _draw(recipe: Recipe, part: Path, index: int) -> int:
    path = part / file_name(index)
    with path.open("wb") as file:
        file.writelines(pieces(recipe, index))
        size = file.tell()
    path.chmod(0o644)  # read by the tools container, as another user
    return size - _outside_bytes(path)


def _outside_bytes(path: Path) -> int:
    with path.open("rb") as file:
        return dataset_offset(file.read(PREFIX_BYTES))


def _seal(recipe: Recipe, part: Path, order: tuple[int, int]) -> Instance:
    index, share = order
    with (part / file_name(index)).open("r+b") as file:
        if recipe.speedtest_bytes:
            file.seek(0, os.SEEK_END)
            file.write(filler(recipe, index, share))
            file.seek(0)
        return describe(recipe, index, file)
