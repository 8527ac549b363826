"""How sure a median is."""

import random
import statistics
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.statistics.intervals import median_interval, outliers, summary

SAMPLES = st.lists(st.floats(0.001, 1e6), min_size=2, max_size=40)


@given(SAMPLES)
def test_the_interval_holds_the_samples_median_and_lies_within_their_range(samples: list[float]) -> None:
    interval = median_interval(samples)
    assert interval is not None
    assert min(samples) <= interval.low <= statistics.median(samples) <= interval.high <= max(samples)


@pytest.mark.parametrize(("count", "level"), [(2, 0.5), (3, 0.75), (5, 0.9375)])
def test_a_few_runs_do_not_claim_95_percent(count: int, level: float) -> None:
    interval = median_interval([float(number) for number in range(count)])
    assert interval is not None
    assert interval.level == level


@pytest.mark.parametrize("count", [6, 7, 10, 24, 25, 40])
def test_six_runs_and_more_do(count: int) -> None:
    interval = median_interval([float(number) for number in range(count)])
    assert interval is not None
    assert interval.level >= 0.95


def test_one_run_has_no_interval() -> None:
    assert median_interval([1.0]) is None
    assert summary([1.0]).interval is None


@pytest.mark.parametrize("count", [3, 5, 7, 10, 15, 24, 25, 40])
@pytest.mark.long
def test_the_interval_covers_the_true_median_as_often_as_it_says(count: int) -> None:
    draw = random.Random(count)
    true_median = statistics.NormalDist().inv_cdf(0.5)
    held, level = 0, 0.0
    for _ in range(2000):
        interval = median_interval([draw.lognormvariate(true_median, 0.5) for _ in range(count)])
        assert interval is not None
        held += interval.low <= 1.0 <= interval.high
        level = interval.level
    assert held / 2000 >= level - 0.02


def test_cases_of_many_different_lengths_do_not_fill_the_memory() -> None:
    tracemalloc.start()
    try:
        for count in range(100, 160):
            median_interval([float(number) for number in range(count)])
        held_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held_bytes < 20e6


def test_a_run_far_from_the_others_is_an_outlier() -> None:
    assert outliers([1.0, 1.1, 0.9, 1.0, 1.05, 9.0]) == (5,)
    assert outliers([1.0, 1.0, 1.0, 9.0]) == ()
    assert outliers([1.0, 1.1, 0.9, 1.02]) == ()
