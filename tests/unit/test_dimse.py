import io
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynetdicom.dsutils import decode as read_by_pydicom

from lab.dicom import dimse
from lab.dicom.dimse import Command, CommandField
from lab.dicom.pdu import LAST, AbortReason, AbortSource, ProtocolViolation, p_data_tf
from tests.unit import wire
from tests.unit.wire import element

PDU_AND_PDV_HEADERS_BYTES = 12
GROUP_LENGTH_ELEMENT_BYTES = 12

C_ECHO_RQ = bytes.fromhex(
    "04 00 0000004A"  # P-DATA-TF, 74 bytes follow
    "00000046 03 03"  # a presentation data value of 70 on context 3: command, last fragment
    "0000 0000 04000000 38000000"  # Command Group Length: 56
    "0000 0200 12000000 312E322E3834302E31303030382E312E31 00"  # 1.2.840.10008.1.1, padded with NUL
    "0000 0001 02000000 3000"  # Command Field: C-ECHO-RQ
    "0000 1001 02000000 0700"  # Message ID: 7
    "0000 0008 02000000 0101"  # Command Data Set Type: none
)

COMMAND_FIELD = element(0x0100, b"\x01\x00")  # C-STORE-RQ
MESSAGE_ID = element(0x0110, b"\x07\x00")
NO_DATA_SET = element(0x0800, b"\x01\x01")


def command_set(pdu: bytes) -> bytes:
    """Of a P-DATA-TF with one presentation data value."""
    return pdu[PDU_AND_PDV_HEADERS_BYTES:]


def said(pdu: bytes) -> dict[str, Any]:
    """The elements by keyword, as pydicom reads them; their group length is held against the bytes."""
    whole = command_set(pdu)
    read = read_by_pydicom(io.BytesIO(whole), True, True)
    values = {item.keyword: item.value for item in read}
    assert values.pop("CommandGroupLength") == len(whole) - GROUP_LENGTH_ELEMENT_BYTES
    return values


def violation_of(encoded: bytes) -> ProtocolViolation:
    with pytest.raises(ProtocolViolation) as caught:
        dimse.decode(encoded)
    return caught.value


def test_a_c_echo_rq_is_these_bytes() -> None:
    assert dimse.c_echo_rq(3, 7) == C_ECHO_RQ


STORE = {"AffectedSOPClassUID": wire.CT, "MessageID": 65535, "CommandDataSetType": 0, "Priority": 0}
REQUESTS = {
    "C_ECHO_RQ": (
        dimse.c_echo_rq(1, 1),
        {
            "AffectedSOPClassUID": wire.VERIFICATION,
            "CommandField": 0x0030,
            "MessageID": 1,
            "CommandDataSetType": 0x0101,
        },
    ),
    "C_STORE_RQ": (
        dimse.c_store_rq(1, 65535, wire.CT, "2.25.123"),
        {**STORE, "CommandField": 0x0001, "AffectedSOPInstanceUID": "2.25.123"},
    ),
    "C_FIND_RQ": (
        dimse.c_find_rq(1, 65535, wire.CT),
        {**STORE, "CommandField": 0x0020},
    ),
    "C_MOVE_RQ": (
        dimse.c_move_rq(1, 65535, wire.CT, "ODD"),
        {**STORE, "CommandField": 0x0021, "MoveDestination": "ODD"},
    ),
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_pynetdicom_reads_a_request_as_what_it_is(kind: str) -> None:
    pdu, values = REQUESTS[kind]
    assert said(pdu) == values
    message = wire.messages(pdu + p_data_tf(1, LAST, b"\0\0"))[0]
    assert (type(message).__name__, message.context_id) == (kind, 1)


@pytest.mark.parametrize("kind", REQUESTS)
def test_a_request_says_whether_a_data_set_follows(kind: str) -> None:
    command = dimse.decode(command_set(REQUESTS[kind][0]))
    assert command.field == CommandField[kind]
    assert command.has_data_set is (kind != "C_ECHO_RQ")


def test_uids_are_padded_with_nul_and_titles_with_a_space() -> None:
    pdu = dimse.c_move_rq(1, 1, "1.2.3", "ODD")
    assert element(0x0002, b"1.2.3\0") in pdu
    assert element(0x0600, b"ODD ") in pdu
    assert element(0x0600, b"EVEN") in dimse.c_move_rq(1, 1, "1.2.3", "EVEN")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 0xFFFF), wire.uids, wire.uids, wire.titles)
def test_any_uids_titles_and_message_ids_are_read_by_pynetdicom_as_they_were(
    message_id: int, sop_class_uid: str, sop_instance_uid: str, title: str
) -> None:
    store = said(dimse.c_store_rq(1, message_id, sop_class_uid, sop_instance_uid))
    assert (store["MessageID"], store["AffectedSOPClassUID"]) == (message_id, sop_class_uid)
    assert store["AffectedSOPInstanceUID"] == sop_instance_uid
    move = said(dimse.c_move_rq(1, message_id, sop_class_uid, title))
    assert (move["MoveDestination"], move["AffectedSOPClassUID"]) == (title, sop_class_uid)


shorts = st.integers(0, 0xFFFF)


@settings(max_examples=40, deadline=None)
@given(st.lists(shorts, min_size=7, max_size=7), wire.uids, wire.titles)
def test_a_response_that_pydicom_wrote_is_read_as_it_was(values: list[int], uid: str, comment: str) -> None:
    command = dimse.decode(
        wire.command_set(
            AffectedSOPClassUID=uid,
            CommandField=0x8021,
            MessageIDBeingRespondedTo=values[0],
            CommandDataSetType=values[1],
            Status=values[2],
            ErrorComment=comment,
            NumberOfRemainingSuboperations=values[3],
            NumberOfCompletedSuboperations=values[4],
            NumberOfFailedSuboperations=values[5],
            NumberOfWarningSuboperations=values[6],
        )
    )
    numbers = (dimse.MESSAGE_ID_RESPONDED_TO, dimse.DATA_SET_TYPE, dimse.STATUS, dimse.REMAINING)
    assert command.field == CommandField.C_MOVE_RSP
    assert [command.us_or_none(number) for number in numbers] == values[:4]
    assert command.us_or_none(dimse.COMPLETED) == values[4]
    assert command.us_or_none(dimse.FAILED) == values[5]
    assert command.us_or_none(dimse.WARNING) == values[6]
    assert command.text(dimse.AFFECTED_SOP_CLASS_UID) == uid
    assert command.text(dimse.ERROR_COMMENT) == comment
    assert command.has_data_set is (values[1] != 0x0101)


def test_an_element_that_is_absent_is_none_or_empty() -> None:
    command = dimse.decode(COMMAND_FIELD)
    assert command.us_or_none(dimse.REMAINING) is None
    assert command.text(dimse.ERROR_COMMENT) == ""


@pytest.mark.parametrize("value", [b"", b"\x01", b"\x01\x00\x00", bytes(4)])
def test_a_number_that_is_not_two_bytes_long_is_none(value: bytes) -> None:
    command = dimse.decode(COMMAND_FIELD + element(dimse.REMAINING, value))
    assert command.us_or_none(dimse.REMAINING) is None


def test_a_text_that_is_not_ascii_is_shown_and_not_lost() -> None:
    command = dimse.decode(COMMAND_FIELD + element(dimse.ERROR_COMMENT, b"voll\xe4 \0"))
    assert command.text(dimse.ERROR_COMMENT) == "voll\\xe4"


elements = st.dictionaries(shorts, st.binary(max_size=40), max_size=8)


@settings(max_examples=40, deadline=None)
@given(elements, shorts)
def test_elements_come_out_byte_for_byte_as_they_went_in(values: dict[int, bytes], field: int) -> None:
    values[dimse.COMMAND_FIELD] = field.to_bytes(2, "little")
    encoded = b"".join(dimse.raw(number, value) for number, value in values.items())
    assert encoded == b"".join(element(number, value) for number, value in values.items())
    assert dimse.decode(encoded) == Command(field, values)


def test_a_command_set_cut_short_is_refused() -> None:
    whole = command_set(dimse.c_store_rq(1, 1, wire.CT, "2.25.1"))
    ends, position = set(), 0
    while position < len(whole):
        position += 8 + int.from_bytes(whole[position + 4 : position + 8], "little")
        ends.add(position)
    assert len(ends) == 7
    for stop in set(range(len(whole))) - ends:
        violation_of(whole[:stop])
    assert dimse.decode(whole).field == CommandField.C_STORE_RQ


LYING = {
    "a length of one byte more than there is": COMMAND_FIELD + bytes.fromhex("0000 1001 03000000 0700"),
    "the longest length there is": COMMAND_FIELD + bytes.fromhex("0000 1001 FFFFFFFF 0700"),
    "a length of one byte less": COMMAND_FIELD + bytes.fromhex("0000 1001 01000000 0700"),
    "an element of a Data Set": COMMAND_FIELD + bytes.fromhex("0800 1800 02000000 3100"),
    "no Command Field": MESSAGE_ID + NO_DATA_SET,
    "a Command Field of one byte": element(0x0100, b"\x01") + MESSAGE_ID,
    "a Command Field of four bytes": element(0x0100, b"\x01\x00\x00\x00"),
    "nothing": b"",
}


@pytest.mark.parametrize("encoded", LYING.values(), ids=LYING)
def test_a_command_set_that_lies_about_itself_is_refused_in_the_name_of_dimse(encoded: bytes) -> None:
    violation = violation_of(encoded)
    assert violation.source is AbortSource.SERVICE_USER
    assert violation.reason is AbortReason.NOT_SPECIFIED


@pytest.mark.parametrize("data_set_type", [b"", element(0x0800, b"\x01"), element(0x0800, bytes(4))])
def test_a_command_that_does_not_tell_whether_a_data_set_follows_is_refused(data_set_type: bytes) -> None:
    command = dimse.decode(COMMAND_FIELD + data_set_type)
    with pytest.raises(ProtocolViolation, match=r"without element \(0000,0800\)"):
        _ = command.has_data_set


@pytest.mark.parametrize("message_id", [b"", element(0x0110, b"\x07"), element(0x0110, bytes(4))])
def test_a_request_without_a_message_id_cannot_be_answered(message_id: bytes) -> None:
    command = dimse.decode(COMMAND_FIELD + message_id)
    with pytest.raises(ProtocolViolation, match=r"without element \(0000,0110\)") as caught:
        dimse.response(1, command, dimse.SUCCESS)
    assert caught.value.source is AbortSource.SERVICE_USER


def test_pynetdicom_reads_the_response_to_a_c_store_as_its_response() -> None:
    request = dimse.decode(command_set(dimse.c_store_rq(5, 258, wire.CT, "2.25.123")))
    pdu = dimse.response(5, request, dimse.SUCCESS)
    assert said(pdu) == {
        "AffectedSOPClassUID": wire.CT,
        "CommandField": 0x8001,
        "MessageIDBeingRespondedTo": 258,
        "CommandDataSetType": 0x0101,
        "Status": 0,
        "AffectedSOPInstanceUID": "2.25.123",
    }
    (message,) = wire.messages(pdu)
    assert (type(message).__name__, message.context_id) == ("C_STORE_RSP", 5)


def test_a_response_says_no_uid_that_the_request_did_not() -> None:
    request = dimse.decode(element(0x0100, b"\x50\x01") + MESSAGE_ID + NO_DATA_SET)  # N-DELETE-RQ
    assert said(dimse.response(1, request, dimse.UNRECOGNIZED_OPERATION)) == {
        "CommandField": 0x8150,
        "MessageIDBeingRespondedTo": 7,
        "CommandDataSetType": 0x0101,
        "Status": 0x0211,
    }


@settings(max_examples=40, deadline=None)
@given(
    st.binary(min_size=1, max_size=70), st.binary(min_size=1, max_size=70), st.binary(min_size=2, max_size=2)
)
def test_a_response_returns_uids_and_message_id_byte_for_byte(
    sop_class_uid: bytes, sop_instance_uid: bytes, message_id: bytes
) -> None:
    request = dimse.decode(
        element(0x0002, sop_class_uid)
        + COMMAND_FIELD
        + element(0x0110, message_id)
        + element(0x1000, sop_instance_uid)
    )
    assert command_set(dimse.response(1, request, 0xA700)).endswith(
        element(0x0002, sop_class_uid)
        + bytes.fromhex("0000 0001 02000000 0180")  # Command Field: C-STORE-RSP
        + element(0x0120, message_id)
        + NO_DATA_SET
        + bytes.fromhex("0000 0009 02000000 00A7")  # Status
        + element(0x1000, sop_instance_uid)
    )


known = st.sampled_from([0x0000, 0x0002, 0x0100, 0x0110, 0x0800, 0x0900, 0x1000])
hostile_elements = st.lists(
    st.one_of(st.builds(element, known, st.binary(max_size=4)), st.binary(max_size=10)), max_size=6
).map(b"".join)


@settings(max_examples=120, deadline=None)
@given(st.one_of(st.binary(max_size=100), hostile_elements, hostile_elements.map(COMMAND_FIELD.__add__)))
def test_whatever_bytes_a_command_set_is_made_of_it_is_read_or_a_violation(encoded: bytes) -> None:
    try:
        command = dimse.decode(encoded)
    except ProtocolViolation:
        return
    assert command.elements[dimse.COMMAND_FIELD] == command.field.to_bytes(2, "little")
    for number, value in command.elements.items():
        assert element(number, value) in encoded
        assert command.text(number).isascii()
        assert (command.us_or_none(number) is None) is (len(value) != 2)
    with suppress(ProtocolViolation):
        assert command.has_data_set is (command.us_or_none(dimse.DATA_SET_TYPE) != 0x0101)
    with suppress(ProtocolViolation):
        answer = dimse.decode(command_set(dimse.response(1, command, 0)))
        assert answer.elements[dimse.MESSAGE_ID_RESPONDED_TO] == command.elements[dimse.MESSAGE_ID]
