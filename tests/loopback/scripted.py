"""A PACS whose every step is written down: it stamps what it does, and does nothing else.

Its protocol is put together from pynetdicom's association PDUs and from bytes; times are monotonic, taken
when a send has returned, so that a receiver's figures can be held against them.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE, MaximumLengthNotification
from pynetdicom.presentation import PresentationContext

from lab.dicom import dimse
from lab.dicom.negotiation import Context, Proposal
from lab.dicom.pdu import A_RELEASE_RP, A_RELEASE_RQ, HEADER, PDV_HEADER, PduType, data_set_pdus
from lab.dicom.proposing import encode_request

CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
IMAGE_BYTES = 160_000


def read_pdu(connection: socket.socket) -> tuple[int, bytes]:
    """One whole PDU: its type and its variable field."""
    header = _exactly(connection, HEADER.size)
    pdu_type, length = HEADER.unpack(header)
    return pdu_type, _exactly(connection, length)


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = connection.recv(count - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return data


OPENED: list[socket.socket] = []
"""Connections of this test's peers; closed when it ends."""


class StoreScu:
    """An association to the receiver, opened at once."""

    def __init__(
        self,
        port: int,
        called_ae_title: str = "STORESCP",
        max_pdu_bytes: int = 16384,
        transfer_syntax: str = EXPLICIT,
    ) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        OPENED.append(self.connection)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = Context(context_id=1, abstract_syntax=CT, transfer_syntaxes=(transfer_syntax,))
        proposal = Proposal(
            called_ae_title=called_ae_title,
            calling_ae_title="SCRIPTED",
            contexts=(context,),
            max_pdu_bytes=max_pdu_bytes,
        )
        self.connection.sendall(encode_request(proposal))
        self.answer, _ = read_pdu(self.connection)
        self.data = data_set_pdus(1, bytes(IMAGE_BYTES), 16382)

    def send(self, index: int) -> float:
        """One instance; when its last byte had been handed to the kernel."""
        command = dimse.c_store_rq(1, index % 0xFFFF + 1, CT, uid(index))
        self.connection.sendall(b"".join([command, *self.data]))
        return time.monotonic()

    def await_response(self) -> int:
        """The status of the C-STORE-RSP."""
        pdu_type, body = read_pdu(self.connection)
        assert pdu_type == PduType.P_DATA_TF
        return dimse.decode(body[PDV_HEADER.size :]).us_or_none(dimse.STATUS) or 0

    def release(self) -> None:
        self.connection.sendall(A_RELEASE_RQ)
        assert read_pdu(self.connection)[0] == PduType.A_RELEASE_RP
        self.connection.close()


def uid(index: int) -> str:
    return f"2.25.17.{index + 1}"


@dataclass
class Request:
    """One C-MOVE-RQ as it came in."""

    connection: socket.socket
    requested_s: float
    identifier: bytes
    sent_s: list[float] = field(default_factory=list)

    def respond(self, status: int, *, remaining: int = 0, completed: int = 0, failed: int = 0) -> None:
        self.connection.sendall(
            dimse.command_pdu(
                1,
                dimse.us(dimse.COMMAND_FIELD, dimse.CommandField.C_MOVE_RSP),
                dimse.us(dimse.MESSAGE_ID_RESPONDED_TO, 1),
                dimse.us(dimse.DATA_SET_TYPE, 0x0101),
                dimse.us(dimse.STATUS, status),
                dimse.us(dimse.REMAINING, remaining),
                dimse.us(dimse.COMPLETED, completed),
                dimse.us(dimse.FAILED, failed),
                dimse.us(dimse.WARNING, 0),
            )
        )


Script = Callable[[Request], None]


@contextmanager
def scripted_pacs(script: Script) -> Iterator[int]:
    """Listens, and runs the script for each C-MOVE-RQ; yields its port."""
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(server, script), daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        server.close()


def _serve(server: socket.socket, script: Script) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(connection, script), daemon=True).start()


def _converse(connection: socket.socket, script: Script) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        try:
            _, body = read_pdu(connection)
            connection.sendall(_accept(body))
            read_pdu(connection)  # the command; the identifier fits into one PDU
            _, body = read_pdu(connection)
            script(Request(connection, time.monotonic(), body[PDV_HEADER.size :]))
            if read_pdu(connection)[0] == PduType.A_RELEASE_RQ:
                connection.sendall(A_RELEASE_RP)
        except (EOFError, OSError):
            pass  # hung up on, as some scripts provoke


def _accept(body: bytes) -> bytes:
    """Whatever is proposed, in its first transfer syntax."""
    rq = A_ASSOCIATE_RQ()
    rq.decode(HEADER.pack(PduType.A_ASSOCIATE_RQ, len(body)) + body)
    answer = A_ASSOCIATE()
    answer.application_context_name = "1.2.840.10008.3.1.1.1"
    answer.calling_ae_title, answer.called_ae_title = "DICOMLAB", "ORTHANC"
    answer.result, answer.result_source = 0, 1
    for item in rq.presentation_context:
        context = PresentationContext()
        context.context_id = item.context_id
        context.abstract_syntax = item.abstract_syntax
        context.transfer_syntax = [item.transfer_syntax[0]]
        context.result = 0
        answer.presentation_context_definition_results_list.append(context)
    length = MaximumLengthNotification()
    length.maximum_length_received = 1 << 17
    answer.user_information = [length]
    ac = A_ASSOCIATE_AC()
    ac.from_primitive(answer)
    encoded: bytes = ac.encode()
    return encoded


def uids_asked_for(request: Request) -> list[str]:
    """SOP Instance UIDs of an IMAGE level identifier in Implicit VR Little Endian."""
    position = 0
    while position < len(request.identifier):
        group, element, length = struct.unpack_from("<HHI", request.identifier, position)
        value = request.identifier[position + 8 : position + 8 + length]
        if (group, element) == (0x0008, 0x0018):
            return value.decode().rstrip("\0").split("\\")
        position += 8 + length
    return []
