"""Moves packets: in from the TUN device, through the lane, out on the wire when they are due."""

import math
import os
import time
from itertools import repeat

from lab.inside.emulator_devices import Wire
from lab.inside.emulator_lateness import Lateness
from lab.link.emulation import Lane
from lab.link.tun_routes import TUN_QUEUE_PACKETS

_BATCH_PACKETS = 64
_LAST_LEG_S = 0.0015
_STEP_S = 0.0004
_NOTICED_S = 0.0001


class Pump:
    """``take_in`` when there is something to read, else ``find_empty``; ``send_due`` after ``sleep_s`` and in
    between.

    Both do a bounded batch, so that neither keeps the other waiting.
    """

    def __init__(self, tun: int, wire: Wire, lane: Lane, mtu_bytes: int) -> None:
        self.lateness = Lateness()
        self._empty_s = time.monotonic()
        self._read_packets = 0
        self._tun = tun
        self._wire = wire
        self._lane = lane
        self._mtu_bytes = mtu_bytes

    def take_in(self, looked_s: float) -> None:
        """Read what has come; ``looked_s`` is when we began to wait for it."""
        send, admit, clock = self._wire.send, self._lane.admit, time.monotonic
        is_open = self._lane.is_open
        since_s, read = looked_s - self._empty_s, 0
        held_s = self._held_s(looked_s) if since_s > _NOTICED_S else 0.0
        try:
            while read < _BATCH_PACKETS:
                packet = os.read(self._tun, self._mtu_bytes)
                read += 1
                if packet[0] >> 4 != 4:
                    continue
                if is_open:
                    send(packet)
                else:
                    admit(clock(), packet)
            self._read_packets += read
        except BlockingIOError:
            self._empty_s, self._read_packets = clock(), 0
        self.lateness.hold_s(repeat(held_s, read))

    def find_empty(self) -> None:
        """There is nothing to read now."""
        self._empty_s, self._read_packets = time.monotonic(), 0

    def _held_s(self, looked_s: float) -> float:
        """By how much the next packet will leave too late, at most, for nobody looked before.

        It came after the device was last empty, and no earlier than as many as the device holds. What waits
        for the rate loses nothing by it.
        """
        since_s = looked_s - self._empty_s
        if self._read_packets > TUN_QUEUE_PACKETS:
            since_s *= TUN_QUEUE_PACKETS / self._read_packets
        return max(0.0, min(since_s, self._lane.idle_s(looked_s)))

    def send_due(self) -> None:
        """Send what leaves at once, and what has waited for long enough."""
        send, waiting, clock = self._wire.send, self._lane.waiting, time.monotonic
        sent_bytes = 0
        while self._lane.at_once:
            send(self._lane.at_once.popleft())
        for _ in range(_BATCH_PACKETS):
            if not waiting or (late_s := clock() - waiting[0][0]) < 0:
                break
            packet = waiting.popleft()[1]
            send(packet)
            sent_bytes += len(packet)
            self.lateness.add_s(late_s)
        self._lane.waiting_bytes -= sent_bytes

    def sleep_s(self, now_s: float) -> float:
        """How long to sleep before the next packet is due; ``math.inf`` when none waits.

        A kernel wakes a sleeper up to a thousandth of the time too late, and the host of a virtual machine
        one that has slept for over half a millisecond later still: so the last leg goes in short steps.
        """
        if not self._lane.waiting:
            return math.inf
        wait_s = self._lane.waiting[0][0] - now_s
        if wait_s > 2 * _LAST_LEG_S:
            return wait_s - _LAST_LEG_S
        return max(0.0, min(wait_s, _STEP_S))
