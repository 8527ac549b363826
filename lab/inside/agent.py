"""The agent: one order in on stdin, JSON-line events out on stdout. A program.

    {"order": "move", ...}         the fields of a MoveOrder: measure a C-MOVE
    {"order": "receive", ...}      the fields of a ReceiverOrder: receive until a second line comes
    {"order": "bare", ...}         the same, as a bare socket sink
    {"order": "pynetdicom", ...}   the same, as a storage SCP on pynetdicom
    {"order": "ceiling", ...}      the fields of a CeilingOrder: measure the receiver alone
    {"order": "store", ...}        the fields of a StoreOrder: measure storing by C-STORE
    {"order": "post", ...}         the fields of a PostOrder: the same by HTTP POST
    {"order": "elements", ...}     the fields of an ElementsOrder: digests of the elements of kept files

    {"event": "progress", "instances": 12, "bytes": 1934556, ...}     at most five a second
    {"event": "listening", "port": 9999}                              of a receiver, once
    {"event": "outcome", ...}                                         the result, last line
    {"event": "failure", "obstacle": "...", "text": "...", ...}       instead of it, last line

When its stdin ends, the controller is gone: so is the agent, and with it the listening port.
"""

import dataclasses
import errno
import json
import os
import selectors
import sys
import threading
from typing import Any

from lab.inside.ceiling import ceiling
from lab.inside.elements import digests
from lab.inside.moving import move
from lab.inside.posting import post
from lab.inside.receiver import CannotListen, Receiver
from lab.inside.requesting import AssociationRefused, NotOffered
from lab.inside.rivals import RIVALS, RivalCost, rival
from lab.inside.secured import NotSecured
from lab.inside.storing import store
from lab.model.exchange import (
    Ceiling,
    CeilingOrder,
    Elements,
    MoveOrder,
    MoveOutcome,
    Obstacle,
    Received,
    ReceiverOrder,
)
from lab.model.plain import from_plain
from lab.model.store import PostOrder, StoreOrder, StoreOutcome


def main() -> None:
    order = json.loads(sys.stdin.readline())
    kind = order.pop("order")
    enough = threading.Event()
    threading.Thread(target=_listen_to_controller, args=(enough,), daemon=True).start()
    try:
        outcome = _do(kind, order, enough)
    except Exception as error:  # whatever it is, the controller must hear of it
        obstacle = _obstacle(error)
        in_use = obstacle is Obstacle.PORT_TAKEN
        remedy = "another benchmark or receiver is at work in the tester container" if in_use else ""
        text = str(error) or type(error).__name__
        _emit("failure", {"obstacle": obstacle, "text": text, "remedy": remedy})
        return
    _emit("outcome", dataclasses.asdict(outcome))


def _obstacle(error: Exception) -> Obstacle:
    if isinstance(error, CannotListen):
        return Obstacle.PORT_TAKEN if error.errno == errno.EADDRINUSE else Obstacle.CANNOT_LISTEN
    if isinstance(error, AssociationRefused):
        return Obstacle.REFUSED
    if isinstance(error, NotOffered):
        return Obstacle.NOT_OFFERED
    if isinstance(error, NotSecured):
        return Obstacle.NOT_SECURED
    return Obstacle.NO_ANSWER if isinstance(error, ConnectionError) else Obstacle.OTHER


def _do(
    kind: str, order: dict[str, Any], enough: threading.Event
) -> MoveOutcome | Received | Ceiling | RivalCost | Elements | StoreOutcome:
    if kind == "receive":
        return receive(from_plain(ReceiverOrder, order), enough)
    if kind == "store":
        return store(from_plain(StoreOrder, order), _progress)
    if kind == "post":
        return post(from_plain(PostOrder, order), _progress)
    if kind == "elements":
        return Elements(sha256=digests(**order))
    if kind in RIVALS:
        rivals_order = from_plain(ReceiverOrder, order)
        return rival(kind, rivals_order, lambda port: _emit("listening", {"port": port}), enough)
    if kind == "ceiling":
        return ceiling(from_plain(CeilingOrder, order))
    return move(from_plain(MoveOrder, order), _progress)


def receive(order: ReceiverOrder, enough: threading.Event) -> Received:
    """Receive whatever comes until told that it is enough."""
    with selectors.DefaultSelector() as selector:
        receiver = Receiver(order, selector)
        try:
            _emit("listening", {"port": receiver.start()})
            while not enough.is_set():
                for key, _ in selector.select(0.1):
                    receiver.serve(key.fileobj)
            return receiver.stop()
        finally:
            receiver.kill()


def _listen_to_controller(enough: threading.Event) -> None:
    """A second line: it is enough. The end of stdin: nobody is there any more."""
    if sys.stdin.readline():
        enough.set()
        sys.stdin.read()
    os._exit(1)


def _progress(values: dict[str, int]) -> None:
    _emit("progress", dict(values))


def _emit(event: str, values: dict[str, Any]) -> None:
    print(json.dumps({"event": event, **values}), flush=True)


if __name__ == "__main__":
    main()
