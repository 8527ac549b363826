"""The agent in the tester container: start it, give it an order, listen to its events."""

import json
from collections.abc import Callable
from typing import Any

from lab.errors import UnhealthyError
from lab.model.exchange import Arrivals, Ending, MoveOrder, MoveOutcome, Suboperations
from lab.system import process
from lab.system.engine import Engine


def move(engine: Engine, order: MoveOrder, on_progress: Callable[[int, int], None]) -> MoveOutcome:
    """Have one C-MOVE requested and received in the tester container.

    ``on_progress`` is called with instances and bytes so far. Raises UnhealthyError when the agent
    could not start the transfer, or vanished.
    """
    container = engine.service("tester")
    argv = ["docker", "exec", "-i", container.id or "", "python3", "-m", "lab.inside.agent"]
    with process.conversation(argv, json.dumps(vars(order))) as lines:
        for line in lines:
            event = json.loads(line)
            if event["event"] == "progress":
                on_progress(event["instances"], event["bytes"])
            elif event["event"] == "failure":
                raise UnhealthyError(event["text"], "lab status; lab logs orthanc")
            else:
                return _outcome(event)
    msg = "the agent in the tester container vanished"
    raise UnhealthyError(msg, "lab status; lab up")


def _outcome(event: dict[str, Any]) -> MoveOutcome:
    values = {key: value for key, value in event.items() if key != "event"}
    return MoveOutcome(
        **{
            **values,
            "ending": Ending(values["ending"]),
            "suboperations": Suboperations(**values["suboperations"]),
            "arrivals": Arrivals(**values["arrivals"]),
        }
    )
