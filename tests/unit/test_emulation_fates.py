import dataclasses
from collections.abc import Callable
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.link.fates import UNTOUCHED, Fate, Fates
from lab.model.profile import Link

LOST_OF_SEED_7 = [3, 18, 22, 57, 62, 70, 76]
PACKETS = 200
MANY_PACKETS = 100_000
HALF_OF_ALL = Link(
    loss_ratio=0.3,
    loss_burst_packets=3,
    duplicate_ratio=0.4,
    corrupt_ratio=0.5,
    reorder_ratio=0.6,
    jitter_s=0.01,
)
LOSSLESS = dataclasses.replace(HALF_OF_ALL, loss_ratio=0)
IMPAIRMENTS = ("duplicate_ratio", "corrupt_ratio", "reorder_ratio", "jitter_s")
others = st.sets(st.sampled_from(IMPAIRMENTS))
seeds = st.integers()


def fates_of(link: Link, seed: int, packets: int = PACKETS) -> list[tuple[Fate, ...]]:
    fates = Fates(seed)
    fates.turn_to(link)
    return [fates.draw() for _ in range(packets)]


def without(off: set[str]) -> Link:
    return dataclasses.replace(HALF_OF_ALL, **dict.fromkeys(off, 0.0))  # type: ignore[arg-type]


@given(seeds, others)
def test_which_packets_are_lost_depends_on_no_other_impairment(seed: int, off: set[str]) -> None:
    off.add("duplicate_ratio")
    lost = [not fates for fates in fates_of(without(off), seed)]
    assert lost == [not fates for fates in fates_of(without({"duplicate_ratio"}), seed)]


@given(seeds, others)
def test_which_packets_are_duplicated_depends_on_no_other_impairment(seed: int, off: set[str]) -> None:
    doubled = [len(fates) for fates in fates_of(without(off - {"duplicate_ratio"}), seed)]
    assert doubled == [len(fates) for fates in fates_of(HALF_OF_ALL, seed)]


@pytest.mark.parametrize(
    ("impairment", "part"),
    [
        ("corrupt_ratio", lambda fate: fate.flipped),
        ("reorder_ratio", lambda fate: fate.ahead),
        ("jitter_s", lambda fate: fate.jitter_s),
    ],
)
@given(seed=seeds, off=others, loss_ratio=st.floats(min_value=0, max_value=0.5))
@pytest.mark.long
def test_what_befalls_a_packet_depends_on_no_other_impairment(
    impairment: str, part: Callable[[Fate], object], seed: int, off: set[str], loss_ratio: float
) -> None:
    off = off - {impairment}
    alone = fates_of(dataclasses.replace(Link(), **{impairment: getattr(HALF_OF_ALL, impairment)}), seed)
    mixed = fates_of(dataclasses.replace(without(off), loss_ratio=loss_ratio), seed)
    for by_itself, with_others in zip(alone, mixed, strict=True):
        if with_others:
            assert part(by_itself[-1]) == part(with_others[-1])


@given(seeds, st.floats(min_value=0.1, max_value=0.9), st.floats(min_value=0, max_value=1))
def test_what_a_lower_ratio_loses_a_higher_one_loses_too(seed: int, ratio: float, share: float) -> None:
    more = fates_of(Link(loss_ratio=ratio), seed)
    fewer = fates_of(Link(loss_ratio=ratio * share), seed)
    assert all(not m or f for m, f in zip(more, fewer, strict=True))


@given(seeds, st.integers(min_value=0, max_value=PACKETS))
def test_the_streams_go_on_when_the_path_changes(seed: int, turn_at: int) -> None:
    fates = Fates(seed)
    fates.turn_to(LOSSLESS)
    drawn = [fates.draw() for _ in range(turn_at)]
    fates.turn_to(Link())
    assert fates.draw() == (UNTOUCHED,)
    fates.turn_to(LOSSLESS)
    assert drawn + [fates.draw() for _ in range(PACKETS - turn_at)] == fates_of(LOSSLESS, seed)


def test_another_seed_is_another_fate() -> None:
    assert fates_of(HALF_OF_ALL, 1) != fates_of(HALF_OF_ALL, 2)


def test_the_fates_of_a_seed_are_the_same_on_every_machine() -> None:
    lost = [n for n, fates in enumerate(fates_of(Link(loss_ratio=0.05), 7, 100)) if not fates]
    assert lost == LOST_OF_SEED_7


def test_all_or_nothing() -> None:
    all_of_it = Link(duplicate_ratio=1, corrupt_ratio=1, reorder_ratio=1)
    for fates in fates_of(all_of_it, 1):
        assert len(fates) == 2
        assert all(fate.ahead and fate.flipped is not None for fate in fates)
    assert fates_of(Link(loss_ratio=1), 1) == [()] * PACKETS
    assert fates_of(Link(delay_s=1, rate_bit_s=1e6), 1) == [(UNTOUCHED,)] * PACKETS


def test_a_loss_takes_one_of_two() -> None:
    assert {len(fates) for fates in fates_of(Link(loss_ratio=1, duplicate_ratio=1), 1)} == {1}


@pytest.mark.parametrize("ratio", [0.01, 0.2])
@pytest.mark.long
def test_each_impairment_comes_in_the_share_asked_for(ratio: float) -> None:
    link = Link(duplicate_ratio=ratio, corrupt_ratio=ratio, reorder_ratio=ratio)
    fates = fates_of(link, 11, MANY_PACKETS)
    sent = [fate for one in fates for fate in one]
    near = pytest.approx(ratio, rel=0.1)
    assert fmean(len(one) - 1 for one in fates) == near
    assert fmean(fate.flipped is not None for fate in sent) == near
    assert fmean(fate.ahead for fate in sent) == near


@pytest.mark.long
def test_each_bit_is_as_likely_to_be_flipped_as_any_other() -> None:
    places = [fate.flipped or 0.0 for (fate,) in fates_of(Link(corrupt_ratio=1), 3, MANY_PACKETS)]
    tenths = [sum(int(place * 10) == tenth for place in places) for tenth in range(10)]
    assert tenths == pytest.approx([MANY_PACKETS / 10] * 10, rel=0.05)


@pytest.mark.parametrize("burst", [1, 5])
def test_loss_comes_in_the_share_and_the_bursts_asked_for(burst: float) -> None:
    link = Link(loss_ratio=0.05, loss_burst_packets=burst)
    lost = [not fates for fates in fates_of(link, 7, 2 * MANY_PACKETS)]
    bursts = sum(now and not before for before, now in zip([False, *lost], lost, strict=False))
    assert fmean(lost) == pytest.approx(0.05, rel=0.1)
    mean_burst = 1 / 0.95 if burst == 1 else burst
    assert sum(lost) / bursts == pytest.approx(mean_burst, rel=0.1)


@pytest.mark.parametrize("burst", [1, 5])
@pytest.mark.long
def test_a_copy_is_lost_as_often_as_a_packet_that_follows_one_that_was_not(burst: float) -> None:
    link = Link(loss_ratio=0.2, loss_burst_packets=burst, duplicate_ratio=1)
    fates = fates_of(link, 7, MANY_PACKETS)
    lost = [not one for one in fates_of(dataclasses.replace(link, duplicate_ratio=0), 7, MANY_PACKETS)]
    copies = [len(one) == 2 for one, gone in zip(fates, lost, strict=True) if not gone]
    onset = 0.2 if burst == 1 else 0.2 / (5 * 0.8)
    assert 1 - fmean(copies) == pytest.approx(onset, rel=0.1)
