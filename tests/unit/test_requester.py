import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pynetdicom.dsutils import decode as read_by_pydicom
from pynetdicom.dsutils import encode as write_by_pydicom
from pynetdicom.pdu import A_ASSOCIATE_RQ

from lab.dicom import dimse
from lab.dicom.acceptor import Acceptor
from lab.dicom.association import Association
from lab.dicom.dimse import CommandField
from lab.dicom.negotiation import Offer
from lab.dicom.pdu import COMMAND, HEADER, LAST, PduType, data_set_pdus, encode, p_data_tf
from lab.dicom.requester import Requester
from lab.dicom.states import Event, State
from tests.unit import wire

REJECTION = bytes.fromhex(
    "03 00 00000004"  # A-ASSOCIATE-RJ, 4 bytes follow
    "00 01 01 03"  # reserved, permanent, by the service user, calling AE title not recognized
)
NO_DATA_SET = 0x0101


def response(field: int, status: int, *, data_set: bytes = b"", context_id: int = 1, **values: Any) -> bytes:
    """A whole response of a PACS to message 1, its command set written by pydicom."""
    command = wire.command_set(
        AffectedSOPClassUID=wire.FIND,
        CommandField=field,
        MessageIDBeingRespondedTo=1,
        CommandDataSetType=1 if data_set else NO_DATA_SET,
        Status=status,
        **values,
    )
    pdus = data_set_pdus(context_id, data_set, 100) if data_set else []
    return b"".join([p_data_tf(context_id, COMMAND | LAST, command), *pdus])


def match(name: str) -> bytes:
    """A pending C-FIND-RSP, its identifier written by pydicom."""
    identifier = Dataset()
    identifier.PatientName = name
    return response(0x8020, 0xFF00, data_set=write_by_pydicom(identifier, True, True) or b"")


FIND_SUCCESS = response(0x8020, 0x0000)
PENDING_WITHOUT_ITS_DATA = next(wire.pdus(match("Nobody")))


def released() -> Requester:
    """In Sta7."""
    requester = wire.associated_requester()
    requester.release()
    assert wire.said(requester) == wire.A_RELEASE_RQ
    return requester


def collided() -> Requester:
    """In Sta11."""
    requester = released()
    wire.feed(requester, wire.A_RELEASE_RQ)
    assert wire.said(requester) == wire.A_RELEASE_RP
    return requester


def joined(requester: Requester, acceptor: Acceptor) -> None:
    """What either says goes to the other until both are silent."""
    ends: list[tuple[Association, Association]] = [(requester, acceptor), (acceptor, requester)]
    while requester.outgoing or acceptor.outgoing:
        for one, other in ends:
            wire.feed(other, wire.said(one))


def verifier(called_ae_title: str = "LAB") -> Requester:
    return Requester(
        calling_ae_title="TESTER",
        called_ae_title=called_ae_title,
        abstract_syntax=wire.VERIFICATION,
        max_pdu_bytes=0,
    )


def test_the_proposal_is_the_one_context_that_is_asked_on() -> None:
    requester = Requester(
        calling_ae_title="LAB", called_ae_title="PACS", abstract_syntax=wire.FIND, max_pdu_bytes=4096
    )
    rq: Any = A_ASSOCIATE_RQ()
    rq.decode(wire.said(requester))
    (context,) = rq.presentation_context
    assert (rq.calling_ae_title, rq.called_ae_title) == ("LAB", "PACS")
    assert (context.context_id, context.abstract_syntax) == (1, wire.FIND)
    assert context.transfer_syntax == [wire.IMPLICIT]
    assert rq.user_information.maximum_length == 4096
    assert requester.state is State.STA5
    assert not requester.is_established


def test_both_ends_verify_and_release_in_good_order() -> None:
    requester, acceptor = verifier(), Acceptor(wire.OFFER, None)
    joined(requester, acceptor)
    assert requester.is_established
    requester.ask(dimse.c_echo_rq(requester.context_id, 3))
    joined(requester, acceptor)
    (answer,) = requester.responses
    assert answer.command.field == CommandField.C_ECHO_RSP
    assert answer.command.us_or_none(dimse.STATUS) == 0
    assert answer.command.us_or_none(dimse.MESSAGE_ID_RESPONDED_TO) == 3
    assert answer.identifier == b""
    requester.release()
    joined(requester, acceptor)
    assert requester.is_over
    assert (requester.released, acceptor.released) == (True, True)
    assert (requester.trouble, acceptor.trouble) == ("", "")
    assert acceptor.state is State.STA13


def test_both_ends_agree_on_a_rejection() -> None:
    offer = Offer(ae_title="LAB", check_called=True, max_pdu_bytes=0, transfer_syntaxes=(wire.IMPLICIT,))
    requester, acceptor = verifier("OTHER"), Acceptor(offer, None)
    joined(requester, acceptor)
    assert requester.is_over
    assert not requester.is_established
    assert requester.rejection is not None
    assert requester.trouble == acceptor.trouble == requester.rejection.text


def test_both_ends_agree_that_a_message_they_do_not_know_is_not_answered_with_success() -> None:
    requester, acceptor = verifier(), Acceptor(wire.OFFER, None)
    joined(requester, acceptor)
    requester.ask(dimse.c_find_rq(requester.context_id, 4, wire.FIND), b"keys")
    joined(requester, acceptor)
    assert [answer.command.us_or_none(dimse.STATUS) for answer in requester.responses] == [0x0211]


def test_an_acceptance_establishes_the_association_and_its_limit_is_known() -> None:
    requester = wire.associated_requester(max_pdu_bytes=4096)
    assert requester.is_established
    assert requester.acceptance is not None
    assert requester.acceptance.max_pdu_bytes == 4096
    assert requester.acceptance.contexts == {1: wire.context(1, wire.FIND, wire.IMPLICIT)}


@pytest.mark.parametrize("result", [1, 2, 3, 4])
def test_a_context_that_was_refused_is_not_among_the_accepted(result: int) -> None:
    requester = wire.requester()
    wire.feed(requester, wire.acceptance(result))
    assert requester.acceptance is not None
    assert not requester.acceptance.contexts
    wire.feed(requester, FIND_SUCCESS)
    assert wire.said(requester) == wire.A_ABORT_INVALID
    assert not requester.responses


def test_a_rejection_ends_it_and_says_why() -> None:
    requester = wire.requester()
    wire.feed(requester, REJECTION)
    assert requester.is_over
    assert not requester.released
    assert requester.trouble == "rejected: calling AE title not recognized (source 1, reason 3)"
    assert requester.rejection is not None
    assert (requester.rejection.source, requester.rejection.reason) == (1, 3)


NO_ANSWERS = {
    "an acceptance that cannot be read": (encode(PduType.A_ASSOCIATE_AC, bytes(80)), wire.A_ABORT_INVALID),
    "an acceptance of a context not proposed": (
        wire.acceptance().replace(bytes((1, 0, 0, 0)), bytes((3, 0, 0, 0))),
        wire.A_ABORT_INVALID,
    ),
    "a rejection of five bytes": (bytes.fromhex("03 00 00000005"), wire.A_ABORT_INVALID),
    "a proposal": (wire.REQUEST, wire.A_ABORT_UNEXPECTED),
    "data": (FIND_SUCCESS, wire.A_ABORT_UNEXPECTED),
    "a release": (wire.A_RELEASE_RQ, wire.A_ABORT_UNEXPECTED),
    "another protocol": (b"SSH-2.0-OpenSSH_9.2\r\n", wire.A_ABORT_UNRECOGNIZED),
}


@pytest.mark.parametrize(("data", "abort"), NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_to_a_proposal_is_aborted(data: bytes, abort: bytes) -> None:
    requester = wire.requester()
    wire.feed(requester, data)
    assert wire.said(requester) == abort
    assert requester.state is State.STA13
    assert requester.trouble
    assert not requester.responses


@pytest.mark.parametrize("max_pdu_bytes", [0, 20, 4096])
def test_a_request_is_cut_as_the_peer_asked_and_read_by_pynetdicom(max_pdu_bytes: int) -> None:
    requester = wire.associated_requester(max_pdu_bytes=max_pdu_bytes)
    keys = Dataset()
    keys.QueryRetrieveLevel = "STUDY"
    keys.StudyInstanceUID = "1.2.3"
    identifier = write_by_pydicom(keys, True, True) or b""
    requester.ask(dimse.c_find_rq(requester.context_id, 1, wire.FIND), identifier)
    said = wire.said(requester)
    _, *data = wire.pdus(said)
    assert all(HEADER.unpack_from(pdu)[1] <= (max_pdu_bytes or 1 << 20) for pdu in data)
    (message,) = wire.messages(said)
    assert type(message).__name__ == "C_FIND_RQ"
    assert message.data_set is not None
    assert read_by_pydicom(io.BytesIO(message.data_set.getvalue()), True, True) == keys


ANSWERS = match("Doe^Jane") + match("Roe^Richard") + FIND_SUCCESS


def names_of(requester: Requester) -> list[str]:
    """Of the patients in the identifiers, "" where there is none."""
    identifiers = [
        read_by_pydicom(io.BytesIO(answer.identifier), True, True) for answer in requester.responses
    ]
    return [str(identifier.get("PatientName", "")) for identifier in identifiers]


@settings(max_examples=40, deadline=None)
@given(wire.reads(ANSWERS))
def test_responses_come_out_in_order_each_with_its_own_identifier(reads: list[bytes]) -> None:
    requester = wire.associated_requester()
    for data in reads:
        wire.feed(requester, data)
    assert names_of(requester) == ["Doe^Jane", "Roe^Richard", ""]
    assert [len(answer.identifier) for answer in requester.responses] == [8 + 8, 8 + 12, 0]
    statuses = [answer.command.us_or_none(dimse.STATUS) for answer in requester.responses]
    assert statuses == [0xFF00, 0xFF00, 0x0000]
    assert not requester.outgoing


def test_a_response_that_is_not_complete_is_not_there() -> None:
    requester = wire.associated_requester()
    wire.feed(requester, match("Doe^Jane")[:-1])
    assert not requester.responses
    wire.feed(requester, match("Doe^Jane")[-1:])
    assert names_of(requester) == ["Doe^Jane"]


def test_the_suboperations_of_a_c_move_are_told() -> None:
    requester = wire.associated_requester()
    counts: dict[str, Any] = {
        "NumberOfRemainingSuboperations": 4,
        "NumberOfCompletedSuboperations": 3,
        "NumberOfFailedSuboperations": 2,
        "NumberOfWarningSuboperations": 1,
    }
    wire.feed(requester, response(0x8021, 0xFF00, **counts) + response(0x8021, 0xA801))
    elements = (dimse.REMAINING, dimse.COMPLETED, dimse.FAILED, dimse.WARNING)
    pending, final = (answer.command for answer in requester.responses)
    assert [pending.us_or_none(number) for number in elements] == [4, 3, 2, 1]
    assert [final.us_or_none(number) for number in elements] == [None] * 4
    assert final.us_or_none(dimse.STATUS) == dimse.MOVE_DESTINATION_UNKNOWN


VIOLATIONS = {
    "a request": (dimse.c_echo_rq(1, 1), wire.A_ABORT_OF_USER),
    "a request with data": (
        dimse.c_store_rq(1, 1, wire.CT, "2.25.1") + p_data_tf(1, LAST, b"data"),
        wire.A_ABORT_OF_USER,
    ),
    "data without a command": (p_data_tf(1, LAST, b"data"), wire.A_ABORT_OF_USER),
    "a response where data is due": (PENDING_WITHOUT_ITS_DATA + FIND_SUCCESS, wire.A_ABORT_OF_USER),
    "a command longer than any": (
        p_data_tf(1, COMMAND, bytes(32 << 10)) * 2 + p_data_tf(1, COMMAND, b"\0"),
        wire.A_ABORT_OF_USER,
    ),
    "a command cut short": (p_data_tf(1, COMMAND | LAST, bytes(7)), wire.A_ABORT_OF_USER),
    "a context not proposed": (response(0x8020, 0, context_id=3), wire.A_ABORT_INVALID),
    "a PDU longer than announced": (bytes.fromhex("04 00 00010001"), wire.A_ABORT_INVALID),
    "a PDU of no known type": (bytes.fromhex("08 00 00000000"), wire.A_ABORT_UNRECOGNIZED),
    "a second acceptance": (wire.acceptance(), wire.A_ABORT_UNEXPECTED),
    "a late rejection": (REJECTION, wire.A_ABORT_UNEXPECTED),
    "a proposal": (wire.REQUEST, wire.A_ABORT_UNEXPECTED),
    "the answer to no release": (wire.A_RELEASE_RP, wire.A_ABORT_UNEXPECTED),
}


@pytest.mark.parametrize(("data", "abort"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_what_a_pacs_may_not_say_is_aborted_and_what_it_said_before_is_kept(
    data: bytes, abort: bytes
) -> None:
    requester = wire.associated_requester()
    wire.feed(requester, match("Doe^Jane") + data)
    assert wire.said(requester) == abort
    assert requester.state is State.STA13
    assert requester.trouble
    assert not requester.released
    assert names_of(requester) == ["Doe^Jane"]


@pytest.mark.parametrize("violation", [b"\x08" + bytes(5), dimse.c_echo_rq(1, 1)])
def test_after_a_violation_nothing_is_heard_until_the_connection_ends(violation: bytes) -> None:
    requester = wire.associated_requester()
    wire.feed(requester, violation + ANSWERS)
    requester.outgoing.clear()
    wire.feed(requester, ANSWERS + wire.REQUEST + wire.A_RELEASE_RQ + b"\xff" * 100)
    assert not requester.responses
    assert not requester.outgoing
    requester.happened(Event.TRANSPORT_CLOSED, "closed")
    assert requester.is_over


def test_an_identifier_without_end_is_aborted() -> None:
    requester = wire.associated_requester()
    wire.feed(requester, PENDING_WITHOUT_ITS_DATA)
    piece = memoryview(p_data_tf(1, 0, bytes(65000)))
    for _ in range(300):
        requester.receive(piece, 1.0)
    assert wire.said(requester)[0] == PduType.A_ABORT
    assert "16777216" in requester.trouble
    assert wire.peak_bytes(lambda: requester.receive(piece, 1.0)) < 4096


def test_data_that_comes_while_the_release_is_under_way_is_still_taken() -> None:
    requester = released()
    wire.feed(requester, match("Doe^Jane") + FIND_SUCCESS + wire.A_RELEASE_RP)
    assert names_of(requester) == ["Doe^Jane", ""]
    assert requester.is_over
    assert requester.released


def test_a_release_that_collides_with_the_peers_is_answered_and_its_own_still_awaited() -> None:
    requester = released()
    wire.feed(requester, wire.A_RELEASE_RQ)
    assert wire.said(requester) == wire.A_RELEASE_RP
    assert requester.state is State.STA11
    assert not requester.is_over
    wire.feed(requester, wire.A_RELEASE_RP)
    assert requester.is_over
    assert requester.released
    assert not requester.outgoing


def test_data_after_a_release_collision_is_unexpected() -> None:
    requester = collided()
    wire.feed(requester, FIND_SUCCESS)
    assert wire.said(requester) == wire.A_ABORT_UNEXPECTED
    assert not requester.responses
    assert not requester.released


def test_a_pacs_that_releases_first_is_answered() -> None:
    requester = wire.associated_requester()
    wire.feed(requester, wire.A_RELEASE_RQ)
    assert wire.said(requester) == wire.A_RELEASE_RP
    assert requester.state is State.STA13
    assert not requester.is_established
    requester.happened(Event.TRANSPORT_CLOSED, "closed")
    assert requester.is_over
    assert requester.released


def test_a_pacs_that_releases_within_a_response_is_named() -> None:
    requester = wire.associated_requester()
    wire.feed(requester, match("Doe^Jane") + PENDING_WITHOUT_ITS_DATA + wire.A_RELEASE_RQ)
    assert requester.trouble == "released within a message"
    assert not requester.released
    assert names_of(requester) == ["Doe^Jane"]


STATES = {
    "Sta5": wire.requester,
    "Sta6": wire.associated_requester,
    "Sta7": released,
    "Sta11": collided,
}
ABORTS = {
    "00 00": "aborted by the peer's program: no reason given",
    "02 01": "aborted by the peer's protocol layer: unrecognized PDU",
    "02 02": "aborted by the peer's protocol layer: unexpected PDU",
    "02 06": "aborted by the peer's protocol layer: invalid PDU parameter value",
    "09 63": "aborted by the peer: reason 99",
}


@pytest.mark.parametrize("octets", ABORTS)
@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_an_abort_ends_it_unanswered_in_every_state_and_says_whose_it_was(
    state: Callable[[], Requester], octets: str
) -> None:
    requester = state()
    wire.feed(requester, bytes.fromhex("07 00 00000004 00 00" + octets))
    assert requester.is_over
    assert requester.trouble == ABORTS[octets]
    assert not requester.released
    assert not requester.outgoing


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_a_connection_that_ends_in_any_state_is_named(state: Callable[[], Requester]) -> None:
    requester = state()
    requester.happened(Event.TRANSPORT_CLOSED, "the connection was closed")
    assert requester.is_over
    assert requester.trouble == "the connection was closed"
    assert not requester.released
    assert not requester.outgoing


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_silence_in_any_state_is_aborted_and_what_ends_it_then_is_not_the_reason(
    state: Callable[[], Requester],
) -> None:
    requester = state()
    requester.happened(Event.TIMER_EXPIRED, "nothing came for 60 s")
    assert wire.said(requester)[0] == PduType.A_ABORT
    assert requester.state is State.STA13
    requester.happened(Event.TRANSPORT_CLOSED, "the connection was closed")
    assert requester.is_over
    assert requester.trouble == "nothing came for 60 s"


streams = st.lists(
    st.one_of(
        st.sampled_from([match("Doe^Jane"), FIND_SUCCESS, PENDING_WITHOUT_ITS_DATA, wire.acceptance()]),
        st.sampled_from([wire.A_RELEASE_RQ, wire.A_RELEASE_RP, wire.A_ABORT_OF_USER, REJECTION]),
        st.sampled_from([match("Doe^Jane"), wire.acceptance()]).flatmap(
            lambda data: st.integers(0, len(data)).map(lambda stop: data[:stop] + data[stop + 1 :])
        ),
        st.builds(p_data_tf, st.just(1), st.integers(0, 3), st.binary(max_size=30)),
        st.binary(max_size=20),
    ),
    max_size=8,
).map(b"".join)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(STATES.values())), streams, st.integers(1, 400))
def test_whatever_comes_the_requester_lives_and_ends_with_the_connection(
    state: Callable[[], Requester], data: bytes, step: int
) -> None:
    requester = state()
    wire.feed(requester, data, step=step)
    assert all(answer.command.field & dimse.RESPONSE for answer in requester.responses)
    assert all(pdu[0] in (PduType.A_RELEASE_RP, PduType.A_ABORT) for pdu in requester.outgoing)
    requester.happened(Event.TRANSPORT_CLOSED, "closed")
    assert requester.is_over
    assert requester.released is not bool(requester.trouble)
