"""The receiver as its user has it: a listening port, and processes that serve what comes in.

It listens from ``start`` to ``stop`` and no longer. Connections are dealt out to the processes in turn.
"""

import dataclasses
import json
import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import IO, Any

from lab.inside.columns import in_order
from lab.inside.worker import CONNECTION, MARK, STOP
from lab.model.exchange import Accepted, Arrivals, Connection, Received, ReceiverCost, ReceiverOrder

_BACKLOG = 128
_STOP_TIMEOUT_S = 10
_CHUNK_BYTES = 64 << 10
_VANISHED = "a receiving process vanished"
LOG_FILE = "LAB_RECEIVER_LOG"  # where log lines go; without it to stderr


@dataclasses.dataclass(kw_only=True)
class _Process:
    child: subprocess.Popen[bytes]
    control: socket.socket
    output: IO[bytes]
    unread: bytes = b""
    handed: int = 0
    instances: int = 0
    received_bytes: int = 0
    last_read_s: float = 0.0


@dataclasses.dataclass(frozen=True)
class _Told:
    """What one process received: the columns of an Arrivals, its associations, what it used."""

    columns: dict[str, list[Any]]
    associations: list[Accepted]
    cost: ReceiverCost


class CannotListen(OSError):
    """The port, or the address, is not to be had."""


class Receiver:
    """A C-STORE SCP.

    ``selector`` is the caller's: while it waits there, ``serve`` is to be called with what is ready.
    """

    def __init__(self, order: ReceiverOrder, selector: selectors.BaseSelector) -> None:
        self._order = order
        self._selector = selector
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._processes: list[_Process] = []

    def start(self) -> int:
        """Listen; returns the port. Raises CannotListen when it is taken."""
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._listener.bind((self._order.address, self._order.port))
            self._listener.listen(_BACKLOG)  # who else has bound the port may listen first
        except OSError as error:
            self._listener.close()
            where = f"port {self._order.port}" + (f" at {self._order.address}" if self._order.address else "")
            raise CannotListen(error.errno, f"{where}: {error.strerror}") from error
        self._processes = [_started(self._order) for _ in range(self._order.processes)]
        for process in self._processes:
            process.output.readline()  # ready
            self._selector.register(process.output, selectors.EVENT_READ, self)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ, self)
        return int(self._listener.getsockname()[1])

    def mark(self) -> None:
        """What it costs is counted from here."""
        for process in self._processes:
            _tell(process, MARK)

    def serve(self, ready: object) -> None:
        """One of the things it registered is ready."""
        if ready is self._listener:
            self._accept()
        for process in self._processes:
            if ready is process.output:
                self._hear(process)

    @property
    def instances(self) -> int:
        """That came so far, as of a tenth of a second ago."""
        return sum(process.instances for process in self._processes)

    @property
    def received_bytes(self) -> int:
        """That came so far, PDU headers included."""
        return sum(process.received_bytes for process in self._processes)

    @property
    def last_read_s(self) -> float:
        """Monotonic time of the last read that brought something; 0 when there was none."""
        return max((process.last_read_s for process in self._processes), default=0.0)

    def stop(self) -> Received:
        """Stop listening, close what is still open, and tell everything."""
        self._selector.unregister(self._listener)
        self._listener.close()
        for process in self._processes:
            self._selector.unregister(process.output)
            _tell(process, STOP)
        told = [_last_word(process) for process in self._processes]
        self.kill()
        return _merged(told)

    def kill(self) -> None:
        """Whatever state it is in: leave nothing behind."""
        self._listener.close()
        for process in self._processes:
            process.control.close()
            process.output.close()
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.child.wait(_STOP_TIMEOUT_S)
            process.child.kill()
            process.child.wait()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # gone again before it was taken
        with connection:
            process = min(self._processes, key=lambda one: one.handed)
            process.handed += 1
            with _vanished_if_broken():
                socket.send_fds(process.control, [CONNECTION], [connection.fileno()])

    def _hear(self, process: _Process) -> None:
        """Several lines may have come: the last one counts."""
        chunk = process.output.read(_CHUNK_BYTES)
        if not chunk:
            raise ChildProcessError(_VANISHED)
        *lines, process.unread = (process.unread + chunk).split(b"\n")
        if not lines:
            return
        said = json.loads(lines[-1])
        process.instances = said["instances"]
        process.received_bytes = said["bytes"]
        process.last_read_s = said["last_read_s"]


def _started(order: ReceiverOrder) -> _Process:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, _log() as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "lab.inside.worker"],
            stdin=theirs.fileno(),
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
        )
    assert child.stdout is not None
    ours.send(json.dumps(dataclasses.asdict(order)).encode())
    return _Process(child=child, control=ours, output=child.stdout)


def _log() -> AbstractContextManager[IO[bytes] | None]:
    name = os.environ.get(LOG_FILE)
    return open(name, "ab", buffering=0) if name else nullcontext()  # noqa: PTH123


def _tell(process: _Process, message: bytes) -> None:
    with _vanished_if_broken():
        process.control.send(message)


@contextmanager
def _vanished_if_broken() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ChildProcessError(_VANISHED) from error


def _last_word(process: _Process) -> _Told:
    columns: dict[str, Any] = {}
    for line in (process.unread + process.output.read()).splitlines():
        said = json.loads(line)
        if "column" in said:
            columns[said["column"]] = said["values"]
        elif "cost" in said:
            associations = [_accepted(one) for one in said["associations"]]
            return _Told(columns, associations, ReceiverCost(**said["cost"]))
    msg = "a receiving process ended without telling what it received"
    raise ChildProcessError(msg)


def _accepted(said: dict[str, Any]) -> Accepted:
    found = said["connection"]
    return Accepted(**{**said, "connection": Connection(**found) if found else None})


def _merged(told: list[_Told]) -> Received:
    """Of several processes: rows in order of completion, associations renumbered."""
    columns: dict[str, list[Any]] = {field.name: [] for field in dataclasses.fields(Arrivals)}
    associations: list[Accepted] = []
    for one in told:
        for name, values in one.columns.items():
            shift = len(associations) if name == "association" else 0
            columns[name] += [value + shift for value in values] if shift else values
        associations += one.associations
    costs = [one.cost for one in told]
    return Received(
        arrivals=in_order(columns),
        associations=associations,
        cost=ReceiverCost(
            cpu_s=sum(cost.cpu_s for cost in costs),
            busiest_cpu_s=max(cost.busiest_cpu_s for cost in costs),
            peak_rss_bytes=max(cost.peak_rss_bytes for cost in costs),
        ),
    )
