"""The agent in the tester container: start it, give it an order, listen to its events."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from lab.errors import UnhealthyError
from lab.model.exchange import (
    Accepted,
    Arrivals,
    Ceiling,
    CeilingOrder,
    Connection,
    ElementsOrder,
    Ending,
    MoveOrder,
    MoveOutcome,
    ReceiverCost,
    ReceiverOrder,
    Stop,
    Suboperations,
)
from lab.model.store import PostOrder, StoreOrder, StoreOutcome, Stores
from lab.system import process
from lab.system.engine import Engine
from lab.system.process import Conversation

OnProgress = Callable[[Mapping[str, int]], None]
Order = MoveOrder | CeilingOrder | ReceiverOrder | ElementsOrder | StoreOrder | PostOrder


def move(engine: Engine, order: MoveOrder, on_progress: OnProgress) -> MoveOutcome:
    """Have a study requested and received in the tester container.

    ``on_progress`` is called with "instances" and "bytes" received so far, and with "remaining" as the
    PACS says. Raises UnhealthyError when the agent could not start the transfer, or vanished.
    """
    return move_outcome(_ask(engine, "move", order, on_progress))


def move_outcome(said: dict[str, Any]) -> MoveOutcome:
    """An outcome as the agent wrote it."""
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


def canonical_digests(engine: Engine, order: ElementsOrder) -> dict[str, str]:
    """Digests of the elements of received files, by SOP Instance UID. Raises UnhealthyError."""
    found: dict[str, str] = _ask(engine, "elements", order, lambda _: None)["sha256"]
    return found


def ceiling(engine: Engine, order: CeilingOrder) -> Ceiling:
    """Have the receiver measured alone. Raises UnhealthyError."""
    return Ceiling(**_ask(engine, "ceiling", order, lambda _: None))


def store(engine: Engine, order: StoreOrder, on_progress: OnProgress) -> StoreOutcome:
    """Have a study stored by C-STORE from the tester container.

    ``on_progress`` is called with "instances" and "bytes" answered so far. Raises UnhealthyError when the
    PACS could not be associated with, or the agent vanished.
    """
    return _store_outcome(_ask(engine, "store", order, on_progress))


def post(engine: Engine, order: PostOrder, on_progress: OnProgress) -> StoreOutcome:
    """The same by HTTP POST."""
    return _store_outcome(_ask(engine, "post", order, on_progress))


def upload(engine: Engine, order: Mapping[str, Any], on_progress: OnProgress) -> dict[str, Any]:
    """Have files stored in Orthanc by REST from the tester container (lab.inside.uploading says how).

    Returns its last word: "failures" by file, and "duration_s". Raises UnhealthyError when it vanished.
    """
    with process.conversation(_python_in_tester(engine, "lab.inside.uploading"), json.dumps(order)) as talk:
        for line in talk.lines:
            said: dict[str, Any] = json.loads(line)
            if "failures" in said:
                return said
            on_progress(said)
        msg = f"what uploads files in the tester container vanished {talk.complaint()}".rstrip()
        raise UnhealthyError(msg, "lab status; lab up")


def _store_outcome(said: dict[str, Any]) -> StoreOutcome:
    connections = [Connection(**one) for one in said["connections"]]
    return StoreOutcome(**{**said, "stores": Stores(**said["stores"]), "connections": connections})


def _ask(engine: Engine, kind: str, order: Order, on_progress: OnProgress) -> dict[str, Any]:
    with _started(engine, kind, order) as talk:
        while True:
            event, said = _hear(talk)
            if event == "outcome":
                return said
            on_progress(said)


@contextmanager
def listening(engine: Engine, kind: str, order: ReceiverOrder) -> Iterator[Callable[[], ReceiverCost]]:
    """A receiver of that kind, "receive" or one of its rivals, in the tester container while the block lasts.

    Yields what ends it and tells what it cost. Raises UnhealthyError.
    """
    with _started(engine, kind, order) as talk:
        _hear(talk)  # listening

        def enough() -> ReceiverCost:
            talk.say("enough")
            _, said = _hear(talk)
            return ReceiverCost(**said["cost"])

        yield enough


def _started(engine: Engine, kind: str, order: Order) -> AbstractContextManager[Conversation]:
    argv = _python_in_tester(engine, "lab.inside.agent")
    return process.conversation(argv, json.dumps({"order": kind, **dataclasses.asdict(order)}))


def _python_in_tester(engine: Engine, module: str) -> list[str]:
    return ["docker", "exec", "-i", engine.service("tester").id or "", "python3", "-m", module]


def _hear(talk: Conversation) -> tuple[str, dict[str, Any]]:
    """The next event and its values. Raises UnhealthyError when it is a failure, or the agent vanished."""
    line = next(talk.lines, "")
    if not line:
        msg = f"the agent in the tester container vanished {talk.complaint()}".rstrip()
        raise UnhealthyError(msg, "lab status; lab up")
    said: dict[str, Any] = json.loads(line)
    event = str(said.pop("event"))
    if event == "failure":
        raise UnhealthyError(said["text"], said["remedy"] or "lab status; lab logs orthanc")
    return event, said


def _accepted(said: dict[str, Any]) -> Accepted:
    found = said["connection"]
    return Accepted(**{**said, "connection": Connection(**found) if found else None})
