"""The REST sender over real sockets, against an HTTP server that answers as Orthanc does."""

import dataclasses
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lab.bench.store_methods import outgoing
from lab.bench.store_proof import differences
from lab.data.synth import instance
from lab.inside.posting import post
from lab.model.store import PostOrder, StoreOutcome
from lab.model.study import Instance, Study
from tests.loopback.ports import free_port
from tests.unit.studies import SMALL

SUCCESS = (200, {"ID": "x", "Status": "Success"})
Answer = Callable[[int], tuple[int, Any]]


class Server(ThreadingHTTPServer):
    """What it got, and from whom."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.md5: list[str] = []
        self.callers: set[Any] = set()
        self.authorizations: set[str] = set()
        self.answered_s: list[float] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.md5.append(hashlib.md5(content).hexdigest())
        self.server.callers.add(self.client_address)
        self.server.authorizations.add(self.headers["Authorization"])
        status, said = self.server.answer(len(self.server.md5))
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        self.server.answered_s.append(time.monotonic())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def orthanc(answer: Answer) -> Iterator[Server]:
    server = Server(answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Study]:
    folder = tmp_path_factory.mktemp("study")
    lines = []
    for index in range(SMALL.instances):
        content, line = instance(SMALL, index)
        (folder / line.file).write_bytes(content)
        lines.append(line)
    return folder, Study(name="small", recipe_sha256="", instances=tuple(lines))


def posted(port: int, folder: Path, shares: Sequence[Sequence[Instance]]) -> StoreOutcome:
    order = PostOrder(
        host="127.0.0.1",
        port=port,
        user="lab",
        password="secret",
        folder=str(folder),
        shares=[[outgoing(one) for one in share] for share in shares],
        silence_s=5,
    )
    return post(order, lambda _: None)


def test_files_are_posted_as_they_are_over_one_connection_that_is_kept(study: tuple[Path, Study]) -> None:
    folder, lines = study
    with orthanc(lambda _: SUCCESS) as server:
        outcome = posted(server.server_port, folder, [lines.instances])
    assert server.md5 == [one.file_md5 for one in lines.instances]
    assert len(server.callers) == 1
    assert server.authorizations == {"Basic bGFiOnNlY3JldA=="}
    assert differences(outcome, lines) == []
    assert outcome.stores.status == [200, 200, 200]
    assert outcome.stores.begin_s[0] == 0


def test_connections_at_once_share_the_study(study: tuple[Path, Study]) -> None:
    folder, lines = study
    with orthanc(lambda _: SUCCESS) as server:
        outcome = posted(server.server_port, folder, [lines.instances[:2], lines.instances[2:]])
    assert sorted(server.md5) == sorted(one.file_md5 for one in lines.instances)
    assert sorted(outcome.stores.association) == [0, 0, 1]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (400, {"Details": "Cannot parse an invalid DICOM file"}),
            "HTTP status 400: Cannot parse an invalid",
        ),
        ((200, {"Status": "AlreadyStored"}), "HTTP status 200: AlreadyStored"),
        ((507, []), "HTTP status 507: no reason given"),
    ],
)
def test_what_is_not_stored_now_is_named_and_the_others_are_stored(
    study: tuple[Path, Study], answer: tuple[int, Any], said: str
) -> None:
    folder, lines = study
    with orthanc(lambda number: answer if number == 2 else SUCCESS) as server:
        outcome = posted(server.server_port, folder, [lines.instances])
    assert len(server.md5) == 3
    wrong = differences(outcome, lines)
    assert len(wrong) == 1
    assert wrong[0].startswith(f"{lines.instances[1].file} ({lines.instances[1].sop_instance_uid}): {said}")


@pytest.mark.alone
def test_times_are_those_of_the_servers_own_stamps(study: tuple[Path, Study]) -> None:
    folder, lines = study

    def slowly(_: int) -> tuple[int, Any]:
        time.sleep(0.1)
        return SUCCESS

    with orthanc(slowly) as server:
        outcome = posted(server.server_port, folder, [lines.instances])
    origin_s = server.answered_s[0] - outcome.stores.end_s[0]
    for at_s, end_s in zip(server.answered_s, outcome.stores.end_s, strict=True):
        assert origin_s + end_s == pytest.approx(at_s, abs=0.02)
    assert outcome.stores.end_s[0] == pytest.approx(0.1, abs=0.02)


def test_a_file_larger_than_a_piece_is_posted_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 20_000
    (tmp_path / "large.dcm").write_bytes(content)
    large = dataclasses.replace(instance(SMALL, 0)[1], file="large.dcm", file_bytes=len(content))
    with orthanc(lambda _: SUCCESS) as server:
        posted(server.server_port, tmp_path, [[large]])
    assert server.md5 == [hashlib.md5(content).hexdigest()]


def test_an_orthanc_that_is_not_there_is_said_so(study: tuple[Path, Study]) -> None:
    folder, lines = study
    with pytest.raises(ConnectionError, match="Orthanc cannot be connected to"):
        posted(free_port(), folder, [lines.instances])
