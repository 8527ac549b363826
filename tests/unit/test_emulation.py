import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.link import probe_plan
from lab.link.emulation import Lane, corrupted
from lab.link.netem import queue_limit_packets
from lab.model.profile import DISTRIBUTIONS, Link
from lab.system import store

ratios = st.just(0.0) | st.floats(min_value=0, max_value=1)
links = st.builds(
    Link,
    rate_bit_s=st.none() | st.floats(min_value=1e4, max_value=1e10),
    delay_s=st.floats(min_value=0, max_value=1),
    jitter_s=st.just(0.0) | st.floats(min_value=1e-6, max_value=0.5),
    jitter_distribution=st.sampled_from(DISTRIBUTIONS),
    loss_ratio=ratios,
    loss_burst_packets=st.floats(min_value=1, max_value=10),
    duplicate_ratio=ratios,
    corrupt_ratio=ratios,
    reorder_ratio=ratios,
    buffer_s=st.floats(min_value=0.001, max_value=1),
)
arrivals = st.lists(
    st.tuples(st.floats(min_value=0, max_value=0.1), st.integers(min_value=20, max_value=1500))
)
Arrivals = list[tuple[float, int]]


def lane_of(link: Link, seed: int = 0) -> Lane:
    lane = Lane(seed)
    lane.turn_to(link)
    return lane


def packet_of(size_bytes: int, number: int = 0) -> bytes:
    return b"\x45" + number.to_bytes(4, "big") + bytes(size_bytes - 5)


def departures_s(lane: Lane) -> list[float]:
    return [departure_s for departure_s, _ in lane.waiting]


def take_out(lane: Lane) -> None:
    lane.waiting_bytes -= len(lane.waiting.popleft()[1])


def sent_over(link: Link, packets: int, spacing_s: float, packet_bytes: int) -> tuple[Lane, int]:
    """Evenly spaced packets, taken out when they leave; the lane, and the most that were in it at once."""
    lane, most = lane_of(link), 0
    for number in range(packets):
        now_s = number * spacing_s
        while lane.waiting and lane.waiting[0][0] <= now_s:
            take_out(lane)
        lane.admit(now_s, packet_of(packet_bytes))
        most = max(most, len(lane.waiting))
    return lane, most


def overflow(lane: Lane, packets: int) -> int:
    for _ in range(packets):
        lane.admit(0.0, packet_of(1500))
    return lane.counters.overflowed_packets


@given(links, arrivals, st.integers())
def test_packets_never_leave_before_they_came_nor_overtake_each_other(
    link: Link, packets: Arrivals, seed: int
) -> None:
    lane, now_s = lane_of(link, seed), 0.0
    came_s: dict[bytes, float] = {}
    for number, (gap_s, size) in enumerate(packets):
        now_s += gap_s
        came_s[packet_of(size, number)[1:5]] = now_s
        lane.admit(now_s, packet_of(size, number))
    assert departures_s(lane) == sorted(departures_s(lane))
    if not link.corrupt_ratio:
        numbers = [packet[1:5] for _, packet in lane.waiting]
        assert numbers == sorted(numbers)
        assert all(departure_s >= came_s[packet[1:5]] for departure_s, packet in lane.waiting)


@given(links, arrivals, st.integers())
def test_every_packet_is_passed_lost_or_overflowed(link: Link, packets: Arrivals, seed: int) -> None:
    lane, now_s = lane_of(link, seed), 0.0
    for gap_s, size in packets:
        now_s += gap_s
        lane.admit(now_s, packet_of(size))
    counters, passed = lane.counters, len(lane.at_once) + len(lane.waiting)
    left = passed + counters.lost_packets + counters.overflowed_packets
    assert left == len(packets) + counters.duplicated_packets
    assert max(counters.corrupted_packets, counters.reordered_packets) <= passed


@given(links, arrivals, st.integers())
def test_the_same_seed_and_packets_give_each_the_same_fate(link: Link, packets: Arrivals, seed: int) -> None:
    one, other, now_s = lane_of(link, seed), lane_of(link, seed), 0.0
    for gap_s, size in packets:
        now_s += gap_s
        one.admit(now_s, packet_of(size))
        other.admit(now_s, packet_of(size))
    assert (one.at_once, one.waiting, one.counters) == (other.at_once, other.waiting, other.counters)


@given(links, links, arrivals, arrivals, st.integers())
def test_what_waits_keeps_its_time_when_the_path_changes(
    before: Link, after: Link, first: Arrivals, then: Arrivals, seed: int
) -> None:
    lane = lane_of(before, seed)
    for _, size in first:
        lane.admit(0.0, packet_of(size))
    waiting = list(lane.waiting)
    lane.turn_to(after)
    for _, size in then:
        lane.admit(0.0, packet_of(size))
    assert list(lane.waiting)[: len(waiting)] == waiting
    assert departures_s(lane) == sorted(departures_s(lane))


def test_a_delay_delays_and_nothing_else() -> None:
    lane = lane_of(Link(delay_s=0.02))
    lane.admit(1.0, packet_of(1500))
    lane.admit(1.0, packet_of(1500))
    assert departures_s(lane) == pytest.approx([1.02, 1.02])


def test_a_rate_serialises_whole_ethernet_frames() -> None:
    lane = lane_of(Link(rate_bit_s=100e6, buffer_s=1))
    for _ in range(3):
        lane.admit(0.0, packet_of(1500))
    assert departures_s(lane) == pytest.approx([n * 1514 * 8 / 100e6 for n in (1, 2, 3)])


def test_a_frame_is_serialised_after_its_delay_and_after_the_one_before_it() -> None:
    lane, frame_s = lane_of(Link(rate_bit_s=1e6, delay_s=0.1, buffer_s=1)), 1514 * 8 / 1e6
    for came_s in (0.0, 0.0, 0.2):
        lane.admit(came_s, packet_of(1500))
    assert departures_s(lane) == pytest.approx([0.1 + frame_s, 0.1 + 2 * frame_s, 0.3 + frame_s])


def test_a_queue_holds_as_many_full_frames_as_netem_would() -> None:
    link = Link(rate_bit_s=10e6, delay_s=0.02, buffer_s=0.05)
    assert overflow(lane_of(link), 100) == 100 - queue_limit_packets(link)


def test_a_full_queue_drops_a_packet_and_its_copy_and_takes_again_when_it_has_room() -> None:
    lane = lane_of(Link(rate_bit_s=1e3, buffer_s=0, duplicate_ratio=1))
    assert overflow(lane, 6) == 1
    assert lane.counters.duplicated_packets == 5
    take_out(lane)
    assert overflow(lane, 1) == 1


def test_the_acknowledgements_of_a_full_download_find_room_over_a_satellite() -> None:
    """One for two frames, 52 bytes each: more of them are in flight than netem's limit would let be."""
    geo = store.profile("geo-sat")
    an_ack_s = 2 * 1514 * 8 / (geo.down.rate_bit_s or 0)
    lane, most = sent_over(geo.up, 10_000, an_ack_s, 52)
    assert lane.counters.overflowed_packets == 0
    assert most > queue_limit_packets(geo.up)


long_and_slow = st.builds(
    Link,
    rate_bit_s=st.floats(min_value=1e4, max_value=1e8),
    delay_s=st.floats(min_value=0, max_value=5),
    jitter_s=st.just(0.0) | st.floats(min_value=1e-4, max_value=0.2),
    buffer_s=st.floats(min_value=0, max_value=1),
)


@given(long_and_slow)
@example(Link(rate_bit_s=10e6, delay_s=0.5, buffer_s=0.05))
@pytest.mark.long
def test_what_is_sent_to_prove_a_long_link_overflows_neither_its_queue_nor_netems(link: Link) -> None:
    for stream in probe_plan.timed_streams(link, 5):
        size = stream.payload_bytes + 28
        lane, most = sent_over(link, min(3000, stream.packets), stream.spacing_s, size)
        assert lane.counters.overflowed_packets == 0
        assert most <= queue_limit_packets(link) / 2 + 1


def test_a_packet_that_overtakes_bypasses_rate_and_delay() -> None:
    lane = lane_of(Link(delay_s=1))
    lane.admit(0.0, packet_of(100, 1))
    lane.turn_to(Link(delay_s=1, rate_bit_s=1e3, reorder_ratio=1))
    lane.admit(0.1, packet_of(100, 2))
    assert list(lane.at_once) == [packet_of(100, 2)]
    assert departures_s(lane) == [1.0]
    assert lane.counters.reordered_packets == 1


def test_a_path_without_any_impairment_is_open_unless_packets_still_wait() -> None:
    lane = lane_of(Link(delay_s=1))
    lane.admit(0.0, packet_of(100))
    lane.turn_to(Link())
    assert not lane.is_open
    lane.admit(0.5, packet_of(100))
    assert departures_s(lane) == [1.0, 1.0]
    lane.waiting.clear()
    assert lane.is_open


def test_a_packet_with_nothing_to_wait_for_leaves_at_once() -> None:
    lane = lane_of(Link(loss_ratio=1e-9))
    lane.admit(5.0, packet_of(100))
    assert list(lane.at_once) == [packet_of(100)]
    assert not lane.waiting


@pytest.mark.parametrize("burst", [1, 5])
def test_everything_can_be_lost(burst: float) -> None:
    lane = lane_of(Link(loss_ratio=1, loss_burst_packets=burst, delay_s=0.1))
    for _ in range(1000):
        lane.admit(0.0, packet_of(100))
    assert lane.counters.lost_packets == 1000


@given(st.floats(min_value=0, max_value=1, exclude_max=True), st.integers(min_value=20, max_value=1500))
def test_corruption_flips_one_bit(where: float, size: int) -> None:
    packet = packet_of(size)
    flipped = corrupted(packet, where)
    assert len(flipped) == size
    assert sum((a ^ b).bit_count() for a, b in zip(packet, flipped, strict=True)) == 1


def test_a_flip_in_the_header_is_one_that_no_kernel_mends() -> None:
    packet = packet_of(1000)
    assert {corrupted(packet, bit / 8000)[:20] for bit in range(160)} == {b"\x55" + packet[1:20]}
    assert corrupted(packet, 160 / 8000)[20] == 1
