"""The accepting side of an association: a Storage and Verification SCP (PS3.4 B.2 and A.4)."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from lab.dicom.accepting import answer, decode_request, encode_rejection
from lab.dicom.association import Association
from lab.dicom.dimse import (
    AFFECTED_SOP_CLASS_UID,
    AFFECTED_SOP_INSTANCE_UID,
    RESPONSE,
    SUCCESS,
    UNRECOGNIZED_OPERATION,
    Command,
    CommandField,
    response,
)
from lab.dicom.negotiation import LOCAL_LIMIT_EXCEEDED, Acceptance, Context, Offer, Rejection
from lab.dicom.pdu import broken_message
from lab.dicom.states import State

_LONGEST_UID_BYTES = 64  # PS3.5 9.1, padding included


class Stored(NamedTuple):
    """One instance that arrived whole. Times are those of the reads that began and completed its Data Set."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    dataset_bytes: int
    begin_s: float
    end_s: float
    dataset_sha256: str


class Sink(Protocol):
    """Where Data Sets go, one after the other."""

    def open(self, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> None:
        """One begins."""

    def write(self, piece: memoryview) -> None:
        """Some of it; the view is only valid until this returns."""

    def close(self) -> str:
        """It is complete: its SHA-256, "" when none is taken."""

    def abandon(self) -> None:
        """It will not be completed."""


class Acceptor(Association):
    """Answers a proposal, takes what is stored, says Success.

    Args:
        offer: what it agrees to.
        sink: where Data Sets go; None counts their bytes and nothing else.
        is_full: asked when somebody proposes: as many associations as are taken are open already.
    """

    def __init__(self, offer: Offer, sink: Sink | None, is_full: Callable[[], bool] = bool) -> None:
        super().__init__(State.STA2, offer.max_pdu_bytes)
        self.stored: list[Stored] = []
        self.calling_ae_title = ""
        self._offer = offer
        self._sink = sink
        self._is_full = is_full
        self._begin_s = 0.0
        self._dataset_bytes = 0
        self._sink_is_open = False
        self._instance = ("", "", "")
        self._response = b""

    def _request_came(self, body: bytes) -> None:
        """Accept (AE-7) or reject (AE-8)."""
        proposal = decode_request(body)
        if self._is_full():
            proposal = LOCAL_LIMIT_EXCEEDED
        if isinstance(proposal, Rejection):
            said: Acceptance | Rejection = proposal
            pdu = encode_rejection(proposal)
        else:
            self.calling_ae_title = proposal.calling_ae_title
            said, pdu = answer(proposal, self._offer)
        self.outgoing.append(pdu)
        if isinstance(said, Rejection):
            self._end(State.STA13, said.text)
        else:
            self.acceptance, self._contexts = said, said.contexts
            self.state = State.STA6

    def _data_set_begins(self, command: Command) -> None:
        """Whatever can be done while the Data Set is still coming is done now, the response among it."""
        self._begin_s = 0.0
        self._dataset_bytes = 0
        status = SUCCESS
        if command.field == CommandField.C_STORE_RQ:
            self._instance = _instance(command, self._contexts[self._context_id])
            if self._sink is not None:
                self._sink.open(*self._instance)
                self._sink_is_open = True
        else:
            status = UNRECOGNIZED_OPERATION
            _check_is_request(command)
        self._response = response(self._context_id, command, status)

    def _data(self, piece: memoryview) -> None:
        if not self._dataset_bytes:
            self._begin_s = self.now_s
        self._dataset_bytes += len(piece)
        if self._sink_is_open and self._sink is not None:
            self._sink.write(piece)

    def _data_set_ends(self, command: Command) -> None:
        self.outgoing.append(self._response)
        if command.field != CommandField.C_STORE_RQ:
            return
        sha256 = ""
        if self._sink_is_open and self._sink is not None:
            sha256 = self._sink.close()
            self._sink_is_open = False
        begin_s = self._begin_s or self.now_s
        self.stored.append(Stored(*self._instance, self._dataset_bytes, begin_s, self.now_s, sha256))

    def _bare_command(self, command: Command) -> None:
        if command.field == CommandField.C_CANCEL_RQ:
            return  # there is nothing that could be cancelled (PS3.7 9.3.2.3)
        if command.field == CommandField.C_STORE_RQ:
            msg = "a C-STORE-RQ without a Data Set"
            raise broken_message(msg)
        _check_is_request(command)
        status = SUCCESS if command.field == CommandField.C_ECHO_RQ else UNRECOGNIZED_OPERATION
        self.outgoing.append(response(self._context_id, command, status))

    def _ending(self) -> None:
        if self._sink_is_open and self._sink is not None:
            self._sink.abandon()
            self._sink_is_open = False


def _instance(command: Command, context: Context) -> tuple[str, str, str]:
    """SOP Class, SOP Instance and transfer syntax UID. PS3.7 Table 9.3-1: the first two are mandatory."""
    for element in (AFFECTED_SOP_CLASS_UID, AFFECTED_SOP_INSTANCE_UID):
        value = command.elements.get(element, b"")
        if len(value) > _LONGEST_UID_BYTES or not value.strip(b"\0 "):
            msg = f"a C-STORE-RQ without a UID in element (0000,{element:04X})"
            raise broken_message(msg)
    sop_class_uid, sop_instance_uid = (
        command.text(element) for element in (AFFECTED_SOP_CLASS_UID, AFFECTED_SOP_INSTANCE_UID)
    )
    return sop_class_uid, sop_instance_uid, context.transfer_syntaxes[0]


def _check_is_request(command: Command) -> None:
    if command.field & RESPONSE:
        msg = f"a response 0x{command.field:04X} to nothing that was asked"
        raise broken_message(msg)
