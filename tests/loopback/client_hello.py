"""A TLS client's hello taken apart: what it offers, by number (RFC 8446 4.1.2)."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_SIGNALLING = 0x00FF  # TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 3.3)
_SERVER_NAME, _SUPPORTED_VERSIONS = 0, 43


@dataclass
class Hello:
    """The newest version and every suite that was offered, in order; the server name."""

    suites: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    server_name: str = ""


@contextmanager
def hello_taken() -> Iterator[tuple[int, Hello]]:
    """Listens for one connection; yields its port and what its hello offered."""
    hello = Hello()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_take, args=(server, hello), daemon=True)
        thread.start()
        yield server.getsockname()[1], hello
        thread.join(10)


def _take(server: socket.socket, hello: Hello) -> None:
    connection, _ = server.accept()
    with connection:
        connection.settimeout(10)
        data = connection.recv(65536)[9:]  # past the record's and the handshake's headers
    (newest,) = struct.unpack_from(">H", data)
    data = data[34:]
    data = data[1 + data[0] :]  # session ID
    (length,) = struct.unpack_from(">H", data)
    suites = struct.unpack_from(f">{length // 2}H", data, 2)
    hello.suites = [suite for suite in suites if suite != _SIGNALLING]
    hello.versions = [newest]
    data = data[2 + length :]
    _take_extensions(data[1 + data[0] + 2 :], hello)


def _take_extensions(data: bytes, hello: Hello) -> None:
    while data:
        kind, length = struct.unpack_from(">HH", data)
        content, data = data[4 : 4 + length], data[4 + length :]
        if kind == _SUPPORTED_VERSIONS:
            hello.versions = list(struct.unpack(f">{content[0] // 2}H", content[1:]))
        elif kind == _SERVER_NAME:
            hello.server_name = content[5:].decode()
