"""Runs inside the guest: a function at a host of the wire, in a process forked from this one.

A new Python there takes seconds for its imports, and a fork tenths of one: helpers stay for what comes next.
"""

import ctypes
import gc
import multiprocessing
import os
from collections import defaultdict
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
    return _fork(host, _run, function, words)


def _fork(host: str, main: Callable[..., None], *words: Any) -> Forked:
    ours, theirs = _FORK.Pipe()
    gc.freeze()  # a page that a collection touches is copied, which costs most of what a fork takes there
    process = _FORK.Process(target=_enter_and, args=(host, main, theirs, *words), daemon=True)
    process.start()
    theirs.close()
    return Forked(process, ours)


@dataclass
class Asked:
    """What a helper was asked to do, which it tells its results of."""

    host: str
    helper: Forked
    has_ended: bool = False

    def said(self) -> Any:
        """The next thing it said, its result at last. Raises RuntimeError when the helper ended instead."""
        self.has_ended, said = self.helper.said()
        if self.has_ended:
            _idle[self.host].append(self.helper)
        return said

    def end(self) -> None:
        """However far it is: a helper that does not come to its end soon is no more."""
        while not self.has_ended and self.helper.pipe.poll(_PATIENCE_S):
            self.said()
        if not self.has_ended:
            self.helper.end()


_idle: defaultdict[str, list[Forked]] = defaultdict(list)
_PATIENCE_S = 1.0


def ask(host: str, function: Callable[..., Any], *words: Any) -> Asked:
    """Have a helper there do ``function(say, *words)``, both of which are sent to it."""
    helper = _idle[host].pop() if _idle[host] else _fork(host, _help)
    helper.pipe.send((function, words))
    return Asked(host, helper)


@contextmanager
def inside(host: str) -> Iterator[None]:
    """This process itself is there for the block: what it starts there takes a third of what a fork takes."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    _enter(host)
    try:
        yield
    finally:
        _join(own)


def _enter_and(host: str, main: Callable[..., None], *words: Any) -> None:
    gc.disable()
    _enter(host)
    main(*words)


def _run(pipe: Connection, function: Callable[..., Any], words: tuple[Any, ...]) -> None:
    pipe.send(function(pipe.send, *words))


def _help(pipe: Connection) -> None:
    """One job after the other, until it is ended."""
    while True:
        function, words = pipe.recv()
        pipe.send((True, function(lambda said: pipe.send((False, said)), *words)))


def _enter(host: str) -> None:
    _join(os.open(_NAMESPACES / host, os.O_RDONLY))


def _join(namespace: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(namespace, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "cannot enter a network namespace")
    os.close(namespace)
