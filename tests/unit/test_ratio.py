"""The ratio between two sets of runs: against scipy, against simulation, and in words."""

import math
import random
import statistics
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.statistics.ratio import (
    CANNOT_TELL,
    FASTER,
    SAME,
    SLOWER,
    Ratio,
    paired_ratio,
    ratio,
    runs_needed,
    surely_above,
    word,
)


@pytest.fixture(scope="module")
def stats() -> Any:
    """scipy's, which takes seconds to import: where no test wants it, nobody waits."""
    from scipy import stats

    return stats


SAMPLES = st.lists(st.floats(0.001, 1e4), min_size=1, max_size=12)
TRIES = 4000


def drawn(seed: int, count: int, factor: float = 1.0) -> list[float]:
    """Skewed, as durations are."""
    draw = random.Random(seed)
    return [factor * draw.lognormvariate(0.0, 0.3) for _ in range(count)]


@pytest.mark.parametrize(("base_runs", "new_runs"), [(5, 5), (3, 9), (8, 5), (12, 20), (30, 30)])
@pytest.mark.long
def test_the_interval_is_what_the_mann_whitney_test_does_not_reject(
    stats: Any, base_runs: int, new_runs: int
) -> None:
    """Just inside either end scipy's exact test keeps the factor, just outside it rejects it."""
    base, new = drawn(1, base_runs), drawn(2, new_runs, 1.4)
    found = ratio(base, new)
    assert found.interval is not None
    for end, outwards in ((found.interval.low, 1 - 1e-9), (found.interval.high, 1 + 1e-9)):
        for factor, rejected in ((end * outwards, True), (end / outwards, False)):
            shifted = [factor * one for one in base]
            test = stats.mannwhitneyu(new, shifted, alternative="two-sided", method="exact")
            assert (test.pvalue <= 0.01) == rejected


@pytest.mark.parametrize("pairs", [8, 9, 15, 30])
@pytest.mark.long
def test_the_interval_of_pairs_is_what_wilcoxons_test_does_not_reject(stats: Any, pairs: int) -> None:
    base, new = drawn(3, pairs), drawn(4, pairs, 1.4)
    found = paired_ratio(base, new)
    assert found.interval is not None
    for end, outwards in ((found.interval.low, 1 - 1e-9), (found.interval.high, 1 + 1e-9)):
        for factor, rejected in ((end * outwards, True), (end / outwards, False)):
            logs = [math.log(one / other / factor) for one, other in zip(new, base, strict=True)]
            assert (stats.wilcoxon(logs, method="exact").pvalue <= 0.01) == rejected


@pytest.mark.parametrize(("base_runs", "new_runs"), [(4, 6), (9, 9)])
@pytest.mark.long
def test_what_the_level_lacks_to_one_is_scipys_p_just_outside(
    stats: Any, base_runs: int, new_runs: int
) -> None:
    base, new = drawn(1, base_runs), drawn(2, new_runs)
    interval = ratio(base, new, level=0.9).interval
    assert interval is not None
    assert interval.level >= 0.9
    shifted = [interval.low * (1 - 1e-9) * one for one in base]
    p_value = stats.mannwhitneyu(new, shifted, method="exact").pvalue
    assert 1 - interval.level == pytest.approx(p_value)


def test_the_estimate_is_the_median_of_all_ratios() -> None:
    base, new = [1.0, 2.0, 4.0], [3.0, 5.0]
    logs = [math.log(one / other) for one, other in product(new, base)]
    assert ratio(base, new).estimate == pytest.approx(math.exp(statistics.median(logs)))


@given(SAMPLES, SAMPLES)
def test_the_other_way_round_is_the_inverse(base: list[float], new: list[float]) -> None:
    there, back = ratio(base, new, level=0.9), ratio(new, base, level=0.9)
    assert there.estimate == pytest.approx(1 / back.estimate)
    if there.interval and back.interval:
        assert there.interval.low == pytest.approx(1 / back.interval.high)
    assert (there.interval is None) == (back.interval is None)


@given(SAMPLES, st.floats(0.1, 10))
def test_a_factor_in_all_runs_is_found_whole(samples: list[float], factor: float) -> None:
    scaled = [factor * one for one in samples]
    assert ratio(samples, scaled).estimate == pytest.approx(factor * ratio(samples, samples).estimate)
    assert paired_ratio(samples, scaled).estimate == pytest.approx(factor)


@pytest.mark.parametrize(
    ("base_runs", "new_runs", "enough"),
    [(5, 5, True), (4, 5, False), (4, 4, False), (3, 9, True), (2, 30, True)],
)
def test_99_percent_need_five_and_five_or_as_many_orders(base_runs: int, new_runs: int, enough: bool) -> None:
    found = ratio(drawn(1, base_runs), drawn(2, new_runs))
    assert (found.interval is not None) == enough
    if found.interval:
        assert found.interval.level >= 0.99


@pytest.mark.parametrize(("pairs", "enough"), [(8, True), (7, False)])
def test_99_percent_need_eight_pairs(pairs: int, enough: bool) -> None:
    assert (paired_ratio(drawn(1, pairs), drawn(2, pairs)).interval is not None) == enough


def test_how_many_runs_would_do_is_what_does() -> None:
    for level in (0.9, 0.95, 0.99):
        needed, pairs = runs_needed(level), runs_needed(level, paired=True)
        for runs in range(1, 12):
            samples = drawn(runs, runs)
            assert (ratio(samples, samples, level=level).interval is not None) == (runs >= needed)
            assert (paired_ratio(samples, samples, level=level).interval is not None) == (runs >= pairs)
    assert (runs_needed(), runs_needed(paired=True)) == (5, 8)


@pytest.mark.parametrize(("base_runs", "new_runs"), [(5, 5), (3, 9), (7, 10), (20, 20)])
@pytest.mark.parametrize("level", [0.9, 0.99])
@pytest.mark.long
def test_the_interval_holds_the_true_ratio_as_often_as_it_says(
    base_runs: int, new_runs: int, level: float
) -> None:
    draw, held, said = np.random.default_rng(base_runs), 0, 0.0
    for _ in range(TRIES):
        base, new = draw.lognormal(0, 0.4, base_runs), 1.3 * draw.lognormal(0, 0.4, new_runs)
        interval = ratio(base.tolist(), new.tolist(), level=level).interval
        assert interval is not None
        held, said = held + (interval.low <= 1.3 <= interval.high), interval.level
    assert said >= level
    assert held / TRIES == pytest.approx(said, abs=4 * math.sqrt(said * (1 - said) / TRIES))


@pytest.mark.parametrize("pairs", [8, 20])
def test_pairs_that_drift_together_are_as_sure_as_they_say(pairs: int) -> None:
    draw, held, said = np.random.default_rng(pairs), 0, 0.0
    for _ in range(TRIES):
        drift = np.linspace(1, 3, pairs)
        base = drift * draw.lognormal(0, 0.02, pairs)
        new = 1.1 * drift * draw.lognormal(0, 0.02, pairs)
        interval = paired_ratio(base.tolist(), new.tolist(), level=0.95).interval
        assert interval is not None
        held, said = held + (interval.low <= 1.1 <= interval.high), interval.level
    assert held / TRIES == pytest.approx(said, abs=4 * math.sqrt(said * (1 - said) / TRIES))


def test_drift_hides_a_difference_from_samples_and_not_from_pairs() -> None:
    drift = [1.0, 1.3, 1.6, 2.0, 2.4, 2.9, 3.5, 4.1]
    base, new = drift, [1.1 * one for one in drift]
    assert word(ratio(base, new), less_is_better=True) == CANNOT_TELL
    assert word(paired_ratio(base, new), less_is_better=True) == SLOWER


def test_beyond_a_hundred_runs_the_normal_distribution_does() -> None:
    """At the seam the exact interval and the approximate one are neighbours."""
    base, new = drawn(1, 101), drawn(2, 101, 1.1)
    many, few = ratio(base, new).interval, ratio(base[:100], new[:100]).interval
    assert many is not None
    assert few is not None
    assert many.low == pytest.approx(few.low, rel=0.02)
    assert many.high == pytest.approx(few.high, rel=0.02)
    assert paired_ratio(base, new).interval is not None


@pytest.mark.parametrize(("base_runs", "new_runs"), [(101, 3), (5, 150), (101, 20), (120, 80)])
@pytest.mark.long
def test_beyond_a_hundred_runs_it_is_as_sure_as_it_says_however_few_the_others_are(
    stats: Any, base_runs: int, new_runs: int
) -> None:
    """What is just outside of it the exact test rejects too."""
    base, new = drawn(1, base_runs), drawn(2, new_runs, 1.4)
    interval = ratio(base, new).interval
    assert interval is not None
    for factor in (interval.low * (1 - 1e-9), interval.high * (1 + 1e-9)):
        shifted = [factor * one for one in base]
        assert stats.mannwhitneyu(new, shifted, method="exact").pvalue <= 0.01


@pytest.mark.parametrize("few", [1, 2])
def test_one_or_two_runs_against_many_have_no_interval_that_is_the_wrong_way_round(few: int) -> None:
    for found in (ratio([1.0] * 101, [1.0] * few), ratio([1.0] * few, [1.0] * 101)):
        assert found.interval is None
        assert word(found, less_is_better=True) == CANNOT_TELL
    assert not surely_above(ratio(drawn(1, 101), drawn(2, few)), 0.05)


def five(*, factor: float = 1.0, spread: float) -> Ratio:
    samples = [1.0, 1 + spread / 4, 1 + spread / 2, 1 + 3 * spread / 4, 1 + spread]
    return ratio(samples, [factor * one for one in samples])


@pytest.mark.parametrize(
    ("factor", "spread", "said"),
    [
        (1.00, 0.01, SAME),
        (1.03, 0.01, SAME),
        (1.045, 0.001, SAME),
        (1.06, 0.001, SLOWER),
        (1.20, 0.05, SLOWER),
        (0.80, 0.05, FASTER),
        (1.00, 0.10, CANNOT_TELL),
        (1.06, 0.10, CANNOT_TELL),
        (1.05, 0.02, SLOWER),
    ],
)
def test_the_word_follows_the_interval(factor: float, spread: float, said: str) -> None:
    assert word(five(factor=factor, spread=spread), less_is_better=True) == said


def test_more_throughput_is_faster_and_the_same_ratio_gets_the_same_word_either_way() -> None:
    assert word(five(factor=1.2, spread=0.01), less_is_better=False) == FASTER
    assert word(five(factor=0.8, spread=0.01), less_is_better=False) == SLOWER
    for factor in (1.051, 1.049, 1.0, 0.9524, 0.9523):
        duration = word(five(factor=factor, spread=0.0), less_is_better=True)
        assert word(five(factor=1 / factor, spread=0.0), less_is_better=False) == duration


def test_too_few_runs_cannot_tell() -> None:
    assert word(ratio([1.0] * 4, [9.0] * 4), less_is_better=True) == CANNOT_TELL
    assert not surely_above(ratio([1.0] * 4, [9.0] * 4), 0.1)


def test_surely_above_is_when_the_lower_end_is() -> None:
    """Five and five: the interval reaches from the smallest ratio to the largest."""
    slower = ratio([1.0] * 4 + [1.01], [1.12] * 4 + [1.2])
    assert slower.interval is not None
    assert slower.interval.low == pytest.approx(1.12 / 1.01)
    assert surely_above(slower, 1.12 / 1.01 - 1 - 1e-9)
    assert not surely_above(slower, 1.12 / 1.01 - 1 + 1e-9)
