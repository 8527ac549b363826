"""Runs inside the guest: a function at a host of the wire, in a process forked from this one.

A new Python there takes seconds for its imports.
"""

import ctypes
import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

_FORK = multiprocessing.get_context("fork")
_CLONE_NEWNET = 0x40000000  # linux/sched.h
_NAMESPACES = Path("/run/netns")


@dataclass(frozen=True)
class Forked:
    """What was started at a host."""

    process: BaseProcess
    pipe: Connection

    def said(self) -> Any:
        """The next thing it said. Raises RuntimeError when it ended instead."""
        try:
            return self.pipe.recv()
        except EOFError:
            self.process.join()
            raise RuntimeError(f"it ended with {self.process.exitcode}") from None

    def end(self) -> None:
        """However far it is."""
        self.process.terminate()
        self.process.join()


def start(host: str, function: Callable[..., Any], *words: Any) -> Forked:
    """Start ``function(say, *words)`` there. What it gives to ``say`` is told, and at last its result."""
    ours, theirs = _FORK.Pipe()
    gc.freeze()  # a page that a collection touches is copied, which costs most of what a fork takes there
    process = _FORK.Process(target=_run, args=(host, theirs, function, words), daemon=True)
    process.start()
    theirs.close()
    return Forked(process, ours)


@contextmanager
def inside(host: str) -> Iterator[None]:
    """This process itself is there for the block: what it starts there takes a third of what a fork takes."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    _enter(host)
    try:
        yield
    finally:
        _join(own)


def _run(host: str, pipe: Connection, function: Callable[..., Any], words: tuple[Any, ...]) -> None:
    gc.disable()
    _enter(host)
    pipe.send(function(pipe.send, *words))


def _enter(host: str) -> None:
    _join(os.open(_NAMESPACES / host, os.O_RDONLY))


def _join(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")
    os.close(namespace)
