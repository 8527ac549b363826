"""An association on which instances are stored: C-STORE as an SCU over a socket (PS3.4 B.2).

Each (SOP class, transfer syntax) is a presentation context of its own (PS3.8 9.3.2), so nothing can be
transcoded; PDUs are as long as the PACS announced, at most 1 MiB. One operation is outstanding at a time
(PS3.7 D.3.3.3).
"""

import socket
import time
from collections.abc import Iterable

from lab.dicom import dimse
from lab.dicom.dimse import Command
from lab.dicom.pdu import AbortReason, AbortSource, a_abort
from lab.dicom.requester import Requester
from lab.dicom.states import Event
from lab.dicom.storing import contexts_of, data_set_buffers, fragment_bytes
from lab.inside import tcp
from lab.model.exchange import Connection
from lab.model.store import StoreOrder

_MAX_PDU_BYTES = 16384  # of what the PACS may send us: responses only
_BUFFER_BYTES = 64 << 10
_CONNECT_TIMEOUT_S = 10.0
_RELEASE_TIMEOUT_S = 5.0


class StorageScu:
    """One association, set up at once.

    Attributes:
        associate_s: TCP connect to A-ASSOCIATE-AC.
        context_ids: of what was accepted, by SOP class and transfer syntax.
        last_read_s: when the last read returned (monotonic).

    Raises:
        ConnectionError: nobody listens, it is not accepted, or it ends before what was sent is answered.
    """

    def __init__(self, order: StoreOrder, pairs: Iterable[tuple[str, str]]) -> None:
        self.last_read_s = 0.0
        self._where = f"the PACS at {order.pacs_host}:{order.pacs_port}"
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._association = Requester(
            calling_ae_title=order.calling_ae_title,
            called_ae_title=order.pacs_ae_title,
            max_pdu_bytes=_MAX_PDU_BYTES,
            contexts=contexts_of(pairs),
        )
        begun_s = time.monotonic()
        self._connection = self._connected(order)
        try:
            self._associate()
        except BaseException:
            self._connection.close()
            raise
        self.associate_s = time.monotonic() - begun_s
        self.context_ids = self._accepted()

    @property
    def fragment_bytes(self) -> int:
        """How Data Sets are to be cut for this PACS."""
        acceptance = self._association.acceptance
        return fragment_bytes(acceptance.max_pdu_bytes if acceptance else 0)

    @property
    def connection(self) -> Connection:
        """What the kernel knows of it now."""
        return tcp.describe(self._connection)

    def begin(self, command_pdu: bytes, context_id: int, fragments: list[bytes], *, ends: bool) -> float:
        """A C-STORE-RQ and as much of its Data Set as there is; the monotonic time just before."""
        buffers = [command_pdu, *data_set_buffers(context_id, fragments, ends=ends)]
        begin_s = time.monotonic()
        self._send(buffers)
        return begin_s

    def go_on(self, context_id: int, fragments: list[bytes], *, ends: bool) -> None:
        """More of the Data Set."""
        self._send(data_set_buffers(context_id, fragments, ends=ends))

    def await_response(self, message_id: int) -> Command:
        """The C-STORE-RSP that answers; anything else ends the association (PS3.7 9.3.1.2)."""
        association = self._association
        while not association.responses:
            if association.has_ended or association.trouble:
                raise self._ended()
            self._read()
        command = association.responses.pop(0).command
        answers = (command.field, command.us_or_none(dimse.MESSAGE_ID_RESPONDED_TO))
        due = (dimse.CommandField.C_STORE_RSP, message_id)
        if answers != due or command.us_or_none(dimse.STATUS) is None:
            what = f"response 0x{command.field:04X} to message {answers[1]}"
            association.happened(Event.TRANSPORT_CLOSED, f"{what} was not asked for, or lacks a status")
            raise self._ended()
        return command

    def release(self) -> None:
        """In good order when it still can be (PS3.8 9.3.6); closed in any case."""
        try:
            if self._association.is_established:
                self._connection.settimeout(_RELEASE_TIMEOUT_S)
                self._association.release()
                self._flush()
                while not self._association.is_over and not self._association.trouble:
                    self._read()
        except OSError:
            pass  # the peer is gone: that is as good
        finally:
            self._connection.close()

    def hang_up(self) -> None:
        """Abort if it still lasts (PS3.8 9.3.8), and close; when it is closed already, nothing."""
        try:
            if self._connection.fileno() >= 0 and self._association.is_established:
                self._connection.sendall(a_abort(AbortSource.SERVICE_USER, AbortReason.NOT_SPECIFIED))
        except OSError:
            pass  # it is gone already
        finally:
            self._connection.close()

    def _send(self, buffers: list[bytes]) -> None:
        try:
            _send_gathered(self._connection, buffers)
        except OSError as error:
            if not isinstance(error, TimeoutError):
                self._read()  # it may have said why, in an A-ABORT
            text = f"the connection broke: {error.strerror or error}"
            self._association.happened(Event.TRANSPORT_CLOSED, text)
            raise self._ended() from error

    def _ended(self) -> ConnectionError:
        return ConnectionError(
            f"{self._where} ended the association: {self._association.trouble or 'released'}"
        )

    def _read(self) -> None:
        """Read once, blocking."""
        association = self._association
        try:
            count = self._connection.recv_into(self._buffer)
        except OSError as error:
            association.happened(Event.TRANSPORT_CLOSED, f"the connection broke: {error.strerror or error}")
            return
        self.last_read_s = time.monotonic()
        if not count:
            association.happened(Event.TRANSPORT_CLOSED, "the connection was closed")
            return
        association.receive(self._buffer[:count], self.last_read_s)
        try:
            self._flush()  # an A-RELEASE-RP or an A-ABORT, as the state table has it
            tcp.acknowledge_at_once(self._connection)
        except OSError as error:
            association.happened(Event.TRANSPORT_CLOSED, f"the connection broke: {error.strerror or error}")

    def _flush(self) -> None:
        data = b"".join(self._association.outgoing)
        self._association.outgoing.clear()
        if data:
            self._connection.sendall(data)

    def _connected(self, order: StoreOrder) -> socket.socket:
        try:
            connection = socket.create_connection((order.pacs_host, order.pacs_port), _CONNECT_TIMEOUT_S)
        except OSError as error:
            msg = f"{self._where} cannot be connected to: {error.strerror or error}"
            raise ConnectionError(msg) from error
        connection.settimeout(order.silence_s)
        tcp.send_at_once(connection)
        return connection

    def _associate(self) -> None:
        self._flush()
        while not self._association.is_established:
            if self._association.has_ended or self._association.trouble:
                msg = f"{self._where} did not accept the association: {self._association.trouble}"
                raise ConnectionError(msg)
            self._read()

    def _accepted(self) -> dict[tuple[str, str], int]:
        acceptance = self._association.acceptance
        contexts = acceptance.contexts.values() if acceptance else ()
        return {(one.abstract_syntax, one.transfer_syntaxes[0]): one.context_id for one in contexts}


def _send_gathered(connection: socket.socket, buffers: list[bytes]) -> None:
    """As few calls as it takes; what the kernel did not take at once follows."""
    left = [memoryview(one) for one in buffers]
    while left:
        sent = connection.sendmsg(left)
        whole = 0
        while whole < len(left) and sent >= len(left[whole]):
            sent -= len(left[whole])
            whole += 1
        del left[:whole]
        if sent:
            left[0] = left[0][sent:]
