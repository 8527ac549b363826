"""The requesting side over a socket: C-ECHO, C-FIND and C-MOVE as an SCU.

A request is stamped when its last byte has been handed to the kernel, a response when the read that
completed it returns. Data Sets are encoded and decoded by pydicom: they are keys, not images.
"""

import io
import time
from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom.dsutils import decode, encode

from lab.dicom import dimse
from lab.dicom.requester import Requester, Response
from lab.dicom.states import Event
from lab.inside.requesting import CONNECT_TIMEOUT_S, NotOffered, Requesting
from lab.model.tls import TlsFiles

VERIFICATION = "1.2.840.10008.1.1"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"  # PS3.4 Table C.6.2.3-1
STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
PATIENT_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.1.2"  # PS3.4 Table C.6.1.3-1
_MAX_PDU_BYTES = 131072
_ANSWER_TIMEOUT_S = 60.0


class Scu(Requesting):
    """One association on which one abstract syntax is asked for. Close it when done.

    Attributes:
        responses: those that came and were not taken yet.

    Raises:
        AssociationRefused: it is rejected.
        NotOffered: this abstract syntax is not accepted (PS3.8 Table 9-18).
        ConnectionError: nobody listens or answers, or it ends before what was asked is answered.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        called_ae_title: str,
        calling_ae_title: str,
        abstract_syntax: str,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        answer_timeout_s: float = _ANSWER_TIMEOUT_S,
        tls: TlsFiles | None = None,
    ) -> None:
        self.responses: list[Response] = []
        self._message_id = 0
        self._awaited = (0, 0)
        association = Requester(
            calling_ae_title=calling_ae_title,
            called_ae_title=called_ae_title,
            abstract_syntax=abstract_syntax,
            max_pdu_bytes=_MAX_PDU_BYTES,
        )
        super().__init__(host, port, association, answer_timeout_s, connect_timeout_s, tls)
        if association.acceptance is None or not association.acceptance.contexts:
            self.release()
            msg = f"{self._where} does not offer {abstract_syntax}"
            raise NotOffered(msg)

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
            raise self._ended()
        self._awaited = (dimse.decode(request[12:]).field | dimse.RESPONSE, self._message_id)
        self._association.ask(request, identifier)
        self._flush()
        return time.monotonic()

    def read(self) -> None:
        """Read once, blocking; responses that it completed are in ``responses``."""
        super().read()
        for response in self._association.responses:
            self._take(response)
        self._association.responses.clear()

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

    def _answers(self) -> Iterator[Response]:
        """One response after the other, waited for."""
        while True:
            while not self.responses:
                if self.lost:
                    raise self._ended()
                self.read()
            yield self.responses.pop(0)


def _encoded(identifier: Dataset) -> bytes:
    encoded = encode(
        identifier, ImplicitVRLittleEndian.is_implicit_VR, ImplicitVRLittleEndian.is_little_endian
    )
    if encoded is None:
        msg = "an identifier that cannot be encoded"
        raise ValueError(msg)
    return encoded
