"""`lab speedtest` as its users call it, against peers on the loopback."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from click.testing import CliRunner, Result

from lab.cli.main import main
from tests.loopback.scripted import EXPLICIT, OPENED, Request, Script, StoreScu, read_pdu, scripted_pacs

IMAGES = 3


def speedtest(pacs_port: int, own_port: int, *words: str) -> Result:
    return speedtest_of("ORTHANC", pacs_port, own_port, *words)


def speedtest_of(aec: str, pacs_port: int, own_port: int, *words: str, host: str = "127.0.0.1") -> Result:
    argv = ["speedtest", host, str(pacs_port), aec, "-p", str(own_port), *words]
    return CliRunner().invoke(main, argv)


def measured(script: Script, own_port: int, *words: str) -> Result:
    with scripted_pacs(script) as port:
        return speedtest(port, own_port, *words)


def delivers(
    own_port: int, images: int = IMAGES, *, pause_s: float = 0.0, transfer_syntax: str = EXPLICIT
) -> Script:
    """A PACS that sends so many images, waiting before the first, and counts them."""

    def script(request: Request) -> None:
        time.sleep(pause_s)
        stores(own_port, images, transfer_syntax=transfer_syntax)
        request.respond(0, completed=images)

    return script


def stores(own_port: int, images: int, *, pause_s: float = 0.0, transfer_syntax: str = EXPLICIT) -> None:
    scu = StoreScu(own_port, transfer_syntax=transfer_syntax)
    for index in range(images):
        scu.send(index)
        assert scu.await_response() == 0
        time.sleep(pause_s)
    scu.release()


@contextmanager
def answers_with(answer: bytes, heard: list[bytes]) -> Iterator[int]:
    """A peer that reads one PDU, says those bytes and keeps the connection; yields its port."""

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        OPENED.append(connection)
        heard.append(read_pdu(connection)[1])
        connection.sendall(answer)

    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
