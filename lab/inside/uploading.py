"""Files stored in Orthanc by POST /instances, over several kept-alive connections at once. A program.

    stdin    a JSON line: host, port, credentials ("user:password"), folder, files, connections, and "tls",
             the paths of a key, a certificate and an authority's for HTTPS, or null
    stdout   JSON lines: {"instances": 12, "bytes": 1934556} at most five a second, then
             {"failures": {"00007.dcm": "why"}, "duration_s": 1.6}

When stdin ends the controller is gone, and so is this.

It starts in a tenth of a second, the kernel sends the files (sendfile(2)), and of HTTP/1.1 (RFC 9112) it
knows what Orthanc speaks: Orthanc has the processors to itself, and seeding takes as long as it takes.
"""

import base64
import json
import os
import queue
import socket
import sys
import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any

from lab.inside.secured import requestor_context, secured
from lab.model.tls import TlsFiles

_REPORT_INTERVAL_S = 0.2
_TIMEOUT_S = 600.0  # a file of gigabytes is answered when it is on the disk
_LONGEST_COMPLAINT = 200
_END_OF_HEAD = b"\r\n\r\n"


class Upload:
    """Files still to be sent, and what came of the others."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.instances = 0
        self.sent_bytes = 0
        self.failures: dict[str, str] = {}
        self._lock = threading.Lock()
        self._mine = threading.local()
        self._host, self._port = order["host"], order["port"]
        self._context = requestor_context(TlsFiles(**order["tls"])) if order.get("tls") else None
        self._folder = Path(order["folder"])
        self._credentials = base64.b64encode(order["credentials"].encode()).decode()
        self._files: queue.SimpleQueue[str] = queue.SimpleQueue()
        for file in order["files"]:
            self._files.put(file)

    def work(self) -> None:
        """As a thread: one file after the other, until there are none."""
        while (file := self._next()) is not None:
            size, why = self._sent(file)
            with self._lock:
                self.instances += 1
                self.sent_bytes += size
                if why:
                    self.failures[file] = why
        self._hang_up()

    def _sent(self, file: str) -> tuple[int, str]:
        """Bytes sent, and why it was not stored. That Orthanc has closed a connection is no reason."""
        for connection in (getattr(self._mine, "connection", None), None):
            try:
                return self._post(connection or self._connected(), file)
            except (OSError, ValueError) as error:
                self._hang_up()
                why = str(error) or type(error).__name__
                if connection is None:
                    break
        return 0, why

    def _hang_up(self) -> None:
        connection = self._mine.__dict__.pop("connection", None)
        if connection is not None:
            connection.close()

    def _next(self) -> str | None:
        try:
            return self._files.get_nowait()
        except queue.Empty:
            return None

    def _connected(self) -> socket.socket:
        connection = socket.create_connection((self._host, self._port), _TIMEOUT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context:
            connection = secured(connection, self._context, self._host)
        self._mine.connection = connection
        return connection

    def _post(self, connection: socket.socket, file: str) -> tuple[int, str]:
        """Bytes sent, and why it was not stored; "" when it was. Raises OSError, ValueError."""
        with (self._folder / file).open("rb", buffering=0) as content:
            size = os.fstat(content.fileno()).st_size
            connection.sendall(self._head(size), 0 if self._context else socket.MSG_MORE)
            connection.sendfile(content)
        status, answer = _answer(connection)
        return size, "" if status == HTTPStatus.OK else _complaint(status, answer)

    def _head(self, size: int) -> bytes:
        lines = (
            "POST /instances HTTP/1.1",
            f"Host: {self._host}",
            f"Authorization: Basic {self._credentials}",
            "Content-Type: application/dicom",
            f"Content-Length: {size}",
        )
        return "\r\n".join(lines).encode() + _END_OF_HEAD


def _answer(connection: socket.socket) -> tuple[int, bytes]:
    """Status and content. Raises OSError, or ValueError when it is none that Orthanc gives."""
    answer = b""
    while (end := answer.find(_END_OF_HEAD)) < 0:
        answer += _more(connection)
    head, body = answer[:end], answer[end + len(_END_OF_HEAD) :]
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(fields[b"content-length"]) if b"content-length" in fields else 0
    while len(body) < length:
        body += _more(connection)
    return int(head.split(b" ", 2)[1]), body


def _more(connection: socket.socket) -> bytes:
    chunk = connection.recv(65536)
    if not chunk:
        msg = "Orthanc closed the HTTP connection"
        raise ConnectionError(msg)
    return chunk


def _complaint(status: int, answer: bytes) -> str:
    try:
        said = dict(json.loads(answer))
    except (TypeError, ValueError):
        said = {}
    text = said.get("Details") or said.get("Message") or "no reason given"
    return f"HTTP status {status}: {str(text)[:_LONGEST_COMPLAINT]}"


def main() -> None:
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_controller, daemon=True).start()
    upload = Upload(order)
    begun_s = time.monotonic()
    threads = [threading.Thread(target=upload.work, daemon=True) for _ in range(order["connections"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(_REPORT_INTERVAL_S)
            if thread.is_alive():
                _say({"instances": upload.instances, "bytes": upload.sent_bytes})
    _say({"failures": upload.failures, "duration_s": time.monotonic() - begun_s})


def _end_with_controller() -> None:
    sys.stdin.read()
    os._exit(1)


def _say(values: dict[str, object]) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    main()
