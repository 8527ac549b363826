"""The agent in the tester container: start it, give it an order, listen to its events."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

from lab.errors import UnhealthyError
from lab.model.exchange import (
    Accepted,
    Arrivals,
    Ceiling,
    CeilingOrder,
    Connection,
    Ending,
    MoveOrder,
    MoveOutcome,
    ReceiverCost,
    Stop,
    Suboperations,
)
from lab.system import process
from lab.system.engine import Engine

OnProgress = Callable[[Mapping[str, int]], None]


def move(engine: Engine, order: MoveOrder, on_progress: OnProgress) -> MoveOutcome:
    """Have a study requested and received in the tester container.

    ``on_progress`` is called with "instances" and "bytes" received so far, and with "remaining" as the
    PACS says. Raises UnhealthyError when the agent could not start the transfer, or vanished.
    """
    said = _ask(engine, "move", order, on_progress)
    return MoveOutcome(
        **{
            **said,
            "ending": Ending(said["ending"]),
            "stop": Stop(said["stop"]),
            "suboperations": Suboperations(**said["suboperations"]),
            "arrivals": Arrivals(**said["arrivals"]),
            "associations": [_accepted(one) for one in said["associations"]],
            "cost": ReceiverCost(**said["cost"]),
        }
    )


def ceiling(engine: Engine, order: CeilingOrder) -> Ceiling:
    """Have the receiver measured alone. Raises UnhealthyError."""
    return Ceiling(**_ask(engine, "ceiling", order, lambda _: None))


def _ask(
    engine: Engine, kind: str, order: MoveOrder | CeilingOrder, on_progress: OnProgress
) -> dict[str, Any]:
    container = engine.service("tester")
    argv = ["docker", "exec", "-i", container.id or "", "python3", "-m", "lab.inside.agent"]
    with process.conversation(argv, json.dumps({"order": kind, **dataclasses.asdict(order)})) as lines:
        for line in lines:
            said: dict[str, Any] = json.loads(line)
            event = said.pop("event")
            if event == "progress":
                on_progress(said)
            elif event == "failure":
                raise UnhealthyError(said["text"], "lab status; lab logs orthanc")
            else:
                return said
    msg = "the agent in the tester container vanished"
    raise UnhealthyError(msg, "lab status; lab up")


def _accepted(said: dict[str, Any]) -> Accepted:
    found = said["connection"]
    return Accepted(**{**said, "connection": Connection(**found) if found else None})
