"""Packets, figures and plans of a probe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.link import probe_plan
from lab.link.probe_figures import lost_sequences, overtaking, runs, spread, steady_bit_s, undisturbed_packets
from lab.link.probe_packet import HEADER_BYTES, HEADERS_BYTES, decode, encode, stream_of
from lab.model.probe import Arrived
from lab.model.profile import Link

PAYLOAD_BYTES = 160


def arrived(sequence: tuple[int, ...], delay_us: tuple[float, ...] = ()) -> Arrived:
    return Arrived(
        sequence=sequence,
        sent_us=tuple(1000.0 * number for number in sequence),
        delay_us=delay_us or (10.0,) * len(sequence),
        corrupted=(),
        packets=len(sequence),
        steady_bit_s=None,
    )


def test_a_packet_as_it_was_sent_is_intact() -> None:
    packet = decode(encode(3, 70000, 1_900_000_000_000_000_000, PAYLOAD_BYTES))
    assert packet is not None
    assert (packet.stream, packet.sequence, packet.sent_ns) == (3, 70000, 1_900_000_000_000_000_000)
    assert packet.intact


@given(bit=st.integers(0, PAYLOAD_BYTES * 8 - 1), sequence=st.integers(0, 2**32 - 1))
def test_a_flipped_bit_is_seen_and_the_packet_still_known(bit: int, sequence: int) -> None:
    payload = bytearray(encode(1, sequence, 12345, PAYLOAD_BYTES))
    payload[bit // 8] ^= 1 << bit % 8
    packet = decode(bytes(payload))
    assert packet is not None
    assert (packet.sequence, packet.intact) == (sequence, False)


@given(st.binary(max_size=200))
def test_what_is_no_probe_is_none(payload: bytes) -> None:
    assert decode(payload) is None


def test_a_packet_that_was_cut_short_is_known_and_not_intact() -> None:
    packet = decode(encode(1, 7, 12345, PAYLOAD_BYTES)[:-HEADER_BYTES])
    assert packet is not None
    assert (packet.sequence, packet.intact) == (7, False)


def test_the_stream_is_told_by_the_first_bytes() -> None:
    assert stream_of(encode(5, 0, 0, PAYLOAD_BYTES)) == 5


def test_what_never_came_is_lost_and_what_came_twice_is_not() -> None:
    lost = lost_sequences(10, arrived((0, 1, 1, 4, 9, 5)))
    assert lost == [2, 3, 6, 7, 8]
    assert runs(lost) == 2


def test_a_packet_overtakes_when_an_earlier_one_is_still_to_come() -> None:
    assert overtaking((0, 3, 1, 2, 4)) == {3}
    assert overtaking((0, 1, 1, 2, 0)) == set()
    assert overtaking((5, 6, 0, 1)) == {5, 6}


@given(st.permutations(range(12)))
def test_only_the_ordered_overtake_nothing(order: list[int]) -> None:
    assert (overtaking(order) == set()) == (order == sorted(order))


def test_the_delays_of_those_that_overtook_are_left_out() -> None:
    packets = undisturbed_packets(arrived((0, 2, 1, 1, 3), (10_000, 50, 11_000, 99_000, 12_000)))
    assert packets == [(0, 10.0), (1.0, 11.0), (3.0, 12.0)]


def test_the_spread_does_not_see_a_single_stall() -> None:
    assert spread([1.0] * 99 + [500.0]) == 0
    assert spread(range(101)) == pytest.approx(80)


def test_the_steady_rate_is_not_moved_by_how_it_begins_nor_by_one_stall() -> None:
    """1000 packets of 1250 bytes, a millisecond apart: 10 Mbit/s."""
    at_ns = [
        max(0, number - 100) * 1_000_000 + (300_000_000 if number > 700 else 0) for number in range(1000)
    ]
    assert steady_bit_s(at_ns, [1250] * 1000) == pytest.approx(10e6, rel=1e-9)


def test_a_few_packets_are_no_rate() -> None:
    assert steady_bit_s(range(39), [100] * 39) is None


@given(rate_bit_s=st.floats(9600, 10e9), jitter_s=st.floats(0, 0.05), seconds=st.floats(5, 60))
def test_a_timed_stream_takes_a_quarter_of_the_rate_at_most(
    rate_bit_s: float, jitter_s: float, seconds: float
) -> None:
    for stream in probe_plan.timed_streams(Link(rate_bit_s=rate_bit_s, jitter_s=jitter_s), seconds):
        sent_bit_s = (stream.payload_bytes + HEADERS_BYTES) * 8 / stream.spacing_s
        assert sent_bit_s <= 0.251 * rate_bit_s
        assert stream.spacing_s >= 0.0005
        assert stream.packets == 60 or stream.lasts_s <= 0.4 * seconds + stream.spacing_s


@given(rate_bit_s=st.floats(9600, 10e9), loss_ratio=st.floats(0, 0.5), seconds=st.floats(5, 60))
def test_a_flood_is_more_than_the_rate_carries_and_ends(
    rate_bit_s: float, loss_ratio: float, seconds: float
) -> None:
    stream = probe_plan.flood(Link(rate_bit_s=rate_bit_s, loss_ratio=loss_ratio), seconds)
    arriving_bit_s = (stream.payload_bytes + HEADERS_BYTES) * 8 / stream.spacing_s * (1 - loss_ratio)
    assert arriving_bit_s == pytest.approx(1.2 * rate_bit_s)
    assert stream.packets == 60 or stream.lasts_s <= 0.11 * seconds


@given(st.lists(st.floats(8, 10e9), min_size=1))
def test_pings_beside_a_run_take_a_hundredth_of_the_slowest_link_at_most(rates_bit_s: list[float]) -> None:
    spacing_s = probe_plan.ping_spacing_beside_a_run_s([Link(rate_bit_s=rate) for rate in rates_bit_s])
    assert 98 * 8 / spacing_s <= 0.01001 * min(rates_bit_s)
    assert spacing_s >= 0.2


def test_where_no_rate_is_set_there_are_five_pings_a_second() -> None:
    assert [probe_plan.ping_spacing_beside_a_run_s(links) for links in ([], [Link(delay_s=1)])] == [0.2, 0.2]
