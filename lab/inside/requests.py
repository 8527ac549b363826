"""The requesting side of a C-MOVE, built plainly on pynetdicom (PS3.4 C.4.2, PS3.7 9.1.4)."""

import time
from contextlib import suppress
from dataclasses import dataclass
from socket import SHUT_RDWR
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, evt

from lab.model.exchange import Ending, MoveOrder, Suboperations

STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"  # PS3.4 Table C.6.2.3-1
CALLING_AE_TITLE = "DICOMLAB"
PENDING = (0xFF00, 0xFF01)
SUCCESS = 0x0000
_MEANINGS = {
    0xA701: "the PACS is out of resources: it cannot count the matches",
    0xA702: "the PACS could not perform the sub-operations",
    0xA801: "the PACS does not know the move destination",
    0xA900: "the PACS says the identifier does not match the SOP class",
    0xB000: "the PACS ended with one or more failed sub-operations",
    0xC000: "the PACS was unable to process the request",
    0xFE00: "the move was cancelled",
}
_CONNECT_TIMEOUT_S = 10


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the PACS said, with the monotonic times of both ends of the exchange."""

    ending: Ending
    explanation: str
    status: int | None
    associate_s: float
    requested_s: float
    answered_s: float
    suboperations: Suboperations


class Requester:
    """Associates, asks for one C-MOVE and waits for its final response."""

    def __init__(self, order: MoveOrder) -> None:
        self._order = order
        self._ae = AE(CALLING_AE_TITLE)
        self._ae.connection_timeout = _CONNECT_TIMEOUT_S
        self._ae.dimse_timeout = None
        self._ae.network_timeout = None
        self._ae.add_requested_context(STUDY_ROOT_MOVE)
        self._association: Any = None
        self._last_sent_s = 0.0
        self.last_read_s = time.monotonic()

    def associate(self) -> float:
        """Open the association: seconds from TCP connect to A-ASSOCIATE-AC. Raises ConnectionError."""
        order = self._order
        begun_s = time.monotonic()
        handlers: list[Any] = [(evt.EVT_DATA_SENT, self._sent), (evt.EVT_DATA_RECV, self._read)]
        self._association = self._ae.associate(
            order.pacs_host, order.pacs_port, ae_title=order.pacs_ae_title, evt_handlers=handlers
        )
        if not self._association.is_established:
            why = "rejected the association" if self._association.is_rejected else "did not answer"
            msg = f"the PACS at {order.pacs_host}:{order.pacs_port} {why}"
            raise ConnectionError(msg)
        return time.monotonic() - begun_s

    def move(self, associate_s: float) -> Answer:
        """Ask for the study and wait for the final C-MOVE-RSP."""
        identifier = Dataset()
        identifier.QueryRetrieveLevel = "STUDY"
        identifier.StudyInstanceUID = self._order.study_instance_uid
        responses = self._association.send_c_move(
            identifier, self._order.destination_ae_title, STUDY_ROOT_MOVE
        )
        final, requested_s = Dataset(), 0.0
        for status, _ in responses:
            requested_s = requested_s or self._last_sent_s
            final = status
        answer = _answer(final, associate_s, requested_s, self.last_read_s)
        if self._association.is_established:
            self._association.release()
        return answer

    def _sent(self, _: Any) -> None:
        """Until the first response, the last PDU sent is the end of the C-MOVE-RQ."""
        self._last_sent_s = time.monotonic()

    def _read(self, _: Any) -> None:
        self.last_read_s = time.monotonic()

    def hang_up(self) -> None:
        """End the association from another thread.

        By closing the connection: pynetdicom's own abort leaves whoever waits for a response waiting.
        """
        with suppress(OSError):
            self._association.dul.socket.socket.shutdown(SHUT_RDWR)


def _answer(final: Dataset, associate_s: float, requested_s: float, answered_s: float) -> Answer:
    status = final.get("Status")
    if status is None or status in PENDING:
        ending, explanation = (
            Ending.CONNECTION_LOST,
            "the PACS closed the association before its final response",
        )
    elif status == SUCCESS:
        ending, explanation = Ending.COMPLETED, ""
    else:
        ending, explanation = Ending.REFUSED, _MEANINGS.get(status, "the PACS reports a failure")
        explanation += f" (status 0x{status:04X})"
    return Answer(
        ending=ending,
        explanation=explanation,
        status=status,
        associate_s=associate_s,
        requested_s=requested_s,
        answered_s=answered_s,
        suboperations=_suboperations(final),
    )


def _suboperations(final: Dataset) -> Suboperations:
    """Counts as given; a C-MOVE-RSP may leave them out (PS3.7 Table 9.1-4)."""
    return Suboperations(
        completed=final.get("NumberOfCompletedSuboperations") or 0,
        failed=final.get("NumberOfFailedSuboperations") or 0,
        warning=final.get("NumberOfWarningSuboperations") or 0,
    )
