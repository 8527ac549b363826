from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.dicom.pdu import (
    A_RELEASE_RP,
    A_RELEASE_RQ,
    COMMAND,
    HEADER,
    LAST,
    AbortReason,
    AbortSource,
    PduType,
    ProtocolViolation,
    a_abort,
    data_set_pdus,
    encode,
    p_data_tf,
)
from lab.dicom.stream import PduStream
from tests.unit import wire

MAX_PDU_BYTES = 256
LARGEST_BODY_BYTES = 256 << 10

Call = tuple[Any, ...]


class Listener:
    """Implements lab.dicom.stream.Handler; keeps copies, and whose views it was given."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.views_of: list[object] = []

    def pdu(self, pdu_type: PduType, body: bytes) -> None:
        self.calls.append(("pdu", pdu_type, body))

    def begin(self, context_id: int, control: int) -> None:
        self.calls.append(("begin", context_id, control))

    def piece(self, data: memoryview) -> None:
        self.calls.append(("piece", bytes(data)))
        self.views_of.append(data.obj)

    def end(self) -> None:
        self.calls.append(("end",))

    def whole(self, context_id: int, control: int, data: memoryview) -> None:
        self.begin(context_id, control)
        self.piece(data)
        self.end()

    @property
    def joined(self) -> list[Call]:
        """The calls, with the pieces of a presentation data value as one."""
        joined: list[Call] = []
        for kind, group in groupby(self.calls, key=lambda call: call[0]):
            calls = list(group)
            if kind == "piece":
                calls = [("piece", b"".join(data for _, data in calls))]
            joined += calls
        return joined


class Deaf:
    """Implements lab.dicom.stream.Handler and keeps nothing."""

    def pdu(self, pdu_type: PduType, body: bytes) -> None:
        pass

    def begin(self, context_id: int, control: int) -> None:
        pass

    def piece(self, data: memoryview) -> None:
        pass

    def end(self) -> None:
        pass

    def whole(self, context_id: int, control: int, data: memoryview) -> None:
        pass


def heard(*reads: bytes, max_pdu_bytes: int = MAX_PDU_BYTES) -> list[Call]:
    """What a listener hears of a stream that comes in these reads, all through the same buffer."""
    listener = Listener()
    stream = PduStream(listener, max_pdu_bytes)
    buffer = bytearray(max(map(len, reads), default=0))
    for data in reads:
        buffer[: len(data)] = data
        stream.feed(memoryview(buffer)[: len(data)])
        buffer[:] = b"\xee" * len(buffer)
    return listener.joined


def violation_of(*reads: bytes, max_pdu_bytes: int = MAX_PDU_BYTES) -> ProtocolViolation:
    with pytest.raises(ProtocolViolation) as caught:
        heard(*reads, max_pdu_bytes=max_pdu_bytes)
    return caught.value


def calls_of_values(values: list[tuple[int, int, bytes]]) -> list[Call]:
    calls: list[Call] = []
    for context_id, control, fragment in values:
        pieces: list[Call] = [("piece", fragment)] if fragment else []
        calls += [("begin", context_id, control), *pieces, ("end",)]
    return calls


octets = st.integers(0, 255)
p_data = st.lists(st.tuples(octets, octets, st.binary(max_size=50)), min_size=1, max_size=4).map(
    lambda values: (wire.p_data(*values), calls_of_values(values))
)
fixed = st.tuples(
    st.sampled_from([PduType.A_ASSOCIATE_RJ, PduType.A_RELEASE_RQ, PduType.A_RELEASE_RP, PduType.A_ABORT]),
    st.binary(min_size=4, max_size=4),
)
associate = st.tuples(
    st.sampled_from([PduType.A_ASSOCIATE_RQ, PduType.A_ASSOCIATE_AC]), st.binary(min_size=1, max_size=90)
)
control_pdus = st.one_of(fixed, associate).map(lambda pdu: (encode(*pdu), [("pdu", *pdu)]))
streams = st.lists(st.one_of(p_data, control_pdus), max_size=8).map(
    lambda pdus: (b"".join(data for data, _ in pdus), [call for _, calls in pdus for call in calls])
)


@settings(max_examples=80, deadline=None)
@given(streams, st.data())
def test_a_stream_cut_anywhere_is_heard_as_it_was_sent(
    stream: tuple[bytes, list[Call]], drawn: st.DataObject
) -> None:
    data, calls = stream
    assert heard(*drawn.draw(wire.reads(data))) == calls


@settings(max_examples=30, deadline=None)
@given(streams)
def test_a_stream_of_single_bytes_is_heard_as_one_that_came_whole(stream: tuple[bytes, list[Call]]) -> None:
    data, calls = stream
    assert heard(data) == calls
    assert heard(*(bytes([octet]) for octet in data)) == calls


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000), st.integers(7, 1000))
def test_a_data_set_cut_into_pdus_comes_out_whole_and_no_pdu_is_longer_than_announced(
    data_set: bytes, max_pdu_bytes: int
) -> None:
    encoded = data_set_pdus(5, data_set, max_pdu_bytes)
    assert all(HEADER.unpack_from(pdu)[1] <= max_pdu_bytes for pdu in encoded)
    calls = heard(b"".join(encoded), max_pdu_bytes=max_pdu_bytes)
    assert b"".join(call[1] for call in calls if call[0] == "piece") == data_set
    headers = [call for call in calls if call[0] == "begin"]
    assert headers == [("begin", 5, 0)] * (len(encoded) - 1) + [("begin", 5, LAST)]


def test_a_data_set_for_who_sets_no_limit_is_one_pdu() -> None:
    data_set = bytes(100_000)
    assert data_set_pdus(5, data_set, 0) == [p_data_tf(5, LAST, data_set)]
    assert heard(p_data_tf(5, LAST, data_set), max_pdu_bytes=0) == calls_of_values([(5, LAST, data_set)])


def test_an_empty_data_set_is_one_empty_fragment() -> None:
    assert data_set_pdus(5, b"", 16384) == [bytes.fromhex("04 00 00000006  00000002 05 02")]


def test_pieces_are_views_of_the_buffer_and_no_copies() -> None:
    listener = Listener()
    buffer = bytearray(p_data_tf(1, LAST, b"twelve bytes"))
    PduStream(listener, 0).feed(memoryview(buffer))
    assert listener.views_of == [buffer]
    assert listener.views_of[0] is buffer


P_DATA_OF_256_BYTES = p_data_tf(1, 0, bytes(250))
HEADERS_OF_257_BYTES = bytes.fromhex(
    "04 00 00000101"  # P-DATA-TF, 257 bytes follow
    "000000FD 01 00"  # of which a presentation data value takes 253
)


def test_a_p_data_tf_may_be_as_long_as_was_announced_and_no_longer() -> None:
    assert heard(P_DATA_OF_256_BYTES, max_pdu_bytes=256)[-1] == ("end",)
    violation = violation_of(HEADERS_OF_257_BYTES, max_pdu_bytes=256)
    assert str(violation) == "a P-DATA-TF of 257 bytes where at most 256 were announced"
    assert heard(HEADERS_OF_257_BYTES, max_pdu_bytes=0) == [("begin", 1, 0)]
    for whole in (HEADERS_OF_257_BYTES + bytes(251), HEADERS_OF_257_BYTES + b"\0"):
        assert str(violation_of(whole, max_pdu_bytes=256)) == str(violation)
        assert heard(whole, max_pdu_bytes=257)[0] == ("begin", 1, 0)


BROKEN_P_DATA = {
    "no item at all": "04 00 00000000",
    "less than an item's header": "04 00 00000005  00000001 03",
    "an item without its control header": "04 00 00000006  00000001 01 03",
    "an item of no length": "04 00 00000006  00000000 01 03",
    "an item one byte longer than its PDU": "04 00 00000008  00000005 01 03",
    "an item much longer than its PDU": "04 00 00000008  FFFFFFFF 01 03",
    "one byte after the last item": "04 00 00000009  00000004 01 03 AAAA BB",
    "five bytes after the last item": "04 00 0000000D  00000004 01 03 AAAA BBBBBBBBBB",
    "a second item longer than its PDU": "04 00 00000010  00000004 01 03 AAAA  00000005 01 03 BBBB",
}


@pytest.mark.parametrize("broken", BROKEN_P_DATA.values(), ids=BROKEN_P_DATA)
def test_lengths_in_a_p_data_tf_that_contradict_each_other_end_it(broken: str) -> None:
    data = bytes.fromhex(broken)
    violations = [violation_of(data), violation_of(*(bytes([octet]) for octet in data))]
    for violation in violations:
        assert violation.reason is AbortReason.INVALID_PDU_PARAMETER_VALUE
        assert violation.source is AbortSource.SERVICE_PROVIDER


def test_the_same_lengths_told_truly_are_taken() -> None:
    data = bytes.fromhex("04 00 00000010  00000004 01 03 AAAA  00000004 01 02 BBBB")
    assert heard(data) == calls_of_values([(1, COMMAND | LAST, b"\xaa\xaa"), (1, LAST, b"\xbb\xbb")])


@pytest.mark.parametrize("pdu_type", [0x00, 0x08, 0x42, 0xFF])
@pytest.mark.parametrize("length", [0, 4, 0xFFFFFFFF])
def test_a_type_the_standard_does_not_know_is_an_unrecognized_pdu(pdu_type: int, length: int) -> None:
    violation = violation_of(A_RELEASE_RQ + HEADER.pack(pdu_type, length))
    assert violation.reason is AbortReason.UNRECOGNIZED_PDU
    assert violation.source is AbortSource.SERVICE_PROVIDER


WRONG_LENGTHS = [
    (PduType.A_ASSOCIATE_RQ, 0),
    (PduType.A_ASSOCIATE_RQ, LARGEST_BODY_BYTES + 1),
    (PduType.A_ASSOCIATE_AC, 0),
    (PduType.A_ASSOCIATE_AC, 0xFFFFFFFF),
    *(
        (pdu_type, length)
        for pdu_type in PduType
        if pdu_type in (3, 5, 6, 7)
        for length in (0, 3, 5, 1 << 31)
    ),
]


@pytest.mark.parametrize(("pdu_type", "length"), WRONG_LENGTHS)
def test_a_length_no_such_pdu_has_ends_it_before_the_body_comes(pdu_type: PduType, length: int) -> None:
    violation = violation_of(HEADER.pack(pdu_type, length))
    assert violation.reason is AbortReason.INVALID_PDU_PARAMETER_VALUE
    assert str(violation) == f"an {pdu_type.name.replace('_', '-')} of {length} bytes"


def test_what_came_before_a_violation_was_heard() -> None:
    listener = Listener()
    abort = a_abort(AbortSource.SERVICE_USER, AbortReason.NOT_SPECIFIED)
    with pytest.raises(ProtocolViolation):
        PduStream(listener, 0).feed(memoryview(A_RELEASE_RP + b"\x42" + bytes(5) + abort))
    assert listener.calls == [("pdu", PduType.A_RELEASE_RP, bytes(4))]


def fed(data: bytes, times: int = 1) -> None:
    """Until it is a violation; whatever else is raised goes through."""
    stream = PduStream(Deaf(), 0)
    try:
        for _ in range(times):
            stream.feed(memoryview(data))
    except ProtocolViolation:
        pass


plausible = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.builds(HEADER.pack, st.integers(0, 9), st.integers(0, 12) | st.integers(0, 0xFFFFFFFF)),
    ),
    max_size=12,
).map(b"".join)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=200), plausible), st.data())
def test_whatever_comes_is_heard_or_a_violation_and_nothing_else(data: bytes, drawn: st.DataObject) -> None:
    outcomes = []
    for reads in ([data], drawn.draw(wire.reads(data))):
        try:
            outcomes.append(repr(heard(*reads)))
        except ProtocolViolation as violation:
            outcomes.append(f"{violation} {violation.reason}")
    assert outcomes[0] == outcomes[1]


ZEROS = bytes(1 << 20)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 7), st.integers(0, 4 << 20) | st.integers(0, 0xFFFFFFFF))
def test_memory_is_bounded_whatever_length_a_header_tells(pdu_type: int, length: int) -> None:
    header = HEADER.pack(pdu_type, length)

    def stream_of_zeros() -> None:
        stream = PduStream(Deaf(), 0)
        try:
            stream.feed(memoryview(header))
            for _ in range(3):
                stream.feed(memoryview(ZEROS))
        except ProtocolViolation:
            pass

    assert wire.peak_bytes(stream_of_zeros) < 3 * LARGEST_BODY_BYTES


def test_memory_does_not_depend_on_the_length_of_a_data_set() -> None:
    head = bytes.fromhex("04 00 10000006  10000002 01 02")  # one presentation data value of 256 MiB
    listener = Deaf()
    stream = PduStream(listener, 0)
    stream.feed(memoryview(head))

    def walk() -> None:
        for _ in range(255):
            stream.feed(memoryview(ZEROS))

    assert wire.peak_bytes(walk) < 4096
    stream.feed(memoryview(ZEROS))
    with pytest.raises(ProtocolViolation, match="PDU type 0x00"):
        stream.feed(memoryview(bytes(6)))


def test_memory_is_not_set_aside_for_what_a_header_promises() -> None:
    promise = HEADER.pack(PduType.A_ASSOCIATE_RQ, LARGEST_BODY_BYTES)
    assert wire.peak_bytes(lambda: fed(promise)) < 8192


def test_memory_of_one_body_is_free_for_the_next() -> None:
    request = encode(PduType.A_ASSOCIATE_RQ, bytes(LARGEST_BODY_BYTES))
    once = wire.peak_bytes(lambda: fed(request))
    assert wire.peak_bytes(lambda: fed(request, times=10)) < 1.5 * once
