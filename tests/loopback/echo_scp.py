"""A Verification SCP whose every step is written down; over TLS when it is given a context."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE, MaximumLengthNotification
from pynetdicom.presentation import PresentationContext

from lab.dicom import dimse
from lab.dicom.pdu import A_RELEASE_RP, A_RELEASE_RQ, HEADER, PDV_HEADER, PduType, a_abort, encode
from lab.dicom.pdu import AbortReason as Reason
from lab.dicom.pdu import AbortSource as Source
from tests.loopback.scripted import read_pdu

A_ABORT = a_abort(Source.SERVICE_USER, Reason.NOT_SPECIFIED)
_SILENCE_S = 3.0


class Conversation:
    """One association, step by step; ``heard`` has the type of every PDU that came."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.heard: list[int] = []
        self.request = A_ASSOCIATE_RQ()
        self.called: list[dimse.Command] = []

    def read(self) -> bytes:
        kind, body = read_pdu(self.connection)
        self.heard.append(kind)
        return body

    def hear_request(self) -> None:
        body = self.read()
        self.request.decode(HEADER.pack(PduType.A_ASSOCIATE_RQ, len(body)) + body)

    def accept(self, result: int = 0) -> None:
        self.connection.sendall(acceptance(self.request, result))

    def reject(self, result: int, source: int, reason: int) -> None:
        self.connection.sendall(encode(PduType.A_ASSOCIATE_RJ, bytes((0, result, source, reason))))

    def hear_echo(self) -> dimse.Command:
        body = self.read()
        if self.heard[-1] != PduType.P_DATA_TF:
            raise EOFError
        self.called.append(dimse.decode(body[PDV_HEADER.size :]))
        return self.called[-1]

    def answer(self, status: int = 0, *, message_id: int | None = None) -> None:
        asked = self.called[-1].us_or_none(dimse.MESSAGE_ID) or 0
        self.connection.sendall(
            dimse.command_pdu(
                1,
                dimse.us(dimse.COMMAND_FIELD, dimse.CommandField.C_ECHO_RSP),
                dimse.us(dimse.MESSAGE_ID_RESPONDED_TO, asked if message_id is None else message_id),
                dimse.us(dimse.DATA_SET_TYPE, 0x0101),
                dimse.us(dimse.STATUS, status),
            )
        )

    def until_released(self, status: int = 0, answer: bytes = A_RELEASE_RP) -> None:
        """Answer every C-ECHO, then the release."""
        while True:
            kind, body = read_pdu(self.connection)
            self.heard.append(kind)
            if kind == PduType.A_RELEASE_RQ:
                self.connection.sendall(answer)
                return
            if kind != PduType.P_DATA_TF:
                return
            self.called.append(dimse.decode(body[PDV_HEADER.size :]))
            self.answer(status)


Script = Callable[[Conversation], None]


@contextmanager
def echo_scp(
    script: Script, context: ssl.SSLContext | None = None
) -> Iterator[tuple[int, list[Conversation]]]:
    """Listens, and runs the script for each connection; yields its port and what was said."""
    server = socket.create_server(("127.0.0.1", 0))
    said: list[Conversation] = []
    threading.Thread(target=_serve, args=(server, script, context, said), daemon=True).start()
    try:
        yield server.getsockname()[1], said
    finally:
        server.close()


def _serve(
    server: socket.socket, script: Script, context: ssl.SSLContext | None, said: list[Conversation]
) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(connection, script, context, said), daemon=True).start()


def _converse(
    connection: socket.socket, script: Script, context: ssl.SSLContext | None, said: list[Conversation]
) -> None:
    connection.settimeout(20)
    with suppress(OSError, EOFError), connection:
        if context:
            with context.wrap_socket(connection, server_side=True) as secured:
                _run(secured, script, said)
        else:
            _run(connection, script, said)


def _run(connection: socket.socket, script: Script, said: list[Conversation]) -> None:
    conversation = Conversation(connection)
    said.append(conversation)
    script(conversation)


def acceptance(rq: A_ASSOCIATE_RQ, result: int = 0) -> bytes:
    """Every context with this result, in its first transfer syntax (PS3.8 9.3.3)."""
    answer = A_ASSOCIATE()
    answer.application_context_name = "1.2.840.10008.3.1.1.1"
    answer.calling_ae_title, answer.called_ae_title = "ECHOSCU", "ANY-SCP"
    answer.result, answer.result_source = 0, 1
    for item in rq.presentation_context:
        context = PresentationContext()
        context.context_id = item.context_id
        context.abstract_syntax = item.abstract_syntax
        context.transfer_syntax = [item.transfer_syntax[0]]
        context.result = result
        answer.presentation_context_definition_results_list.append(context)
    length = MaximumLengthNotification()
    length.maximum_length_received = 16384
    answer.user_information = [length]
    ac = A_ASSOCIATE_AC()
    ac.from_primitive(answer)
    encoded: bytes = ac.encode()
    return encoded


# Scripts, by what they show


def answers(conversation: Conversation) -> None:
    conversation.hear_request()
    conversation.accept()
    conversation.until_released()


def answers_with(status: int) -> Script:
    def script(conversation: Conversation) -> None:
        conversation.hear_request()
        conversation.accept()
        conversation.until_released(status)

    return script


def rejects(result: int, source: int, reason: int) -> Script:
    def script(conversation: Conversation) -> None:
        conversation.hear_request()
        conversation.reject(result, source, reason)
        time.sleep(0.2)

    return script


def refuses_contexts(result: int) -> Script:
    def script(conversation: Conversation) -> None:
        conversation.hear_request()
        conversation.accept(result)
        conversation.until_released()

    return script


def aborts_the_request(conversation: Conversation) -> None:
    conversation.hear_request()
    conversation.connection.sendall(A_ABORT)


def hangs_up_on_the_request(conversation: Conversation) -> None:
    conversation.hear_request()


def never_answers_the_request(conversation: Conversation) -> None:
    conversation.hear_request()
    time.sleep(_SILENCE_S)


def _after_an_echo(then: Script) -> Script:
    def script(conversation: Conversation) -> None:
        conversation.hear_request()
        conversation.accept()
        conversation.hear_echo()
        then(conversation)

    return script


aborts_the_echo = _after_an_echo(lambda conversation: conversation.connection.sendall(A_ABORT))
hangs_up_on_the_echo = _after_an_echo(lambda _: None)
never_answers_the_echo = _after_an_echo(lambda _: time.sleep(_SILENCE_S))
answers_another_message = _after_an_echo(lambda conversation: conversation.answer(message_id=77))


def _release(conversation: Conversation) -> None:
    conversation.connection.sendall(A_RELEASE_RQ)
    conversation.read()


releases_instead_of_answering = _after_an_echo(_release)


def _then_read(then: Callable[[Conversation], None]) -> Script:
    def script(conversation: Conversation) -> None:
        conversation.answer()
        conversation.read()  # the A-RELEASE-RQ
        then(conversation)

    return _after_an_echo(script)


aborts_the_release = _then_read(lambda conversation: conversation.connection.sendall(A_ABORT))
hangs_up_on_the_release = _then_read(lambda _: None)
never_answers_the_release = _then_read(lambda _: time.sleep(_SILENCE_S))


def answers_and_hangs_up(conversation: Conversation) -> None:
    """After three C-ECHOs, without a release."""
    conversation.hear_request()
    conversation.accept()
    for _ in range(3):
        conversation.hear_echo()
        conversation.answer()


def says_something_else(conversation: Conversation) -> None:
    """A web server, say."""
    conversation.connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
    time.sleep(0.3)


def nothing_listens_for_tls(conversation: Conversation) -> None:
    """A plain SCP that is spoken to in TLS: it sees no PDU, and closes."""
    with suppress(EOFError, OSError):
        conversation.connection.recv(1)


def never_says_anything(_: Conversation) -> None:
    """To TLS, not even a hello."""
    time.sleep(_SILENCE_S)
