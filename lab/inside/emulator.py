"""The userspace packet emulator, for kernels without sch_netem. A program.

    python3 -m lab.inside.emulator '<a ShaperOrder as JSON>'

It runs in a container's network namespace with NET_ADMIN and NET_RAW. A TUN device takes over the
route to the lab's subnet; what the host sends there arrives here at MTU size (no segmentation
offload to distort loss), waits in a Lane, and leaves through a raw socket bound to the real device.

The plain route is kept beside the TUN's with a worse metric. A TUN device lives as long as its file
descriptor: when this process ends, however it ends, the kernel takes the device and its route away
and traffic flows again.
"""

import ctypes
import dataclasses
import gc
import math
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from typing import NoReturn

from lab.inside.emulator_devices import Wire, dropped_by_tun, open_tun
from lab.inside.emulator_pump import Pump
from lab.inside.shaper_talk import EMULATOR, answer, listen
from lab.link.emulation import Lane
from lab.link.schedule import turn_at
from lab.link.tun_routes import restore_argvs, takeover_argvs
from lab.model.plain import from_json, to_json
from lab.model.shaper import Change, ShaperOrder, ShaperReport, Turn

_KEPT_CHANGES = 1000
_LONGEST_WAIT_S = 1.0
_PR_SET_TIMERSLACK = 29  # linux/prctl.h


def main() -> None:
    order = from_json(ShaperOrder, sys.argv[1])
    place = order.place
    signal.signal(signal.SIGTERM, _stop)
    _be_punctual()
    tun = open_tun()
    control = listen(EMULATOR)
    emulator = Emulator(order, tun)
    try:
        _run_all(takeover_argvs(**dataclasses.asdict(place)))
        print("ready", flush=True)
        emulator.run(tun, control)
    finally:
        os.close(tun)
        _run_all(restore_argvs(place.device, place.subnet, place.address))


class Emulator:
    """One direction of a path, as its schedule says."""

    def __init__(self, order: ShaperOrder, tun: int) -> None:
        self._order = order
        self._epoch_s = order.epoch_s
        self._until_s = math.inf if order.until_s is None else order.until_s
        self._lane = Lane(order.schedule.seed)
        self._wire = Wire(order.place.device)
        self._pump = Pump(tun, self._wire, self._lane, order.place.mtu_bytes)
        self._turn: Turn | None = None
        self._changes: deque[Change] = deque(maxlen=_KEPT_CHANGES)
        self._keep_time(time.monotonic())

    def run(self, tun: int, control: socket.socket) -> None:
        """Until the time is up."""
        listening = [tun, control.fileno()]
        while (now_s := time.monotonic()) < self._until_s:
            if now_s >= self._next_turn_s:
                self._keep_time(now_s)
            self._pump.send_due()
            now_s = time.monotonic()
            readable, _, _ = select.select(listening, (), (), self._wait_s(now_s))
            if tun in readable:
                self._pump.take_in(now_s)
            else:
                self._pump.find_empty()
            if listening[1] in readable:
                answer(control, lambda: to_json(self.report()), self.rewind)

    def rewind(self, epoch_s: float) -> None:
        """The first turn begins then."""
        self._epoch_s = epoch_s
        self._keep_time(time.monotonic())

    def report(self) -> ShaperReport:
        """What is in force, and what became of the packets so far."""
        turn = self._turn or self._order.schedule.turns[0]
        late_p99_ms, late_max_ms = self._pump.lateness.tell()
        return ShaperReport(
            schedule=self._order.schedule,
            turn=turn.name,
            link=turn.link,
            changes=tuple(self._changes),
            epoch_s=self._epoch_s,
            until_s=self._order.until_s,
            passed_packets=self._wire.passed_packets,
            unsent_packets=self._wire.unsent_packets,
            **dataclasses.asdict(self._lane.counters),
            unread_packets=dropped_by_tun(),
            late_p99_ms=late_p99_ms,
            late_max_ms=late_max_ms,
            cpu_s=time.process_time(),
        )

    def _keep_time(self, now_s: float) -> None:
        """Put the turn of this moment in force, if it is not."""
        turn, next_s = turn_at(self._order.schedule, now_s - self._epoch_s)
        self._next_turn_s = self._epoch_s + next_s
        if turn != self._turn:
            self._turn = turn
            self._lane.turn_to(turn.link)
            self._changes.append(Change(at_s=now_s, turn=turn.name))

    def _wait_s(self, now_s: float) -> float:
        """How long nothing has to be done unless something comes."""
        until_s = min(self._next_turn_s, self._until_s, now_s + _LONGEST_WAIT_S)
        return max(0.0, min(self._pump.sleep_s(now_s), until_s - now_s))


def _be_punctual() -> None:
    """Wake up when asked to, not up to 50 us later; the few objects that live here need no collector."""
    ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
    gc.disable()


def _run_all(argvs: list[list[str]]) -> None:
    for argv in argvs:
        subprocess.run(argv, check=True)


def _stop(number: int, _: object) -> NoReturn:
    """Stopped is not done: 0 is the code of a time that was up."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
