"""Takes netem through a schedule, and off when its time is up. A program.

    python3 -m lab.inside.keeper '<a ShaperOrder as JSON>'

It runs in a container's network namespace with NET_ADMIN. At each turn it changes the netem in place:
what waits there stays. When it ends by ``until_s`` it leaves the device and the route as the engine
made them; when it dies, the turn that was in force stays.
"""

import math
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from typing import NoReturn

from lab.inside.shaper_talk import KEEPER, answer, listen
from lab.link import netem, schedule, tun_routes
from lab.model.plain import from_json, to_json
from lab.model.shaper import Change, ShaperOrder, ShaperReport, Turn

_KEPT_CHANGES = 1000
_LONGEST_WAIT_S = 3600.0
_SEEDS = 2**63


def main() -> None:
    order = from_json(ShaperOrder, sys.argv[1])
    signal.signal(signal.SIGTERM, _stop)
    keeper = Keeper(order)
    keeper.keep_time(time.monotonic())
    control = listen(KEEPER)
    print("ready", flush=True)
    keeper.run(control)


class Keeper:
    """The schedule of one device, put in force turn by turn."""

    def __init__(self, order: ShaperOrder) -> None:
        self._order = order
        self._epoch_s = order.epoch_s
        self._turn: Turn | None = None
        self._next_s = -math.inf
        self._changes: deque[Change] = deque(maxlen=_KEPT_CHANGES)
        self._changed = 0

    def run(self, control: socket.socket) -> None:
        """Until the time is up."""
        until_s = math.inf if self._order.until_s is None else self._order.until_s
        while (now_s := time.monotonic()) < until_s:
            self.keep_time(now_s)
            wait_s = min(self._next_s, until_s) - time.monotonic()
            readable, _, _ = select.select([control], [], [], min(max(0.0, wait_s), _LONGEST_WAIT_S))
            if readable:
                answer(control, lambda: to_json(self.report()), self.rewind)
        self._take_off()

    def keep_time(self, now_s: float) -> None:
        """Put the turn of this moment in force, if it is not."""
        if now_s < self._next_s and self._turn is not None:
            return
        turn, next_s = schedule.turn_at(self._order.schedule, now_s - self._epoch_s)
        self._next_s = self._epoch_s + next_s
        if turn != self._turn:
            self._put_in_force(turn)

    def rewind(self, epoch_s: float) -> None:
        """The first turn begins then."""
        self._epoch_s, self._next_s = epoch_s, -math.inf
        self.keep_time(time.monotonic())

    def report(self) -> ShaperReport:
        """What is in force, and since when."""
        turn = self._turn or self._order.schedule.turns[0]
        return ShaperReport(
            schedule=self._order.schedule,
            turn=turn.name,
            link=turn.link,
            changes=tuple(self._changes),
            epoch_s=self._epoch_s,
            until_s=self._order.until_s,
            cpu_s=time.process_time(),
        )

    def _put_in_force(self, turn: Turn) -> None:
        """With a seed of its own: netem begins its random numbers anew when told one (sch_netem.c of 6.6)."""
        if self._shapes:
            seed = (self._order.schedule.seed + self._changed) % _SEEDS
            _run(netem.replace_argv(turn.link, self._order.place.device, seed))
        self._turn, self._changed = turn, self._changed + 1
        self._changes.append(Change(at_s=time.monotonic(), turn=turn.name))

    @property
    def _shapes(self) -> bool:
        """A direction that is plain throughout has no netem, only a time to end."""
        return any(not turn.link.is_plain for turn in self._order.schedule.turns)

    def _take_off(self) -> None:
        place = self._order.place
        if self._shapes:
            _run(netem.remove_argv(place.device))
            _run(netem.offload_argv(place.device, netem.UNSHAPED_GSO_MAX_SEGS))
        _run(tun_routes.plain_route_argv(place.device, place.subnet, place.address))


def _run(argv: list[str]) -> None:
    subprocess.run(argv, check=True)


def _stop(number: int, _: object) -> NoReturn:
    """Stopped is not done: 0 is the code of a time that was up."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
