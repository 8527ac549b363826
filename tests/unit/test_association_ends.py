"""What must not go on when an association has ended, and how it is told."""

import pytest

from lab.dicom import dimse
from lab.dicom.accepting import decode_request
from lab.dicom.acceptor import Acceptor
from lab.dicom.negotiation import PROTOCOL_VERSION_NOT_SUPPORTED
from lab.dicom.pdu import COMMAND, LAST, ProtocolViolation, p_data_tf
from lab.dicom.proposing import encode_request
from lab.dicom.states import Event, State
from tests.unit import wire

STORE = dimse.c_store_rq(1, 7, wire.CT, "2.25.7")
ECHO = dimse.c_echo_rq(5, 9)
SILENCE = "nothing came for 60 s"


class Opened:
    """A sink that remembers what it was told."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def open(self, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> None:  # noqa: ARG002
        self.calls.append("open")

    def write(self, piece: memoryview) -> None:
        pass

    def close(self) -> str:
        return ""

    def abandon(self) -> None:
        self.calls.append("abandon")


def test_the_rest_of_a_data_set_that_fell_silent_stores_nothing_and_is_not_answered() -> None:
    acceptor = wire.acceptor()
    pdu = p_data_tf(1, LAST, bytes(1000))
    wire.feed(acceptor, STORE + pdu[:500])
    acceptor.happened(Event.TIMER_EXPIRED, SILENCE)
    acceptor.outgoing.clear()
    wire.feed(acceptor, pdu[500:])
    assert acceptor.state is State.STA13
    assert (acceptor.stored, acceptor.outgoing) == ([], [])


def test_the_rest_of_a_command_that_fell_silent_is_not_answered() -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, ECHO[:30])
    acceptor.happened(Event.TIMER_EXPIRED, SILENCE)
    acceptor.outgoing.clear()
    wire.feed(acceptor, ECHO[30:])
    assert acceptor.outgoing == []


def test_the_rest_of_a_command_that_fell_silent_opens_no_sink() -> None:
    sink = Opened()
    acceptor = wire.acceptor(sink)
    wire.feed(acceptor, STORE[:30])
    acceptor.happened(Event.TIMER_EXPIRED, SILENCE)
    wire.feed(acceptor, STORE[30:])
    assert sink.calls == []


def test_the_rest_of_a_response_that_fell_silent_is_no_response() -> None:
    requester = wire.associated_requester()
    values = {
        "CommandField": 0x8020,
        "MessageIDBeingRespondedTo": 1,
        "CommandDataSetType": 0x0101,
        "Status": 0,
    }
    pdu = p_data_tf(1, COMMAND | LAST, wire.command_set(**values))
    wire.feed(requester, pdu[:30])
    requester.happened(Event.TIMER_EXPIRED, SILENCE)
    wire.feed(requester, pdu[30:])
    assert requester.responses == []


def test_who_connects_and_never_associates_is_told_of() -> None:
    acceptor = Acceptor(wire.OFFER, None)
    acceptor.happened(Event.TIMER_EXPIRED, "30 s awaiting A-ASSOCIATE-RQ")
    assert acceptor.is_over
    assert acceptor.trouble == "30 s awaiting A-ASSOCIATE-RQ"


def test_who_aborts_before_associating_is_told_of() -> None:
    acceptor = Acceptor(wire.OFFER, None)
    wire.feed(acceptor, wire.A_ABORT_OF_USER)
    assert acceptor.is_over
    assert "aborted by the peer's program" in acceptor.trouble


def test_a_peer_that_stays_after_the_release_does_not_turn_it_into_trouble() -> None:
    acceptor = wire.acceptor()
    acceptor.happened(Event.TRANSPORT_CLOSED, "gone")
    assert acceptor.trouble == "gone"
    released = wire.acceptor()
    wire.feed(released, bytes.fromhex("05 00 00000004 00000000"))
    released.happened(Event.TIMER_EXPIRED, "30 s awaiting the transport connection's end")
    assert (released.is_over, released.released, released.trouble) == (True, True, "")


def test_silence_is_no_unexpected_pdu() -> None:
    acceptor = wire.acceptor()
    acceptor.happened(Event.TIMER_EXPIRED, SILENCE)
    assert wire.said(acceptor) == bytes.fromhex("07 00 00000004 00 00 02 00")  # provider, not specified


def test_a_release_after_an_abort_asks_for_nothing() -> None:
    requester = wire.associated_requester()
    wire.feed(requester, wire.A_ABORT_OF_USER)
    requester.outgoing.clear()
    requester.release()
    assert (requester.is_over, requester.outgoing) == (True, [])


def test_an_accepted_context_without_a_transfer_syntax_is_not_believed() -> None:
    acceptance = bytearray(wire.acceptance())
    at = acceptance.index(b"\x21\x00\x00\x19")
    del acceptance[at + 8 : at + 29]  # the transfer syntax sub-item
    acceptance[at + 3] = 4
    acceptance[5] -= 21
    requester = wire.requester()
    wire.feed(requester, bytes(acceptance))
    assert requester.acceptance is None


def test_an_accepted_transfer_syntax_that_was_not_proposed_is_not_believed() -> None:
    requester = wire.requester()
    wire.feed(requester, wire.acceptance().replace(b"1.2.840.10008.1.2P", b"1.2.840.10008.1.9P"))
    assert requester.acceptance is None


def test_presentation_context_ids_are_odd_and_unique() -> None:
    contexts = (wire.context(1, wire.CT, wire.EXPLICIT), wire.context(3, wire.MR, wire.IMPLICIT))
    body = encode_request(wire.proposal(*contexts))[6:]
    for wrong in (b"\x01", b"\x02"):
        with pytest.raises(ProtocolViolation, match="even or not unique"):
            decode_request(body.replace(b"\x03\x00\x00\x00\x30", wrong + b"\x00\x00\x00\x30"))


def test_another_protocol_version_is_rejected_whatever_follows() -> None:
    found = decode_request(bytes.fromhex("0002 0000") + bytes(64) + b"\xff")
    assert found == PROTOCOL_VERSION_NOT_SUPPORTED


@pytest.mark.parametrize("value", [b"", b"\0\0", b"  ", b"1" * 66])
@pytest.mark.parametrize("element", [dimse.AFFECTED_SOP_CLASS_UID, dimse.AFFECTED_SOP_INSTANCE_UID])
def test_an_instance_without_a_uid_is_aborted(element: int, value: bytes) -> None:
    uids = {dimse.AFFECTED_SOP_CLASS_UID: b"1.2\0", dimse.AFFECTED_SOP_INSTANCE_UID: b"1.3\0", element: value}
    acceptor = wire.acceptor()
    wire.feed(
        acceptor,
        dimse.command_pdu(
            1,
            dimse.us(dimse.COMMAND_FIELD, dimse.CommandField.C_STORE_RQ),
            dimse.us(dimse.MESSAGE_ID, 1),
            dimse.us(dimse.DATA_SET_TYPE, 1),
            *(dimse.raw(number, uid) for number, uid in uids.items()),
        ),
    )
    assert wire.said(acceptor) == wire.A_ABORT_OF_USER
