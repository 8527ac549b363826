import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.link.tolerances import Range, around, burst_count_range, count_range, mean_burst_range
from tests.unit.probing import bernoulli, gilbert

DRAWS = 400
TRIALS = 8000


def share_within(allowed: Range, counts: list[int]) -> float:
    return sum(allowed.holds(count) for count in counts) / len(counts)


@pytest.mark.parametrize("ratio", [0.001, 0.01, 0.1, 0.5])
@pytest.mark.long
def test_the_count_of_honest_links_is_nearly_always_within(ratio: float) -> None:
    chance = random.Random(1)
    counts = [sum(bernoulli(chance, TRIALS, ratio)) for _ in range(DRAWS)]
    assert share_within(count_range(TRIALS, ratio, ratio), counts) == 1


@pytest.mark.parametrize(("ratio", "burst"), [(0.01, 3), (0.01, 5), (0.05, 10), (0.5, 5)])
@pytest.mark.long
def test_losses_in_bursts_are_within_an_interval_that_knows_of_the_bursts(ratio: float, burst: float) -> None:
    chance = random.Random(2)
    counts = [sum(gilbert(chance, TRIALS, ratio, burst)) for _ in range(DRAWS)]
    assert share_within(count_range(TRIALS, ratio, ratio, burst), counts) > 0.995


def test_an_interval_that_knows_of_no_bursts_is_missed_by_many() -> None:
    chance = random.Random(3)
    counts = [sum(gilbert(chance, TRIALS, 0.01, 5)) for _ in range(DRAWS)]
    assert share_within(count_range(TRIALS, 0.01, 0.01), counts) < 0.95


@pytest.mark.parametrize("factor", [0.5, 2])
def test_a_link_that_is_wrong_by_a_factor_of_two_is_outside(factor: float) -> None:
    chance = random.Random(4)
    counts = [sum(bernoulli(chance, TRIALS, 0.02 * factor)) for _ in range(DRAWS)]
    assert share_within(count_range(TRIALS, 0.02, 0.02), counts) < 0.01


def test_what_must_not_happen_may_not_happen_once() -> None:
    assert count_range(TRIALS, 0, 0) == Range(lowest=0, highest=0)


def test_a_poisson_count_of_ten_has_the_quantiles_of_the_tables() -> None:
    """Poisson(10): P(X <= 1) = 0.0005 and P(X <= 0) = 0.000045; P(X > 25) = 0.00002, P(X > 24) = 0.00005."""
    assert burst_count_range(10, 1) == Range(lowest=1, highest=24)


@given(mean=st.floats(0.01, 5000), burst=st.floats(1, 20))
def test_the_interval_holds_its_mean_and_is_wider_with_bursts(mean: float, burst: float) -> None:
    bursty, single = burst_count_range(mean, burst), burst_count_range(mean, 1)
    assert bursty.lowest <= mean <= bursty.highest + 1
    assert bursty.highest - bursty.lowest >= single.highest - single.lowest - 2


def test_summing_up_and_the_normal_distribution_meet() -> None:
    summed, normal = burst_count_range(299, 1), burst_count_range(301, 1)
    assert (normal.lowest, normal.highest) == pytest.approx((summed.lowest, summed.highest), abs=6)


def test_the_mean_burst_of_honest_links_is_within_and_of_others_is_not() -> None:
    chance = random.Random(5)
    within = dict.fromkeys((2.0, 5.0, 12.0), 0)
    for burst in within:
        for _ in range(DRAWS):
            lengths = [geometric(chance, burst) for _ in range(50)]
            within[burst] += mean_burst_range(5, 50).holds(statistics.fmean(lengths))
    assert within[5.0] == DRAWS
    assert within[2.0] + within[12.0] < 0.05 * DRAWS


def geometric(chance: random.Random, mean: float) -> int:
    length = 1
    while chance.random() >= 1 / mean:
        length += 1
    return length


def test_around_takes_the_larger_allowance_and_the_sampling_error_besides() -> None:
    assert around(100, 0.02, 1) == Range(lowest=98, highest=102)
    assert around(10, 0.02, 1) == Range(lowest=9, highest=11)
    assert around(100, 0.02, 1, 1).highest == pytest.approx(105.89)
