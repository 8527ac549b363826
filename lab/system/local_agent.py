"""The agent as a child process on this machine: orders and events are those of the tester container."""

import dataclasses
import json
import select
import sys
from collections.abc import Callable, Mapping
from typing import Any

from lab.data.speedtest import group_2_bytes
from lab.errors import LabError, PreflightError
from lab.model.exchange import Arrivals, Ceiling, CeilingOrder, MoveOrder, MoveOutcome, Obstacle
from lab.system import process
from lab.system.agent import move_outcome

_ARGV = [sys.executable, "-m", "lab.inside.agent"]


class NotBegun(LabError):
    """The transfer could not begin; ``obstacle`` says of which kind the reason is."""

    def __init__(self, message: str, obstacle: Obstacle) -> None:
        super().__init__(message)
        self.obstacle = obstacle


def move(order: MoveOrder, on_progress: Callable[[Mapping[str, int]], None]) -> MoveOutcome:
    """Have a study requested and received on this machine.

    ``on_progress`` is called with "instances" and "bytes" received so far, and with "remaining" as the
    PACS says.

    Raises:
        NotBegun: nothing was asked for.
        PreflightError: the receiver does not run on this system.
    """
    if not hasattr(select, "epoll"):
        msg = "the receiver needs Linux (epoll)"
        raise PreflightError(msg, "a Linux machine, WSL 2, or a Linux container with its port published")
    return move_outcome(_ask("move", order, on_progress))


def ceiling(order: CeilingOrder) -> Ceiling:
    """Have the receiver measured alone on this machine. Raises NotBegun."""
    return Ceiling(**_ask("ceiling", order, lambda _: None))


def speedtest_bytes(arrivals: Arrivals) -> int:
    """What arrived, as the SpeedTest script counts: Data Sets and Group 2 (lab.data.speedtest)."""
    uids = zip(
        arrivals.sop_class_uids, arrivals.sop_instance_uids, arrivals.transfer_syntax_uids, strict=True
    )
    return sum(arrivals.dataset_bytes) + sum(group_2_bytes(*three) for three in uids)


def _ask(
    kind: str, order: MoveOrder | CeilingOrder, on_progress: Callable[[Mapping[str, int]], None]
) -> dict[str, Any]:
    asked = json.dumps({"order": kind, **dataclasses.asdict(order)})
    with process.conversation(_ARGV, asked) as talk:
        for line in talk.lines:
            said: dict[str, Any] = json.loads(line)
            event = said.pop("event")
            if event == "outcome":
                return said
            if event == "failure":
                raise NotBegun(said["text"], Obstacle(said["obstacle"]))
            on_progress(said)
        msg = f"the process that measures vanished {talk.complaint()}".rstrip()
        raise NotBegun(msg, Obstacle.OTHER)
