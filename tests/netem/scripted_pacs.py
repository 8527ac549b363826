"""Runs inside the guest: a C-MOVE SCP that stores instances of given sizes in turn, and does nothing else."""

import socket
from collections.abc import Callable, Sequence

from lab.dicom import dimse
from lab.dicom.negotiation import Context, Proposal
from lab.dicom.pdu import A_RELEASE_RQ, PDV_HEADER, data_set_pdus
from lab.dicom.proposing import encode_request
from tests.loopback.scripted import CT, EXPLICIT, Request, _converse, read_pdu, uid

_CONTEXT = Context(context_id=1, abstract_syntax=CT, transfer_syntaxes=(EXPLICIT,))
_MAX_PDU_BYTES = 131072


def serve(
    say: Callable[[int], None], address: str, receiver: tuple[str, int], dataset_bytes: Sequence[int]
) -> None:
    """Says its port once it listens; ends when its one requestor has gone."""
    with socket.create_server((address, 0)) as server:
        say(server.getsockname()[1])
        connection, _ = server.accept()
    _converse(connection, lambda request: _answer(request, receiver, dataset_bytes))


def _answer(request: Request, receiver: tuple[str, int], dataset_bytes: Sequence[int]) -> None:
    with socket.create_connection(receiver, timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(encode_request(_proposal()))
        read_pdu(connection)
        failed = sum(_store(connection, number, size) for number, size in enumerate(dataset_bytes))
        connection.sendall(A_RELEASE_RQ)
        read_pdu(connection)
    request.respond(0xB000 if failed else 0, completed=len(dataset_bytes) - failed, failed=failed)


def _proposal() -> Proposal:
    return Proposal(
        called_ae_title="STORESCP",
        calling_ae_title="SCRIPTED",
        contexts=(_CONTEXT,),
        max_pdu_bytes=_MAX_PDU_BYTES,
    )


def _store(connection: socket.socket, number: int, size: int) -> bool:
    """One instance, and its response; True when it failed."""
    command = dimse.c_store_rq(1, number % 0xFFFF + 1, CT, uid(number))
    connection.sendall(b"".join([command, *data_set_pdus(1, bytes(size), _MAX_PDU_BYTES)]))
    _, body = read_pdu(connection)
    return dimse.decode(body[PDV_HEADER.size :]).us_or_none(dimse.STATUS) != dimse.SUCCESS
