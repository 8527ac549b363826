import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.link.emulation import Lane
from lab.model.profile import Link

links = st.builds(
    Link,
    rate_bit_s=st.none() | st.floats(min_value=1e4, max_value=1e10),
    delay_s=st.floats(min_value=0, max_value=1),
    jitter_s=st.floats(min_value=0, max_value=0.5),
    loss_ratio=st.floats(min_value=0, max_value=0.3),
    loss_burst_packets=st.floats(min_value=1, max_value=10),
    buffer_s=st.floats(min_value=0.001, max_value=1),
)
arrivals = st.lists(
    st.tuples(st.floats(min_value=0, max_value=0.1), st.integers(min_value=20, max_value=1500))
)


@given(links, arrivals, st.integers())
def test_packets_never_leave_before_they_came_nor_overtake_each_other(
    link: Link, packets: list[tuple[float, int]], seed: int
) -> None:
    lane, now_s, last_s = Lane(link, seed), 0.0, 0.0
    for gap_s, size in packets:
        now_s += gap_s
        departure_s = lane.admit(now_s, size)
        if departure_s is not None:
            assert departure_s >= max(now_s, last_s)
            last_s = departure_s


@given(links, arrivals, st.integers())
def test_every_packet_is_passed_lost_or_overflowed(
    link: Link, packets: list[tuple[float, int]], seed: int
) -> None:
    lane, now_s = Lane(link, seed), 0.0
    passed = 0
    for gap_s, size in packets:
        now_s += gap_s
        passed += lane.admit(now_s, size) is not None
    counters = lane.counters
    assert counters.passed_packets == passed
    assert passed + counters.lost_packets + counters.overflowed_packets == len(packets)


@given(links, arrivals, st.integers())
def test_the_same_seed_and_packets_give_each_the_same_fate(
    link: Link, packets: list[tuple[float, int]], seed: int
) -> None:
    one, other, now_s = Lane(link, seed), Lane(link, seed), 0.0
    for gap_s, size in packets:
        now_s += gap_s
        assert one.admit(now_s, size) == other.admit(now_s, size)


def test_a_delay_delays_and_nothing_else() -> None:
    lane = Lane(Link(delay_s=0.02))
    assert lane.admit(1.0, 1500) == pytest.approx(1.02)
    assert lane.admit(1.0, 1500) == pytest.approx(1.02)


def test_a_rate_serialises_whole_ethernet_frames() -> None:
    lane = Lane(Link(rate_bit_s=100e6, buffer_s=1))
    departures = [lane.admit(0.0, 1500) for _ in range(3)]
    assert departures == pytest.approx([n * 1514 * 8 / 100e6 for n in (1, 2, 3)])


def test_what_does_not_fit_into_the_buffer_is_dropped() -> None:
    lane = Lane(Link(rate_bit_s=1e6, buffer_s=0.05))
    fates = [lane.admit(0.0, 1500) for _ in range(10)]
    assert fates.count(None) == 5  # a frame takes 12.1 ms: one on the line, four waiting 12 to 49 ms
    assert lane.counters.overflowed_packets == 5


@pytest.mark.parametrize("burst", [1, 5])
def test_loss_comes_in_the_share_and_the_bursts_asked_for(burst: float) -> None:
    lane = Lane(Link(loss_ratio=0.05, loss_burst_packets=burst), seed=7)
    fates = [lane.admit(float(n), 100) is None for n in range(200_000)]
    bursts = sum(lost and not before for before, lost in zip([False, *fates], fates, strict=False))
    assert sum(fates) / len(fates) == pytest.approx(0.05, rel=0.1)
    mean_burst = 1 / 0.95 if burst == 1 else burst
    assert sum(fates) / bursts == pytest.approx(mean_burst, rel=0.1)
