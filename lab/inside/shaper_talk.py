"""Talking to a shaper that stays in a network namespace: ask for its report, or move its epoch.

The socket is an abstract one: there is one per network namespace, and it is gone with its process. One
line of JSON is asked, one is answered: ``{"epoch_s": null}`` or ``{"epoch_s": 12.5}``, then a ShaperReport.
lab.inside.hop imports this: it makes no dataclasses.
"""

import json
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

EMULATOR = "emulator"
KEEPER = "keeper"
_TIMEOUT_S = 2.0
_LONGEST_LINE_BYTES = 4096


def listen(name: str) -> socket.socket:
    """The socket on which a shaper of that name is asked. Raises OSError when one is here already."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(_address(name))
    listening.listen()
    return listening


def answer(listening: socket.socket, report: Callable[[], str], rewind: Callable[[float], None]) -> None:
    """Serve one that has connected; whoever does not speak is let go. ``report`` gives a line of JSON."""
    client, _ = listening.accept()
    with client, suppress(OSError, ValueError):
        client.settimeout(_TIMEOUT_S)
        epoch_s = json.loads(client.recv(_LONGEST_LINE_BYTES))["epoch_s"]
        if epoch_s is not None:
            rewind(float(epoch_s))
        client.sendall(report().encode() + b"\n")


def ask(name: str, epoch_s: float | None = None) -> dict[str, Any] | None:
    """What the shaper of that name in this network namespace reports; its epoch is moved when one is given.

    The plain values of a ShaperReport, None when there is no shaper.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client, suppress(OSError, ValueError):
        client.settimeout(_TIMEOUT_S)
        client.connect(_address(name))
        client.sendall(json.dumps({"epoch_s": epoch_s}).encode() + b"\n")
        return dict(json.loads(client.makefile().readline()))
    return None


def _address(name: str) -> str:
    return f"\0lab-{name}"
