"""Moves packets: in from the TUN device, through the lane, out on the wire when they are due."""

import math
import os
import time

from lab.inside.emulator_devices import Wire
from lab.inside.emulator_lateness import Lateness
from lab.link.emulation import Lane

_BATCH_PACKETS = 64
_LAST_LEG_S = 0.0015
_STEP_S = 0.0004


class Pump:
    """``take_in`` when there is something to read, ``send_due`` after ``sleep_s`` and in between.

    Both do a bounded batch, so that neither keeps the other waiting.
    """

    def __init__(self, tun: int, wire: Wire, lane: Lane, mtu_bytes: int) -> None:
        self.lateness = Lateness()
        self._tun = tun
        self._wire = wire
        self._lane = lane
        self._mtu_bytes = mtu_bytes

    def take_in(self) -> None:
        """Read what has come."""
        send, admit, clock = self._wire.send, self._lane.admit, time.monotonic
        is_open = self._lane.is_open
        try:
            for _ in range(_BATCH_PACKETS):
                packet = os.read(self._tun, self._mtu_bytes)
                if packet[0] >> 4 != 4:
                    continue
                if is_open:
                    send(packet)
                else:
                    admit(clock(), packet)
        except BlockingIOError:
            return

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
