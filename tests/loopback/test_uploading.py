"""Seeding by REST against a scripted Orthanc: what it refuses is told, what it closes is opened again."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FILES = [f"{number:05d}.dcm" for number in range(20)]


class Orthanc(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stored: list[bytes]
    closing = False
    refused = b"nothing is"

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Authorization"] == "Basic dXNlcjpzZWNyZXQ="
        if content == self.refused:
            self._answer(400, {"Message": "Bad file format", "Details": "no DICOM"})
        else:
            self.stored.append(content)
            self._answer(200, {"Status": "Success"})

    def _answer(self, status: int, said: dict[str, str]) -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.closing

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(**behaviour: Any) -> Iterator[tuple[int, list[bytes]]]:
    stored: list[bytes] = []
    handler = type("Scripted", (Orthanc,), {"stored": stored, **behaviour})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], stored
        server.shutdown()


def uploaded(folder: Path, port: int, connections: int = 3) -> dict[str, Any]:
    for number, file in enumerate(FILES):
        (folder / file).write_bytes(b"x" * 1000 + str(number).encode())
    order = {
        "host": "127.0.0.1",
        "port": port,
        "credentials": "user:secret",
        "folder": str(folder),
        "files": FILES,
        "connections": connections,
    }
    argv = [sys.executable, "-m", "lab.inside.uploading"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(order) + "\n")
        child.stdin.flush()
        said: dict[str, Any] = json.loads(child.stdout.read().splitlines()[-1])
    return said


def contents(folder: Path) -> list[bytes]:
    return sorted((folder / file).read_bytes() for file in FILES)


def test_every_file_is_stored_once_to_the_byte(tmp_path: Path) -> None:
    with serving() as (port, stored):
        said = uploaded(tmp_path, port)
    assert said["failures"] == {}
    assert sorted(stored) == contents(tmp_path)


def test_a_connection_that_is_closed_after_each_file_is_opened_again(tmp_path: Path) -> None:
    with serving(closing=True) as (port, stored):
        said = uploaded(tmp_path, port)
    assert said["failures"] == {}
    assert sorted(stored) == contents(tmp_path)


def test_one_connection_keeps_the_order(tmp_path: Path) -> None:
    with serving() as (port, stored):
        uploaded(tmp_path, port, connections=1)
    assert stored == [(tmp_path / file).read_bytes() for file in FILES]


def test_what_is_refused_is_told_and_the_others_are_stored(tmp_path: Path) -> None:
    with serving(refused=b"x" * 1000 + b"7") as (port, stored):
        said = uploaded(tmp_path, port)
    assert said["failures"] == {"00007.dcm": "HTTP status 400: no DICOM"}
    assert len(stored) == len(FILES) - 1


def test_nobody_there_is_told_for_each_file(tmp_path: Path) -> None:
    with serving() as (port, _):
        pass
    said = uploaded(tmp_path, port)
    assert sorted(said["failures"]) == FILES
    assert "refused" in said["failures"]["00000.dcm"]
