"""A bare HTTP loop that stores files in Orthanc, to hold seeding against: nothing but sockets. A program.

    python3 -m lab.inside.bare_http HOST PORT USER:PASSWORD FOLDER CONNECTIONS

Files are read beforehand. Prints how many were stored and how long that took, as JSON.
"""

import base64
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_OK = b"HTTP/1.1 200"
_END_OF_HEADERS = b"\r\n\r\n"


def main() -> None:
    host, port, user_and_password, folder, connections = sys.argv[1:]
    credentials = base64.b64encode(user_and_password.encode()).decode()
    requests = [
        (_head(len(content), credentials), content)
        for content in (path.read_bytes() for path in sorted(Path(folder).glob("*.dcm")))
    ]
    begun_s = time.monotonic()
    stored = _post_all(host, int(port), requests, int(connections))
    print(json.dumps({"instances": stored, "duration_s": time.monotonic() - begun_s}))


def _head(length: int, credentials: str) -> bytes:
    lines = (
        "POST /instances HTTP/1.1",
        "Host: pacs",
        f"Authorization: Basic {credentials}",
        f"Content-Length: {length}",
    )
    return "\r\n".join(lines).encode() + _END_OF_HEADERS


def _post_all(host: str, port: int, requests: list[tuple[bytes, bytes]], connections: int) -> int:
    pending: Iterator[tuple[bytes, bytes]] = iter(requests)
    lock = threading.Lock()
    stored: list[int] = []

    def work() -> None:
        count = 0
        with socket.create_connection((host, port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with lock:
                    request = next(pending, None)
                if request is None:
                    break
                count += _post(connection, *request)
        stored.append(count)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(stored)


def _post(connection: socket.socket, head: bytes, content: bytes) -> bool:
    """Whether it was stored. Orthanc's answers are short and have a Content-Length."""
    connection.sendall(head)
    connection.sendall(content)
    answer = b""
    while _END_OF_HEADERS not in answer or len(answer) < _whole(answer):
        chunk = connection.recv(65536)
        if not chunk:
            return False
        answer += chunk
    return answer.startswith(_OK)


def _whole(answer: bytes) -> int:
    head, _, _ = answer.partition(_END_OF_HEADERS)
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return len(head) + len(_END_OF_HEADERS) + int(lengths[0].split(b":")[1])


if __name__ == "__main__":
    main()
