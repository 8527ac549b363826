"""A `lab` that has imported everything and waits: each command is a process of its own, forked from it.

Importing takes most of what a short command takes. Receiver and emulator alone are measured once for each
order, not by each command: that takes seconds of CPU. A program: python3 -m tests.stack.waiting_lab SOCKET.
"""

import atexit
import functools
import gc
import hashlib
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import lab.cli
from lab.bench import emulator
from lab.bench.c_move import Bench
from lab.cli.main import run
from lab.model.case import Case
from lab.model.exchange import Ceiling, CeilingOrder
from lab.model.plain import from_json, to_json
from lab.system import agent, local_agent

_MORE = (
    "docker",
    "lab.bench.move",
    "lab.bench.store",
    "lab.stack.lifecycle",
    "lab.stack.shaping",
    "rich.progress",
)
_MESSAGE_BYTES = 1 << 17


def main() -> None:
    for module in pkgutil.iter_modules(lab.cli.__path__, "lab.cli."):
        importlib.import_module(module.name)
    for name in _MORE:
        importlib.import_module(name)
    _measure_the_receiver_once(Path(sys.argv[1]).parent)
    _measure_the_emulator_once(Path(sys.argv[1]).parent)
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.bind(sys.argv[1])
        server.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        print("ready", flush=True)
        while server in select.select([server, sys.stdin], (), ())[0]:  # until whoever started it has gone
            talk, _ = server.accept()
            with talk:
                if not os.fork():
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    server.close()
                    _do(talk)
                    return


def _measure_the_receiver_once(folder: Path) -> None:
    def measured(place: str, order: CeilingOrder, measure: Callable[[], Ceiling]) -> Ceiling:
        known = folder / f"{place}-{hashlib.sha256(to_json(order).encode()).hexdigest()}"
        if not known.exists():
            known.write_text(to_json(measure()))
        return from_json(Ceiling, known.read_text())

    of_tester, of_this_machine = agent.ceiling, local_agent.ceiling
    agent.ceiling = lambda engine, order: measured("tester", order, lambda: of_tester(engine, order))
    local_agent.ceiling = lambda order: measured("here", order, lambda: of_this_machine(order))


def _measure_the_emulator_once(folder: Path) -> None:
    by_itself = emulator.ceiling_mbit_s

    def measured(bench: Bench, cases: Sequence[Case]) -> float | None:
        known = folder / f"emulator-{cases[0].congestion_control}"
        if not any(map(emulator.is_fast, cases)):
            return None
        if known.exists():
            return float(known.read_text())
        found = by_itself(bench, cases)
        if found is not None:
            known.write_text(str(found))
        return found

    emulator.ceiling_mbit_s = measured


def _do(talk: socket.socket) -> None:
    """One command: its words and its place come with its streams, and its exit code is told."""
    message, streams, _, _ = socket.recv_fds(talk, _MESSAGE_BYTES, 3)
    child = os.fork()
    if not child:
        talk.close()
        _become(json.loads(message), streams)
    _, status = os.waitpid(child, 0)
    talk.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(asked: dict[str, Any], streams: list[int]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv[:] = asked["argv"]
    run()


class WaitingLab:
    """Of this process, from the first command on."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._socket = f"{self._folder.name}/lab"
        argv = [sys.executable, "-m", "tests.stack.waiting_lab", self._socket]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        atexit.register(self._end)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def run(self, argv: list[str]) -> subprocess.CompletedProcess[str]:
        """Run to the end, as subprocess.run does with what is printed captured, and nothing to read."""
        with (
            Path(os.devnull).open() as nothing,
            tempfile.TemporaryFile("w+", newline="") as out,
            tempfile.TemporaryFile("w+", newline="") as err,
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as talk,
        ):
            talk.connect(self._socket)
            asked = {"argv": argv, "folder": str(Path.cwd()), "environment": dict(os.environ)}
            streams = [nothing.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(talk, [json.dumps(asked).encode()], streams)
            code = int(talk.recv(_MESSAGE_BYTES))
            printed = [stream.read() for stream in (out, err) if not stream.seek(0)]
        return subprocess.CompletedProcess(argv, code, *printed)

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()


@functools.cache
def waiting_lab() -> WaitingLab:
    """The one of this process."""
    return WaitingLab()


if __name__ == "__main__":
    main()
