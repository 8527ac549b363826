"""Receivers to hold ours against: a socket that only reads and answers, and pynetdicom's storage SCP."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pynetdicom import AE, evt

from lab.inside import tcp
from lab.inside.memory import peak_rss_bytes
from lab.inside.sender import BARE_ANSWER_BYTES, CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN
from lab.inside.worker import BUFFER_BYTES
from lab.model.exchange import ReceiverCost, ReceiverOrder

RIVALS = ("bare", "pynetdicom")


@dataclass(frozen=True, kw_only=True)
class RivalCost:
    """What serving cost, in the shape in which our own receiver tells it."""

    cost: ReceiverCost


def rival(
    kind: str, order: ReceiverOrder, is_listening: Callable[[int], None], enough: threading.Event
) -> RivalCost:
    """Serve until it is enough."""
    stop = _serve_bare(order) if kind == "bare" else _serve_pynetdicom(order)
    cpu_s = time.process_time()
    is_listening(order.port)
    enough.wait()
    cpu_s = time.process_time() - cpu_s
    stop()
    return RivalCost(cost=ReceiverCost(cpu_s=cpu_s, busiest_cpu_s=cpu_s, peak_rss_bytes=peak_rss_bytes()))


def _serve_bare(order: ReceiverOrder) -> Callable[[], None]:
    server = socket.create_server((order.address, order.port))

    def serve() -> None:
        with suppress(OSError):
            while True:
                _read_and_answer(server.accept()[0])

    threading.Thread(target=serve, daemon=True).start()
    return server.close


def _read_and_answer(connection: socket.socket) -> None:
    """First how long an instance is, in 8 bytes; then so many bytes, 100 back, and again."""
    tcp.send_at_once(connection)
    size = int.from_bytes(connection.recv(8, socket.MSG_WAITALL))
    buffer = memoryview(bytearray(BUFFER_BYTES))
    answer = bytes(BARE_ANSWER_BYTES)
    got = 0
    with connection:
        while count := connection.recv_into(buffer[: min(BUFFER_BYTES, size - got)]):
            got += count
            if got == size:
                connection.send(answer)
                got = 0


def _serve_pynetdicom(order: ReceiverOrder) -> Callable[[], None]:
    """The Data Set is left as it came: what costs is pynetdicom's own."""
    ae = AE(order.ae_title)
    ae.maximum_pdu_size = order.max_pdu_bytes
    ae.network_timeout = None
    ae.dimse_timeout = None
    ae.add_supported_context(CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN)
    handlers: list[Any] = [
        (evt.EVT_CONN_OPEN, lambda event: tcp.send_at_once(event.assoc.dul.socket.socket)),
        (evt.EVT_C_STORE, lambda event: 0x0000 if event.request.DataSet.getbuffer() else 0xC000),
    ]
    server: Any = ae.start_server((order.address, order.port), block=False, evt_handlers=handlers)
    stop: Callable[[], None] = server.shutdown
    return stop
