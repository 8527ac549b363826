"""Orthanc's REST API as a sender, measured: POST /instances over connections that are kept alive.

An instance is begun just before the first byte of its request is handed to the kernel, and is answered when
the whole of the response has been read. The file is in memory by then: a thread reads ahead.
"""

import base64
import http.client
import json
import time
from collections.abc import Iterator
from http import HTTPStatus

from lab.inside import tcp
from lab.inside.ingest import Lane, Report, file_extents, send_all, warm
from lab.inside.reading import ReadAhead
from lab.inside.secured import requestor_context
from lab.model.store import Outgoing, PostOrder, StoreOutcome

_PIECE_BYTES = 1 << 20
_STORED = "Success"  # anything else, "AlreadyStored" among it, is a file that was not stored now
_LONGEST_COMPLAINT = 200


def post(order: PostOrder, report: Report) -> StoreOutcome:
    """Connect as often as there are shares, then send all of them at once.

    Raises ConnectionError when Orthanc is not there, and OSError when a file cannot be read; whatever
    happens after that is told by the outcome.
    """
    warm(order.folder, order.shares)
    lanes: list[_PostLane] = []
    try:
        for share in order.shares:
            lanes.append(_PostLane(order, share))
        for lane in lanes:
            lane.settle()
        return send_all(lanes, report)
    finally:
        for lane in lanes:
            lane.close()


class _PostLane(Lane):
    """One connection."""

    def __init__(self, order: PostOrder, share: list[Outgoing]) -> None:
        super().__init__()
        self._share = share
        self._ahead = ReadAhead(file_extents(order.folder, share), _PIECE_BYTES)
        credentials = base64.b64encode(f"{order.user}:{order.password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/dicom"}
        self._http = _connection(order)
        begun_s = time.monotonic()
        try:
            self._http.connect()  # with Nagle's algorithm off, as http.client has it
        except OSError as error:
            msg = f"Orthanc cannot be connected to at {order.host}:{order.port}: {error.strerror or error}"
            raise ConnectionError(msg) from error
        self.associate_s = time.monotonic() - begun_s
        self._http.auto_open = 0  # one that is closed between two instances is told, not opened again

    def settle(self) -> None:
        """Wait for what is to be sent first."""
        if self._share:
            self._ahead.settle()

    def send(self) -> None:
        """One POST after the other."""
        try:
            for item in self._share:
                self._post(item)
            self.connection = tcp.describe(self._http.sock)
        except (http.client.HTTPException, OSError) as error:
            msg = f"Orthanc ended the HTTP connection: {str(error) or type(error).__name__}"
            raise ConnectionError(msg) from error

    def close(self) -> None:
        """There is nothing to agree on."""
        self._ahead.stop()
        self._http.close()

    def _post(self, item: Outgoing) -> None:
        self.under_way = item
        headers = {**self._headers, "Content-Length": str(item.file_bytes)}
        first = self._ahead.take()
        begin_s = time.monotonic()
        self._http.request("POST", "/instances", body=self._body(*first), headers=headers)
        tcp.acknowledge_at_once(self._http.sock)
        response = self._http.getresponse()
        content = response.read()
        end_s = time.monotonic()
        self.answered(item, begin_s, end_s, response.status, _failure(response.status, content))

    def _body(self, pieces: list[bytes], ends: bool) -> Iterator[bytes]:
        """The file, as it was read."""
        yield from pieces
        while not ends:
            pieces, ends = self._ahead.take()
            yield from pieces


def _connection(order: PostOrder) -> http.client.HTTPConnection:
    if order.tls is None:
        return http.client.HTTPConnection(order.host, order.port, timeout=order.silence_s)
    context = requestor_context(order.tls)
    return http.client.HTTPSConnection(order.host, order.port, timeout=order.silence_s, context=context)


def _failure(status: int, content: bytes) -> str:
    """Why a file was not stored, from Orthanc's answer; "" when it was."""
    try:
        said = dict(json.loads(content))
    except (TypeError, ValueError):
        said = {}
    if status == HTTPStatus.OK and said.get("Status") == _STORED:
        return ""
    text = said.get("Details") or said.get("Message") or said.get("Status") or "no reason given"
    return f"HTTP status {status}: {str(text)[:_LONGEST_COMPLAINT]}"
