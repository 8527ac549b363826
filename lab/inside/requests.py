"""The requesting side over a socket: C-ECHO, C-FIND and C-MOVE as an SCU.

A request is stamped when its last byte has been handed to the kernel, a response when the read that
completed it returns. Data Sets are encoded and decoded by pydicom: they are keys, not images.
"""

import io
import socket
import time
from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom.dsutils import decode, encode

from lab.dicom import dimse
from lab.dicom.pdu import AbortReason, AbortSource, a_abort
from lab.dicom.requester import Requester, Response
from lab.dicom.states import Event
from lab.inside import tcp

VERIFICATION = "1.2.840.10008.1.1"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"  # PS3.4 Table C.6.2.3-1
STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
PATIENT_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.1.2"  # PS3.4 Table C.6.1.3-1
_MAX_PDU_BYTES = 131072
_BUFFER_BYTES = 64 << 10
_CONNECT_TIMEOUT_S = 10.0
_ANSWER_TIMEOUT_S = 60.0
_RELEASE_TIMEOUT_S = 5.0


class Scu:
    """One association on which one abstract syntax is asked for. Close it when done.

    Raises:
        ConnectionError: nobody listens, it is not accepted, or it ends before what was asked is answered.
    """

    def __init__(
        self, host: str, port: int, *, called_ae_title: str, calling_ae_title: str, abstract_syntax: str
    ) -> None:
        self.responses: list[Response] = []
        self.associate_s = 0.0
        self.last_read_s = 0.0
        self._where = f"the PACS at {host}:{port}"
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._message_id = 0
        self._awaited = (0, 0)
        self._association = Requester(
            calling_ae_title=calling_ae_title,
            called_ae_title=called_ae_title,
            abstract_syntax=abstract_syntax,
            max_pdu_bytes=_MAX_PDU_BYTES,
        )
        begun_s = time.monotonic()
        self._connection = self._connected(host, port)
        try:
            self._associate(host, port)
        except BaseException:
            self._connection.close()
            raise
        self.associate_s = time.monotonic() - begun_s

    def fileno(self) -> int:
        """For a selector."""
        return self._connection.fileno()

    @property
    def lost(self) -> str:
        """Why the association is over, "" while it lasts."""
        return self._association.trouble or ("released" if self._association.has_ended else "")

    def echo(self) -> int:
        """C-ECHO: the status."""
        self._message_id += 1
        self.send(dimse.c_echo_rq(self._association.context_id, self._message_id))
        return next(self._answers()).command.us_or_none(dimse.STATUS) or dimse.SUCCESS

    def find(self, identifier: Dataset) -> list[Dataset]:
        """C-FIND: every match."""
        self._message_id += 1
        association = self._association
        request = dimse.c_find_rq(association.context_id, self._message_id, association.abstract_syntax)
        self.send(request, _encoded(identifier))
        matches = []
        for response in self._answers():
            status = response.command.us_or_none(dimse.STATUS)
            if status in dimse.PENDING:
                matches.append(decode(io.BytesIO(response.identifier), True, True))
            elif status == dimse.SUCCESS:
                return matches
            else:
                msg = f"{self._where} answered the C-FIND with status 0x{status or 0:04X}"
                raise ConnectionError(msg)
        return matches

    def move(self, identifier: Dataset, destination_ae_title: str) -> float:
        """Ask for a C-MOVE; the monotonic time at which its last byte was handed to the kernel."""
        self._message_id += 1
        association = self._association
        context_id, syntax = association.context_id, association.abstract_syntax
        request = dimse.c_move_rq(context_id, self._message_id, syntax, destination_ae_title)
        return self.send(request, _encoded(identifier))

    def send(self, request: bytes, identifier: bytes = b"") -> float:
        """A whole request with one call; when it was handed over. Raises ConnectionError."""
        if self.lost:
            msg = f"{self._where} ended the association: {self.lost}"
            raise ConnectionError(msg)
        self._awaited = (dimse.decode(request[12:]).field | dimse.RESPONSE, self._message_id)
        self._association.ask(request, identifier)
        self._flush()
        return time.monotonic()

    def read(self) -> None:
        """Read once, blocking; responses that it completed are in ``responses``."""
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
        for response in association.responses:
            self._take(response)
        association.responses.clear()
        try:
            self._flush()  # an A-RELEASE-RP or an A-ABORT, as the state table has it
            tcp.acknowledge_at_once(self._connection)
        except OSError as error:
            association.happened(Event.TRANSPORT_CLOSED, f"the connection broke: {error.strerror or error}")

    def _take(self, response: Response) -> None:
        """A response answers what was asked, and has a status (PS3.7 9.3): else the association is over."""
        command = response.command
        answers = (command.field, command.us_or_none(dimse.MESSAGE_ID_RESPONDED_TO))
        if answers == self._awaited and command.us_or_none(dimse.STATUS) is not None:
            self.responses.append(response)
        else:
            text = (
                f"response 0x{command.field:04X} to message {answers[1]} was not asked for, or lacks a status"
            )
            self._association.happened(Event.TRANSPORT_CLOSED, text)

    def release(self) -> None:
        """In good order when it still can be; closed in any case."""
        try:
            if self._association.is_established:
                self._connection.settimeout(_RELEASE_TIMEOUT_S)
                self._association.release()
                self._flush()
                while not self._association.is_over and not self._association.trouble:
                    self.read()
        except OSError:
            pass  # the peer is gone: that is as good
        finally:
            self._connection.close()

    def hang_up(self) -> None:
        """Abort at once (PS3.8 9.3.8)."""
        try:
            self._connection.sendall(a_abort(AbortSource.SERVICE_USER, AbortReason.NOT_SPECIFIED))
        except OSError:
            pass  # it is gone already
        finally:
            self._connection.close()

    def _connected(self, host: str, port: int) -> socket.socket:
        try:
            connection = socket.create_connection((host, port), _CONNECT_TIMEOUT_S)
        except OSError as error:
            msg = f"{self._where} cannot be connected to: {error.strerror or error}"
            raise ConnectionError(msg) from error
        connection.settimeout(_ANSWER_TIMEOUT_S)
        tcp.send_at_once(connection)
        return connection

    def _associate(self, host: str, port: int) -> None:
        self._flush()
        while not self._association.is_established:
            if self.lost:
                msg = f"{self._where} did not accept the association: {self.lost}"
                raise ConnectionError(msg)
            self.read()
        accepted = self._association.acceptance
        if accepted is None or not accepted.contexts:
            self.release()
            msg = f"{self._where} does not offer {self._association.abstract_syntax} at {host}:{port}"
            raise ConnectionError(msg)

    def _answers(self) -> Iterator[Response]:
        """One response after the other, waited for."""
        while True:
            while not self.responses:
                if self.lost:
                    msg = f"{self._where} ended the association: {self.lost}"
                    raise ConnectionError(msg)
                self.read()
            yield self.responses.pop(0)

    def _flush(self) -> None:
        data = b"".join(self._association.outgoing)
        self._association.outgoing.clear()
        self._connection.sendall(data)


def _encoded(identifier: Dataset) -> bytes:
    encoded = encode(
        identifier, ImplicitVRLittleEndian.is_implicit_VR, ImplicitVRLittleEndian.is_little_endian
    )
    if encoded is None:
        msg = "an identifier that cannot be encoded"
        raise ValueError(msg)
    return encoded
