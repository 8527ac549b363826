import dataclasses
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AllStoragePresentationContexts, sop_class
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RJ, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation,
    SCP_SCU_RoleSelectionNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)
from pynetdicom.service_class import ServiceClass, StorageServiceClass
from pynetdicom.sop_class import uid_to_service_class

from lab.dicom.accepting import answer, decode_request, encode_rejection
from lab.dicom.negotiation import (
    CALLED_AE_TITLE_NOT_RECOGNIZED,
    IMPLEMENTATION_CLASS_UID,
    LOCAL_LIMIT_EXCEEDED,
    NO_SUCH_APPLICATION_CONTEXT,
    PROTOCOL_VERSION_NOT_SUPPORTED,
    Acceptance,
    Context,
    Offer,
    Proposal,
    Rejection,
)
from lab.dicom.pdu import HEADER, ProtocolViolation
from lab.dicom.proposing import decode_acceptance, decode_rejection, encode_request
from lab.dicom.services import NOT_OF_STORAGE
from lab.dicom.syntaxes import PREFERENCES, acceptor_order
from tests.unit import wire

PRIVATE = "1.3.6.1.4.1.5962.99.1"
OFFER = Offer(
    ae_title="LAB",
    check_called=False,
    max_pdu_bytes=131072,
    transfer_syntaxes=(wire.JPEG_2000, wire.EXPLICIT, wire.IMPLICIT),
)
PROPOSAL = wire.proposal(
    wire.context(1, wire.CT, wire.IMPLICIT, wire.JPEG_2000),
    wire.context(3, wire.VERIFICATION, wire.IMPLICIT),
)

# A small A-ASSOCIATE-RQ's variable field (PS3.8 Table 9-11) in its parts
FIXED = b"\x00\x01\x00\x00" + b"LAB             " + b"PACS            " + bytes(32)
APPLICATION_CONTEXT = b"\x10\x00\x00\x15" + b"1.2.840.10008.3.1.1.1"
CONTEXT = (
    b"\x20\x00\x00\x2e"  # presentation context, 46 bytes follow
    + b"\x01\x00\x00\x00"  # context ID 1
    + b"\x30\x00\x00\x11"
    + b"1.2.840.10008.1.1"  # abstract syntax
    + b"\x40\x00\x00\x11"
    + b"1.2.840.10008.1.2"  # transfer syntax
)
USER_INFORMATION = (
    b"\x50\x00\x00\x08" + b"\x51\x00\x00\x04" + b"\x00\x00\x40\x00"  # maximum length 16384
)
REQUEST = FIXED + APPLICATION_CONTEXT + CONTEXT + USER_INFORMATION

abstract_syntaxes = st.one_of(
    st.sampled_from([wire.CT, wire.MR, wire.VERIFICATION, wire.FIND, PRIVATE]), wire.uids
)
transfer_syntaxes = st.lists(
    st.one_of(st.sampled_from([wire.IMPLICIT, wire.EXPLICIT, wire.JPEG_2000]), wire.uids),
    min_size=1,
    max_size=4,
    unique=True,
).map(tuple)
contexts = st.lists(
    st.builds(
        Context,
        context_id=st.integers(0, 127).map(lambda number: 2 * number + 1),
        abstract_syntax=abstract_syntaxes,
        transfer_syntaxes=transfer_syntaxes,
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda context: context.context_id,
).map(tuple)
proposals = st.builds(
    Proposal,
    called_ae_title=wire.titles,
    calling_ae_title=wire.titles,
    contexts=contexts,
    max_pdu_bytes=st.integers(0, 0xFFFFFFFF),
)
offers = st.builds(
    Offer,
    ae_title=wire.titles,
    check_called=st.just(False),
    max_pdu_bytes=st.integers(0, 0xFFFFFFFF),
    transfer_syntaxes=st.permutations([wire.IMPLICIT, wire.EXPLICIT, wire.JPEG_2000]).map(tuple),
)


def body_of(pdu: bytes) -> bytes:
    assert HEADER.unpack_from(pdu)[1] == len(pdu) - HEADER.size
    return pdu[HEADER.size :]


def decoded(body: bytes) -> Proposal:
    proposal = decode_request(body)
    assert isinstance(proposal, Proposal)
    return proposal


def read_by_pynetdicom(request: bytes) -> Proposal:
    rq: Any = A_ASSOCIATE_RQ()
    rq.decode(request)
    return Proposal(
        called_ae_title=rq.called_ae_title,
        calling_ae_title=rq.calling_ae_title,
        contexts=tuple(
            wire.context(item.context_id, str(item.abstract_syntax), *map(str, item.transfer_syntax))
            for item in rq.presentation_context
        ),
        max_pdu_bytes=rq.user_information.maximum_length,
    )


def acceptance_of(pdu: bytes) -> Any:
    """As pynetdicom reads it."""
    ac = A_ASSOCIATE_AC()
    ac.decode(pdu)
    assert ac.encode() == pdu
    return ac


@settings(max_examples=40, deadline=None)
@given(proposals)
def test_a_proposal_is_read_as_pynetdicom_reads_it(proposal: Proposal) -> None:
    request = encode_request(proposal)
    assert decoded(body_of(request)) == read_by_pynetdicom(request) == proposal


def test_items_of_no_concern_here_are_passed_over() -> None:
    rq: Any = A_ASSOCIATE_RQ()
    rq.decode(encode_request(PROPOSAL))
    primitive = rq.to_primitive()
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked = window.maximum_number_operations_performed = 2
    role = SCP_SCU_RoleSelectionNegotiation()
    role.sop_class_uid, role.scu_role, role.scp_role = wire.CT, True, True
    extended = SOPClassExtendedNegotiation()
    extended.sop_class_uid, extended.service_class_application_information = wire.CT, b"\x02\x00\x03"
    identity = UserIdentityNegotiation()
    identity.user_identity_type, identity.primary_field = 1, b"someone"
    primitive.user_information = [window, role, extended, identity, *primitive.user_information]
    rich: Any = A_ASSOCIATE_RQ()
    rich.from_primitive(primitive)
    request = rich.encode()
    assert len(request) > len(encode_request(PROPOSAL))
    assert decoded(body_of(request)) == read_by_pynetdicom(request) == PROPOSAL


def test_items_of_unknown_types_are_passed_over() -> None:
    unknown = b"\x99\x00\x00\x03abc"
    body = FIXED + unknown + APPLICATION_CONTEXT + CONTEXT + unknown + USER_INFORMATION + unknown
    assert decoded(body) == decoded(REQUEST)
    assert decoded(REQUEST) == wire.proposal(wire.context(1, wire.VERIFICATION, wire.IMPLICIT))


def test_a_request_that_names_no_maximum_length_sets_no_limit() -> None:
    assert decoded(FIXED + APPLICATION_CONTEXT + CONTEXT).max_pdu_bytes == 0
    assert decoded(FIXED + APPLICATION_CONTEXT + CONTEXT + b"\x50\x00\x00\x00").max_pdu_bytes == 0


def test_padding_of_titles_and_uids_is_not_part_of_them() -> None:
    body = REQUEST.replace(b"PACS            ", b"   PACS\0\0\0\0\0\0\0\0\0")
    body = body.replace(CONTEXT, CONTEXT.replace(b"1.2.840.10008.1.2", b"1.2.840.10008.1\0\0"))
    proposal = decoded(body)
    assert proposal.calling_ae_title == "PACS"
    assert proposal.contexts[0].transfer_syntaxes == ("1.2.840.10008.1",)


@settings(max_examples=40, deadline=None)
@given(proposals, offers)
def test_pynetdicom_reads_the_answer_as_it_was_meant(proposal: Proposal, offer: Offer) -> None:
    acceptance, pdu = answer(proposal, offer)
    ac = acceptance_of(pdu)
    assert (ac.called_ae_title, ac.calling_ae_title) == (proposal.called_ae_title, proposal.calling_ae_title)
    assert ac.application_context_name == "1.2.840.10008.3.1.1.1"
    assert ac.user_information.maximum_length == offer.max_pdu_bytes
    assert ac.user_information.implementation_class_uid == IMPLEMENTATION_CLASS_UID
    assert ac.user_information.implementation_version_name == "DICOMLAB"
    assert [item.context_id for item in ac.presentation_context] == [
        context.context_id for context in proposal.contexts
    ]
    for item, context in zip(ac.presentation_context, proposal.contexts, strict=True):
        common = [uid for uid in offer.transfer_syntaxes if uid in context.transfer_syntaxes]
        if context.abstract_syntax == wire.FIND:
            assert item.result == 3, "abstract syntax not supported"
        elif not common:
            assert item.result == 4, "transfer syntaxes not supported"
        else:
            assert (item.result, item.transfer_syntax) == (0, common[0])
    read = decode_acceptance(body_of(pdu), proposal.contexts)
    assert read.max_pdu_bytes == offer.max_pdu_bytes, "the acceptor's, for the requestor"
    assert acceptance == Acceptance(contexts=read.contexts, max_pdu_bytes=proposal.max_pdu_bytes)


def result_of(abstract_syntax: str) -> int:
    proposal = wire.proposal(wire.context(1, abstract_syntax, wire.IMPLICIT))
    acceptance, pdu = answer(proposal, OFFER)
    (item,) = acceptance_of(pdu).presentation_context
    assert isinstance(acceptance, Acceptance)
    assert (1 in acceptance.contexts) is (item.result == 0)
    return int(item.result)


def test_every_storage_sop_class_and_verification_are_taken() -> None:
    storage = [str(context.abstract_syntax) for context in AllStoragePresentationContexts]
    assert len(storage) > 100
    assert {result_of(uid) for uid in [*storage, wire.VERIFICATION]} == {0}


@pytest.mark.parametrize("uid", [PRIVATE, "2.25.1", "1.2.826.0.1.3680043.2.1143.1"])
def test_a_private_sop_class_is_taken(uid: str) -> None:
    assert result_of(uid) == 0


def sop_classes() -> dict[str, type]:
    """Every one of pynetdicom's dictionary, and the service that it has for it."""
    groups = [group for name, group in vars(sop_class).items() if name.endswith("_CLASSES")]
    return {str(uid): uid_to_service_class(str(uid)) for group in groups for uid in group.values()}


def test_the_table_of_other_services_is_pynetdicoms() -> None:
    others = {uid for uid, service in sop_classes().items() if service is not StorageServiceClass}
    taken = {uid for uid in others if uid_to_service_class(uid) is ServiceClass}  # known by name alone
    assert others - taken - {wire.VERIFICATION} == NOT_OF_STORAGE
    assert len(NOT_OF_STORAGE) == 80


def test_a_receiving_process_starts_without_pynetdicom_and_pydicom() -> None:
    """They are three quarters of its start."""
    script = "import sys, lab.inside.worker; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert not {"pynetdicom", "pydicom"} & set(names.split())


@pytest.mark.parametrize("uid", sorted(NOT_OF_STORAGE))
def test_what_is_no_storage_is_refused_as_an_abstract_syntax(uid: str) -> None:
    assert result_of(uid) == 3


def test_the_order_of_the_acceptor_decides_and_not_that_of_the_requestor() -> None:
    acceptance, _ = answer(PROPOSAL, OFFER)
    assert isinstance(acceptance, Acceptance)
    assert acceptance.contexts == {
        1: wire.context(1, wire.CT, wire.JPEG_2000),
        3: wire.context(3, wire.VERIFICATION, wire.IMPLICIT),
    }


def test_who_calls_another_title_is_rejected_where_titles_are_checked() -> None:
    strict = dataclasses.replace(OFFER, check_called=True)
    assert isinstance(answer(PROPOSAL, strict)[0], Acceptance)
    other = dataclasses.replace(PROPOSAL, called_ae_title="OTHER")
    assert answer(other, strict) == (
        CALLED_AE_TITLE_NOT_RECOGNIZED,
        bytes.fromhex("03 00 00000004 00 01 01 07"),  # permanent, by the user, called AE title
    )
    assert isinstance(answer(other, OFFER)[0], Acceptance)


def test_another_application_context_is_rejected() -> None:
    other = APPLICATION_CONTEXT.replace(b"3.1.1.1", b"3.1.1.2")
    assert decode_request(FIXED + other + CONTEXT) == NO_SUCH_APPLICATION_CONTEXT
    assert decode_request(FIXED + CONTEXT) == NO_SUCH_APPLICATION_CONTEXT


@pytest.mark.parametrize("version", [b"\x00\x00", b"\x00\x02", b"\xff\xfe"])
def test_who_does_not_speak_version_1_is_rejected(version: bytes) -> None:
    assert decode_request(version + REQUEST[2:]) == PROTOCOL_VERSION_NOT_SUPPORTED


@pytest.mark.parametrize("version", [b"\x00\x03", b"\xff\xff"])
def test_who_speaks_version_1_among_others_is_not(version: bytes) -> None:
    assert decode_request(version + REQUEST[2:]) == decode_request(REQUEST)


REJECTIONS = {
    "called-AE-title-not-recognized": CALLED_AE_TITLE_NOT_RECOGNIZED,
    "application-context-name-not-supported": NO_SUCH_APPLICATION_CONTEXT,
    "Protocol version not supported": PROTOCOL_VERSION_NOT_SUPPORTED,
    "Local limit exceeded": LOCAL_LIMIT_EXCEEDED,
}


def letters(text: str) -> str:
    """In one spelling."""
    return "".join(filter(str.isalpha, text.lower())).replace("recognis", "recogniz")


@pytest.mark.parametrize("rejection", REJECTIONS.values(), ids=REJECTIONS)
def test_pynetdicom_reads_a_rejection_as_it_was_meant(rejection: Rejection) -> None:
    pdu = encode_rejection(rejection)
    rj = A_ASSOCIATE_RJ()
    rj.decode(pdu)
    assert (rj.result, rj.source, rj.reason_diagnostic) == (
        rejection.result,
        rejection.source,
        rejection.reason,
    )
    assert letters(rj.reason_str) in letters(rejection.text)
    assert decode_rejection(body_of(pdu)) == rejection


def test_a_rejection_says_whether_to_come_again() -> None:
    assert LOCAL_LIMIT_EXCEEDED.text == "rejected for now: local limit exceeded (source 3, reason 2)"
    assert NO_SUCH_APPLICATION_CONTEXT.text.startswith("rejected: application context name")


def test_a_rejection_for_no_known_reason_still_says_its_numbers() -> None:
    rejection = decode_rejection(b"\x00\x01\x09\x63")
    assert rejection.text == "rejected: reason unknown to the standard (source 9, reason 99)"


BROKEN = {
    "shorter than its fixed part": FIXED[:-1],
    "a context longer than the request": FIXED + APPLICATION_CONTEXT + CONTEXT[:-1],
    "a context that ends within an item's header": FIXED
    + APPLICATION_CONTEXT
    + b"\x20\x00\x00\x06\x01\x00\x00\x00\x30\x00",
    "a context without a transfer syntax": FIXED + b"\x20\x00\x00\x19" + CONTEXT[4:29] + APPLICATION_CONTEXT,
    "a context without an abstract syntax": FIXED + b"\x20\x00\x00\x19" + CONTEXT[4:8] + CONTEXT[29:],
    "a context without even an ID": FIXED + b"\x20\x00\x00\x00",
    "a maximum length of two bytes": FIXED + b"\x50\x00\x00\x06" + b"\x51\x00\x00\x02\x40\x00",
    "a title that is not ASCII": REQUEST.replace(b"PACS", b"P\xc4CS"),
    "a UID that is not ASCII": REQUEST.replace(b"10008.1.2", b"10008.1.\xb2"),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_request_that_does_not_parse_is_a_violation(body: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        decode_request(body)


def test_a_request_cut_within_an_item_is_a_violation() -> None:
    lengths = [len(part) for part in (FIXED, APPLICATION_CONTEXT, CONTEXT)]
    ends = {sum(lengths[:count]) for count in (1, 2, 3)}
    for stop in set(range(len(REQUEST))) - ends:
        with pytest.raises(ProtocolViolation):
            decode_request(REQUEST[:stop])


def altered(body: bytes) -> st.SearchStrategy[bytes]:
    """With up to three stretches of it replaced by others."""
    change = st.tuples(st.integers(0, len(body)), st.integers(0, 3), st.binary(max_size=3))

    def alter(changes: list[tuple[int, int, bytes]]) -> bytes:
        data = bytearray(body)
        for position, length, other in changes:
            data[position : position + length] = other
        return bytes(data)

    return st.lists(change, min_size=1, max_size=3).map(alter)


@settings(max_examples=120, deadline=None)
@given(st.one_of(st.binary(max_size=120).map(FIXED.__add__), st.binary(max_size=80), altered(REQUEST)))
def test_whatever_a_request_is_made_of_it_is_answered_or_a_violation(body: bytes) -> None:
    try:
        proposal = decode_request(body)
    except ProtocolViolation:
        return
    if isinstance(proposal, Rejection):
        assert proposal in REJECTIONS.values()
        return
    acceptance, pdu = answer(proposal, OFFER)
    assert isinstance(acceptance, Acceptance)
    assert {context.context_id for context in proposal.contexts} >= set(acceptance.contexts)
    assert len(body_of(pdu)) <= len(body) + 200


def test_the_longest_transfer_syntax_a_request_can_hold_is_answered() -> None:
    longest = b"1" * (0xFFFF - 4 - 4 - 17 - 4)
    context = b"\x20\x00\xff\xff" + CONTEXT[4:29] + b"\x40\x00" + len(longest).to_bytes(2) + longest
    _, pdu = answer(decoded(FIXED + APPLICATION_CONTEXT + context), OFFER)
    assert bytes((0, 4, 0)) + b"\x40\x00" + len(longest).to_bytes(2) + longest in pdu


ACCEPTANCE_PDU = answer(PROPOSAL, OFFER)[1]


def test_an_accepted_context_that_was_never_proposed_is_a_violation() -> None:
    with pytest.raises(ProtocolViolation):
        decode_acceptance(body_of(ACCEPTANCE_PDU), PROPOSAL.contexts[:1])


@settings(max_examples=60, deadline=None)
@given(st.one_of(altered(body_of(ACCEPTANCE_PDU)), st.binary(max_size=120)))
def test_whatever_an_acceptance_is_made_of_it_is_read_or_a_violation(body: bytes) -> None:
    try:
        acceptance = decode_acceptance(body, PROPOSAL.contexts)
    except ProtocolViolation:
        return
    assert set(acceptance.contexts) <= {1, 3}
    assert 0 <= acceptance.max_pdu_bytes <= 0xFFFFFFFF


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=4, max_size=4))
def test_whatever_a_rejection_is_made_of_it_is_read(body: bytes) -> None:
    rejection = decode_rejection(body)
    assert encode_rejection(rejection)[HEADER.size + 1 :] == body[1:]
    assert rejection.text.startswith("rejected")


PLAIN = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"}


@pytest.mark.parametrize("preference", sorted(set(PREFERENCES) - {"implicit"}))
def test_every_order_holds_every_transfer_syntax_once(preference: str) -> None:
    order = acceptor_order([wire.JPEG_2000, wire.EXPLICIT], preference)
    assert order[:2] == [wire.JPEG_2000, wire.EXPLICIT]
    assert sorted(order) == sorted(map(str, AllTransferSyntaxes))


def test_the_order_without_a_preference_decompresses_nothing() -> None:
    order = acceptor_order([])
    assert set(order[-3:]) == PLAIN
    assert order == acceptor_order([], "compressed")
    assert acceptor_order([wire.IMPLICIT])[0] == wire.IMPLICIT


BEGINNINGS = {
    "uncompressed": ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"],
    "little": ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2"],
    "big": ["1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"],
}


@pytest.mark.parametrize("preference", BEGINNINGS)
def test_a_preference_for_plain_ones_puts_them_in_its_order_first(preference: str) -> None:
    assert acceptor_order([], preference)[:3] == BEGINNINGS[preference]


def test_implicit_takes_nothing_else_whatever_is_given() -> None:
    assert acceptor_order([wire.JPEG_2000], "implicit") == [wire.IMPLICIT]


def test_a_new_transfer_syntax_is_taken_when_it_is_given() -> None:
    assert acceptor_order(["1.2.3.4"])[0] == "1.2.3.4"
