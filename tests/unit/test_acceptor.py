import dataclasses
import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.dicom import dimse
from lab.dicom.acceptor import Acceptor, Stored
from lab.dicom.pdu import COMMAND, LAST, PduType, data_set_pdus, encode, p_data_tf
from lab.dicom.proposing import encode_request
from lab.dicom.states import Event, State
from tests.unit import wire
from tests.unit.wire import element

DATA_SET = bytes(range(256)) * 4
STORE = dimse.c_store_rq(1, 7, wire.CT, "2.25.7")
FIRST_HALF = p_data_tf(1, 0, DATA_SET[:512])
SECOND_HALF = p_data_tf(1, LAST, DATA_SET[512:])
ECHO = dimse.c_echo_rq(5, 9)
A_ASSOCIATE_RJ_LOCAL_LIMIT = bytes.fromhex("03 00 00000004 00 02 03 02")  # transient, presentation, limit


class FakeSink:
    """Implements lab.dicom.acceptor.Sink; remembers what became of each Data Set."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.opened: list[tuple[str, str, str]] = []
        self.kept: list[bytes] = []
        self._data = bytearray()

    def open(self, sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> None:
        self.calls.append("open")
        self.opened.append((sop_class_uid, sop_instance_uid, transfer_syntax_uid))
        self._data.clear()

    def write(self, piece: memoryview) -> None:
        assert self.calls[-1] == "open"
        self._data += piece

    def close(self) -> str:
        self.calls.append("close")
        self.kept.append(bytes(self._data))
        return hashlib.sha256(self._data).hexdigest()

    def abandon(self) -> None:
        self.calls.append("abandon")


def store(
    number: int, data_set: bytes = DATA_SET, *, context_id: int = 1, sop_class_uid: str = wire.CT
) -> bytes:
    """A whole C-STORE, its Data Set in PDUs of 300 bytes."""
    command = dimse.c_store_rq(context_id, number, sop_class_uid, f"2.25.{number}")
    return command + b"".join(data_set_pdus(context_id, data_set, 300))


def command(*elements: bytes, context_id: int = 1) -> bytes:
    """A command set with none but these elements, its group length untold."""
    return p_data_tf(context_id, COMMAND | LAST, b"".join(elements))


def statuses(data: bytes) -> list[tuple[int, int, int]]:
    """Command field, message ID and status of each response, as pynetdicom reads them."""
    sets = [message.command_set for message in wire.messages(data)]
    return [(said.CommandField, said.MessageIDBeingRespondedTo, said.Status) for said in sets]


def half_stored() -> tuple[Acceptor, FakeSink]:
    """In the middle of a Data Set."""
    sink = FakeSink()
    acceptor = wire.acceptor(sink)
    wire.feed(acceptor, STORE + FIRST_HALF)
    assert sink.calls == ["open"]
    return acceptor, sink


def test_instances_are_stored_in_the_order_they_came() -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, store(1) + store(2, b"\0\0", context_id=3, sop_class_uid=wire.MR) + store(3))
    assert acceptor.stored == [
        Stored(wire.CT, "2.25.1", wire.EXPLICIT, 1024, 1.0, 1.0, ""),
        Stored(wire.MR, "2.25.2", wire.JPEG_2000, 2, 1.0, 1.0, ""),
        Stored(wire.CT, "2.25.3", wire.EXPLICIT, 1024, 1.0, 1.0, ""),
    ]
    assert statuses(wire.said(acceptor)) == [(0x8001, 1, 0), (0x8001, 2, 0), (0x8001, 3, 0)]


def test_the_times_of_an_instance_are_those_of_the_reads_with_its_first_and_last_bytes() -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, STORE, now_s=1.0)
    wire.feed(acceptor, FIRST_HALF[:12], now_s=2.0)  # headers alone
    wire.feed(acceptor, FIRST_HALF[12:13], now_s=3.0)
    wire.feed(acceptor, FIRST_HALF[13:] + SECOND_HALF[:-1], now_s=4.0)
    assert not acceptor.stored
    assert not acceptor.outgoing
    wire.feed(acceptor, SECOND_HALF[-1:], now_s=5.0)
    assert [(stored.begin_s, stored.end_s) for stored in acceptor.stored] == [(3.0, 5.0)]


def test_an_instance_that_begins_in_the_read_that_ended_another_has_times_of_its_own() -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, store(1)[:-1], now_s=1.0)
    wire.feed(acceptor, store(1)[-1:] + store(2)[:-1], now_s=2.0)
    wire.feed(acceptor, store(2)[-1:], now_s=3.0)
    assert [(stored.begin_s, stored.end_s) for stored in acceptor.stored] == [(1.0, 2.0), (2.0, 3.0)]


def test_the_response_is_said_when_the_last_byte_came_and_not_before() -> None:
    acceptor = wire.acceptor()
    whole = store(7)
    wire.feed(acceptor, whole[:-1], step=100)
    assert not acceptor.outgoing
    wire.feed(acceptor, whole[-1:])
    (message,) = wire.messages(wire.said(acceptor))
    assert (type(message).__name__, message.context_id) == ("C_STORE_RSP", 1)
    assert message.command_set.AffectedSOPInstanceUID == "2.25.7"
    assert message.command_set.AffectedSOPClassUID == wire.CT


def test_a_whole_message_may_come_in_one_pdu() -> None:
    acceptor = wire.acceptor(sink := FakeSink())
    values = [
        (1, COMMAND, STORE[12:40]),
        (1, COMMAND | LAST, STORE[40:]),
        (1, 0, DATA_SET[:100]),
        (1, 0, b""),
        (1, LAST, DATA_SET[100:]),
    ]
    wire.feed(acceptor, wire.p_data(*values))
    assert sink.kept == [DATA_SET]
    assert [stored.dataset_bytes for stored in acceptor.stored] == [1024]


def test_an_instance_without_data_is_stored_with_none() -> None:
    acceptor = wire.acceptor(sink := FakeSink())
    wire.feed(acceptor, STORE, now_s=1.0)
    wire.feed(acceptor, p_data_tf(1, LAST, b""), now_s=2.0)
    digest = hashlib.sha256(b"").hexdigest()
    assert acceptor.stored == [Stored(wire.CT, "2.25.7", wire.EXPLICIT, 0, 2.0, 2.0, digest)]
    assert sink.kept == [b""]


def test_the_sink_hears_of_each_data_set_and_its_digest_is_kept() -> None:
    acceptor = wire.acceptor(sink := FakeSink())
    wire.feed(acceptor, store(1) + store(2, b"other", context_id=3, sop_class_uid=wire.MR), step=77)
    assert sink.calls == ["open", "close"] * 2
    assert sink.opened == [(wire.CT, "2.25.1", wire.EXPLICIT), (wire.MR, "2.25.2", wire.JPEG_2000)]
    assert sink.kept == [DATA_SET, b"other"]
    assert [stored.dataset_sha256 for stored in acceptor.stored] == [
        hashlib.sha256(data).hexdigest() for data in sink.kept
    ]


SESSION = wire.REQUEST + ECHO + store(1) + store(2, b"") + ECHO + store(3, b"x" * 700) + wire.A_RELEASE_RQ


@settings(max_examples=40, deadline=None)
@given(wire.reads(SESSION))
def test_a_session_cut_anywhere_is_the_same_session(reads: list[bytes]) -> None:
    sinks = FakeSink(), FakeSink()
    whole, cut = Acceptor(wire.OFFER, sinks[0]), Acceptor(wire.OFFER, sinks[1])
    wire.feed(whole, SESSION)
    for data in reads:
        wire.feed(cut, data)
    assert cut.stored == whole.stored
    assert wire.said(cut) == wire.said(whole)
    assert sinks[0].kept == sinks[1].kept == [DATA_SET, b"", b"x" * 700]
    assert whole.released
    assert cut.released


def test_a_c_echo_is_answered_with_success() -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, ECHO)
    (message,) = wire.messages(wire.said(acceptor))
    assert (type(message).__name__, message.context_id) == ("C_ECHO_RSP", 5)
    assert (message.command_set.MessageIDBeingRespondedTo, message.command_set.Status) == (9, 0)


def test_an_unknown_command_is_an_unrecognized_operation_and_the_association_goes_on() -> None:
    acceptor = wire.acceptor(sink := FakeSink())
    n_get = command(element(0x0100, b"\x10\x01"), element(0x0110, b"\x03\x00"), element(0x0800, b"\x01\x01"))
    find = dimse.c_find_rq(1, 4, wire.FIND) + p_data_tf(1, LAST, b"keys")
    wire.feed(acceptor, n_get + find)
    assert statuses(wire.said(acceptor)) == [(0x8110, 3, 0x0211), (0x8020, 4, 0x0211)]
    assert not sink.calls
    assert not acceptor.stored
    wire.feed(acceptor, store(5))
    assert sink.kept == [DATA_SET]
    assert statuses(wire.said(acceptor)) == [(0x8001, 5, 0)]


def test_a_c_cancel_is_ignored() -> None:
    acceptor = wire.acceptor()
    cancel = command(element(0x0100, b"\xff\x0f"), element(0x0120, b"\x07\x00"), element(0x0800, b"\x01\x01"))
    wire.feed(acceptor, cancel + ECHO)
    assert statuses(wire.said(acceptor)) == [(0x8030, 9, 0)]


FIELD = element(0x0100, b"\x01\x00")  # C-STORE-RQ
MESSAGE_ID = element(0x0110, b"\x07\x00")
DATA_FOLLOWS = element(0x0800, b"\x00\x00")
NO_DATA_FOLLOWS = element(0x0800, b"\x01\x01")
SOP_CLASS = element(0x0002, b"1.2.840.10008.5.1.4.1.1.2\0")
SOP_INSTANCE = element(0x1000, b"2.25.7")
RESPONSE_FIELD = element(0x0100, b"\x01\x80")  # C-STORE-RSP

BROKEN_MESSAGES = {
    "a store without a Data Set": command(SOP_CLASS, FIELD, MESSAGE_ID, NO_DATA_FOLLOWS, SOP_INSTANCE),
    "a store without a SOP class": command(FIELD, MESSAGE_ID, DATA_FOLLOWS, SOP_INSTANCE),
    "a store without a SOP instance": command(SOP_CLASS, FIELD, MESSAGE_ID, DATA_FOLLOWS),
    "a store with an empty SOP instance": command(
        SOP_CLASS, FIELD, MESSAGE_ID, DATA_FOLLOWS, element(0x1000, b"")
    ),
    "a store without a message ID": command(SOP_CLASS, FIELD, DATA_FOLLOWS, SOP_INSTANCE),
    "a command that does not tell whether data follows": command(FIELD, MESSAGE_ID),
    "a command without a command field": command(MESSAGE_ID, NO_DATA_FOLLOWS),
    "a command that is empty": command(),
    "a command cut short": command(FIELD, MESSAGE_ID[:-1]),
    "data without a command": p_data_tf(1, 0, b"data"),
    "data within a command": p_data_tf(1, COMMAND, STORE[12:40]) + p_data_tf(1, LAST, b"data"),
    "a command over two contexts": p_data_tf(1, COMMAND, STORE[12:40])
    + p_data_tf(3, COMMAND | LAST, STORE[40:]),
    "data on another context than its command": STORE + p_data_tf(3, LAST, b"data"),
    "a second command where data is due": STORE + ECHO,
    "a command longer than any": p_data_tf(1, COMMAND, bytes(32 << 10)) * 2 + p_data_tf(1, COMMAND, b"\0"),
    "a response to nothing": command(RESPONSE_FIELD, element(0x0120, b"\x01\x00"), NO_DATA_FOLLOWS),
    "a response to nothing, with data": command(RESPONSE_FIELD, MESSAGE_ID, DATA_FOLLOWS),
}


@pytest.mark.parametrize("broken", BROKEN_MESSAGES.values(), ids=BROKEN_MESSAGES)
def test_a_broken_message_is_aborted_in_the_name_of_dimse(broken: bytes) -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, broken)
    assert wire.said(acceptor) == wire.A_ABORT_OF_USER
    assert acceptor.state is State.STA13
    assert acceptor.trouble
    assert not acceptor.released
    assert not acceptor.stored


BROKEN_PDUS = {
    "a context that was not accepted": (p_data_tf(7, COMMAND | LAST, b""), wire.A_ABORT_INVALID),
    "a context that was not proposed": (p_data_tf(9, COMMAND | LAST, b""), wire.A_ABORT_INVALID),
    "a PDU longer than announced": (bytes.fromhex("04 00 00010001"), wire.A_ABORT_INVALID),
    "an item longer than its PDU": (bytes.fromhex("04 00 00000008 0000FFFF 01 03"), wire.A_ABORT_INVALID),
    "a release of no length": (bytes.fromhex("05 00 00000000"), wire.A_ABORT_INVALID),
    "a PDU of no known type": (bytes.fromhex("42 00 00000004"), wire.A_ABORT_UNRECOGNIZED),
    "a second proposal": (wire.REQUEST, wire.A_ABORT_UNEXPECTED),
    "an acceptance": (wire.acceptance(), wire.A_ABORT_UNEXPECTED),
    "a rejection": (A_ASSOCIATE_RJ_LOCAL_LIMIT, wire.A_ABORT_UNEXPECTED),
    "the answer to a release": (wire.A_RELEASE_RP, wire.A_ABORT_UNEXPECTED),
}


@pytest.mark.parametrize(("broken", "abort"), BROKEN_PDUS.values(), ids=BROKEN_PDUS)
def test_a_broken_pdu_is_aborted_in_the_name_of_the_provider(broken: bytes, abort: bytes) -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, broken)
    assert wire.said(acceptor) == abort
    assert acceptor.state is State.STA13
    assert acceptor.trouble
    assert not acceptor.released


def happens(event: Event) -> Callable[[Acceptor], None]:
    return lambda acceptor: acceptor.happened(event, "the link is gone")


def comes(data: bytes) -> Callable[[Acceptor], None]:
    return lambda acceptor: wire.feed(acceptor, data)


INTERRUPTIONS: dict[str, tuple[Callable[[Acceptor], None], str]] = {
    "a command": (comes(ECHO), "a command where the Data Set of the one before is due"),
    "a command on its context": (comes(STORE), "where the Data Set of the one before is due"),
    "data on another context": (comes(p_data_tf(3, LAST, b"")), "on contexts 1 and 3"),
    "data on a context that was refused": (comes(p_data_tf(7, LAST, b"")), "context 7, which was not acc"),
    "a PDU longer than announced": (comes(bytes.fromhex("04 00 00010001")), "at most 65536 were announced"),
    "a PDU of no known type": (comes(bytes.fromhex("42 00 00000000")), "PDU type 0x42"),
    "a second proposal": (comes(wire.REQUEST), "A-ASSOCIATE-RQ while ready for data transfer"),
    "a release": (comes(wire.A_RELEASE_RQ), "released within a message"),
    "an abort of the user": (comes(wire.A_ABORT_OF_USER), "aborted by the peer's program"),
    "an abort of the provider": (comes(wire.A_ABORT_UNEXPECTED), "protocol layer: unexpected PDU"),
    "the end of the connection": (happens(Event.TRANSPORT_CLOSED), "the link is gone"),
    "silence": (happens(Event.TIMER_EXPIRED), "the link is gone"),
}


@pytest.mark.parametrize(("interrupt", "trouble"), INTERRUPTIONS.values(), ids=INTERRUPTIONS)
def test_what_was_half_received_is_abandoned_and_the_reason_is_named(
    interrupt: Callable[[Acceptor], None], trouble: str
) -> None:
    acceptor, sink = half_stored()
    interrupt(acceptor)
    assert sink.calls == ["open", "abandon"]
    assert not acceptor.stored
    assert not acceptor.released
    assert trouble in acceptor.trouble
    acceptor.happened(Event.TRANSPORT_CLOSED, "the connection was closed")
    assert acceptor.is_over
    assert sink.calls == ["open", "abandon"]


def test_what_was_whole_before_is_kept() -> None:
    acceptor = wire.acceptor(sink := FakeSink())
    wire.feed(acceptor, store(1) + STORE + FIRST_HALF + b"\x42" + bytes(5))
    assert sink.calls == ["open", "close", "open", "abandon"]
    assert [stored.sop_instance_uid for stored in acceptor.stored] == ["2.25.1"]
    said = wire.said(acceptor)
    assert statuses(said.removesuffix(wire.A_ABORT_UNRECOGNIZED)) == [(0x8001, 1, 0)]


@pytest.mark.parametrize("broken", [b"\x42" + bytes(5), p_data_tf(1, LAST, b"data"), p_data_tf(7, LAST, b"")])
def test_after_a_violation_nothing_is_heard_until_the_connection_ends(broken: bytes) -> None:
    acceptor = wire.acceptor(sink := FakeSink())
    wire.feed(acceptor, broken + store(1))
    acceptor.outgoing.clear()
    trouble = acceptor.trouble
    wire.feed(acceptor, store(2) + ECHO + wire.REQUEST + wire.A_RELEASE_RQ + wire.A_ABORT_OF_USER)
    assert not acceptor.outgoing
    assert not acceptor.stored
    assert not sink.calls
    assert acceptor.state is State.STA13
    acceptor.happened(Event.TRANSPORT_CLOSED, "the connection was closed")
    assert acceptor.is_over
    assert acceptor.trouble == trouble


ENDED = {
    "released": (wire.A_RELEASE_RQ, wire.A_RELEASE_RP),
    "aborted for an unexpected PDU": (wire.acceptance(), wire.A_ABORT_UNEXPECTED),
}


@pytest.mark.parametrize(("ending", "answer"), ENDED.values(), ids=ENDED)
def test_data_that_comes_after_the_end_is_ignored(ending: bytes, answer: bytes) -> None:
    acceptor = wire.acceptor(sink := FakeSink())
    wire.feed(acceptor, ending + store(1) + p_data_tf(7, 0, b"data") + ECHO, step=50)
    assert wire.said(acceptor) == answer
    assert acceptor.state is State.STA13
    assert not acceptor.stored
    assert not sink.calls


def test_an_abort_before_the_association_closes() -> None:
    acceptor = Acceptor(wire.OFFER, None)
    wire.feed(acceptor, wire.A_ABORT_OF_USER)
    assert acceptor.is_over
    assert not acceptor.outgoing
    assert not acceptor.released


def test_an_abort_within_the_association_ends_it_unanswered() -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, wire.A_ABORT_UNRECOGNIZED)
    assert acceptor.is_over
    assert not acceptor.outgoing
    assert acceptor.trouble == "aborted by the peer's protocol layer: unrecognized PDU"


def test_an_abort_after_the_release_only_closes() -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, wire.A_RELEASE_RQ + wire.A_ABORT_OF_USER)
    assert acceptor.is_over
    assert acceptor.released
    assert wire.said(acceptor) == wire.A_RELEASE_RP


def test_a_release_is_answered_and_then_the_peer_closes() -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, store(1))
    acceptor.outgoing.clear()
    wire.feed(acceptor, wire.A_RELEASE_RQ)
    assert wire.said(acceptor) == wire.A_RELEASE_RP
    assert acceptor.released
    assert not acceptor.is_over
    acceptor.happened(Event.TRANSPORT_CLOSED, "the peer closed the connection")
    assert acceptor.is_over
    assert acceptor.released
    assert not acceptor.trouble


def test_a_release_within_a_command_is_named() -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, p_data_tf(1, COMMAND, STORE[12:40]) + wire.A_RELEASE_RQ)
    assert acceptor.trouble == "released within a message"
    assert not acceptor.released


def test_a_peer_that_releases_and_does_not_close_is_closed_when_artim_expires() -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, wire.A_RELEASE_RQ)
    acceptor.happened(Event.TIMER_EXPIRED, "30 s")
    assert acceptor.is_over
    assert acceptor.released


def test_silence_is_aborted_and_then_artim_runs() -> None:
    acceptor = wire.acceptor()
    acceptor.happened(Event.TIMER_EXPIRED, "nothing came for 60 s")
    assert wire.said(acceptor)[0] == PduType.A_ABORT
    assert acceptor.state is State.STA13
    acceptor.happened(Event.TIMER_EXPIRED, "30 s")
    assert acceptor.is_over
    assert acceptor.trouble == "nothing came for 60 s"


def test_who_calls_is_known_once_associated() -> None:
    acceptor = wire.acceptor()
    assert acceptor.calling_ae_title == "PACS"
    assert acceptor.acceptance is not None
    assert acceptor.acceptance.max_pdu_bytes == 16384
    assert sorted(acceptor.acceptance.contexts) == [1, 3, 5]


UNASSOCIATED = {
    "data": ECHO,
    "a release": wire.A_RELEASE_RQ,
    "bytes of another protocol": b"GET / HTTP/1.1\r\n\r\n",
    "a proposal that does not parse": encode(PduType.A_ASSOCIATE_RQ, bytes(40)),
    "a proposal longer than any": bytes.fromhex("01 00 00040001"),
}


@pytest.mark.parametrize("data", UNASSOCIATED.values(), ids=UNASSOCIATED)
def test_whoever_does_not_propose_first_is_aborted_as_the_standard_asks(data: bytes) -> None:
    acceptor = Acceptor(wire.OFFER, None)
    wire.feed(acceptor, data)
    assert wire.said(acceptor) == wire.A_ABORT_OF_USER  # AA-1, whatever the reason
    assert acceptor.state is State.STA13
    assert acceptor.trouble
    assert acceptor.acceptance is None


def test_a_connection_that_ends_before_the_association_is_named() -> None:
    acceptor = Acceptor(wire.OFFER, None)
    acceptor.happened(Event.TRANSPORT_CLOSED, "closed")
    assert acceptor.is_over
    assert acceptor.trouble == "closed"
    assert not acceptor.released


def test_whoever_comes_when_all_associations_are_taken_is_rejected_for_now() -> None:
    acceptor = Acceptor(wire.OFFER, None, lambda: True)
    wire.feed(acceptor, wire.REQUEST)
    assert wire.said(acceptor) == A_ASSOCIATE_RJ_LOCAL_LIMIT
    assert acceptor.state is State.STA13
    assert acceptor.trouble == "rejected for now: local limit exceeded (source 3, reason 2)"
    assert not acceptor.released


def test_whoever_calls_another_title_is_rejected() -> None:
    acceptor = Acceptor(dataclasses.replace(wire.OFFER, check_called=True), None)
    wire.feed(acceptor, encode_request(wire.proposal(wire.context(1, wire.CT, wire.EXPLICIT), called="NO")))
    assert wire.said(acceptor) == bytes.fromhex("03 00 00000004 00 01 01 07")
    assert acceptor.state is State.STA13
    assert "called AE title not recognized" in acceptor.trouble
    assert acceptor.acceptance is None


def test_who_was_rejected_and_stores_all_the_same_is_ignored() -> None:
    acceptor = Acceptor(wire.OFFER, sink := FakeSink(), lambda: True)
    wire.feed(acceptor, wire.REQUEST)
    acceptor.outgoing.clear()
    wire.feed(acceptor, store(1))
    assert not acceptor.outgoing
    assert not acceptor.stored
    assert not sink.calls


valid = [
    wire.REQUEST,
    STORE,
    FIRST_HALF,
    SECOND_HALF,
    ECHO,
    store(3),
    wire.A_RELEASE_RQ,
    wire.A_ABORT_OF_USER,
]
streams = st.lists(
    st.one_of(
        st.sampled_from([*valid, *BROKEN_MESSAGES.values(), wire.acceptance()]),
        st.sampled_from(valid).flatmap(
            lambda data: st.integers(0, len(data)).map(lambda stop: data[:stop] + data[stop + 1 :])
        ),
        st.builds(p_data_tf, st.integers(0, 8), st.integers(0, 3), st.binary(max_size=30)),
        st.binary(max_size=20),
    ),
    max_size=8,
).map(b"".join)


@settings(max_examples=120, deadline=None)
@given(st.booleans(), streams, st.integers(1, 400))
def test_whatever_comes_the_acceptor_lives_and_every_data_set_ends(
    associated: bool, data: bytes, step: int
) -> None:
    sink = FakeSink()
    acceptor = wire.acceptor(sink) if associated else Acceptor(wire.OFFER, sink)
    wire.feed(acceptor, data, step=step)
    if acceptor.state in (State.STA13, State.STA1):
        assert sink.calls.count("open") == sink.calls.count("close") + sink.calls.count("abandon")
    acceptor.happened(Event.TRANSPORT_CLOSED, "closed")
    assert acceptor.is_over
    assert sink.calls.count("open") == sink.calls.count("close") + sink.calls.count("abandon")
    assert len(sink.kept) == len(acceptor.stored)
    assert [stored.dataset_bytes for stored in acceptor.stored] == [len(kept) for kept in sink.kept]
    stored_responses = wire.said(acceptor).count(bytes.fromhex("0000 0001 02000000 0180"))
    assert stored_responses == len(acceptor.stored)


@settings(max_examples=30, deadline=None)
@given(streams, st.booleans())
def test_whatever_is_repeated_the_acceptor_does_not_grow(data: bytes, associated: bool) -> None:
    acceptor = wire.acceptor() if associated else Acceptor(wire.OFFER, None)
    view = memoryview(data)

    def endlessly() -> None:
        for _ in range(200):
            acceptor.receive(view, 1.0)
            acceptor.outgoing.clear()
            acceptor.stored.clear()

    assert wire.peak_bytes(endlessly) < 512 << 10


ENDLESS = {
    "command fragments": p_data_tf(1, COMMAND, bytes(1000)),
    "empty command fragments": p_data_tf(1, COMMAND, b""),
    "fragments of a Data Set": FIRST_HALF,
    "empty fragments of a Data Set": p_data_tf(1, 0, b""),
}


@pytest.mark.parametrize("fragment", ENDLESS.values(), ids=ENDLESS)
@pytest.mark.parametrize("beginning", [b"", STORE], ids=["before a command", "after one"])
def test_fragments_without_end_do_not_make_it_grow(beginning: bytes, fragment: bytes) -> None:
    acceptor = wire.acceptor()
    wire.feed(acceptor, beginning)
    view = memoryview(fragment * 20)

    def endlessly() -> None:
        for _ in range(100):
            acceptor.receive(view, 1.0)

    assert wire.peak_bytes(endlessly) < 256 << 10
    assert len(acceptor.outgoing) <= 1
