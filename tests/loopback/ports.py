"""Ports for tests: never the same twice, and none that an outgoing connection could be given meanwhile."""

import itertools
import os
import socket
from contextlib import closing, suppress

import pytest

_FAR_APART = 997  # workers of one session have process numbers in a row
_PORTS = itertools.count(15000 + os.getpid() * _FAR_APART % 10000)  # below those that kernels hand out


def free_port() -> int:
    for port in _PORTS:
        with suppress(OSError), closing(socket.create_server(("", port))):
            return port
    pytest.fail("no port is free")
