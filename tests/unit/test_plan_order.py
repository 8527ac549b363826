import dataclasses
import math
import random
import statistics
from collections.abc import Iterator
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.model.plan import ORDERS, Plan, Repeats
from lab.plans.enough import FEWEST_FOR_AN_INTERVAL, LEVEL, enough, finished
from lab.plans.ordering import Turn, link_of, next_turn, round_order, settings_of
from lab.statistics.intervals import median_interval
from tests.unit.plans import plan

SWEEP = plan(
    "[knobs]\nmax_pdu = [4096, 16384, 65536]\northanc = [{}, { ConcurrentJobs = 4 }]\n",
    'studies = ["quick"]\nprofiles = ["baseline", "wan-20ms", "lan-1g"]\n',
)
EIGHTEEN = range(1, 19)
ADAPTIVE = Repeats(at_least=3, at_most=12, within_ratio=0.05)


def ordered(how: str, seed: int = 1, repeats: Repeats = ADAPTIVE) -> Plan:
    return dataclasses.replace(SWEEP, order=how, seed=seed, repeats=repeats)


def made_up_s(number: int, round_: int) -> float:
    """How long a run takes: the same whenever it is made; some cases vary, some do not."""
    return 1.0 + (number * 37 + round_ * 61) % 17 * (number % 3) / 20


def goes_on(found: Plan, durations_s: dict[int, list[float]]) -> Iterator[Turn]:
    """What is run from here to the end."""
    while True:
        runs = {number: len(taken) for number, taken in durations_s.items()}
        turn = next_turn(found, runs, finished(found, durations_s))
        if turn is None:
            return
        durations_s.setdefault(turn.number, []).append(made_up_s(turn.number, turn.round))
        yield turn


@pytest.mark.parametrize("how", ORDERS)
def test_every_case_is_run_until_it_has_enough(how: str) -> None:
    durations_s: dict[int, list[float]] = {}
    turns = list(goes_on(ordered(how), durations_s))
    assert all(enough(ADAPTIVE, durations_s[number]) for number in EIGHTEEN)
    assert not any(enough(ADAPTIVE, durations_s[number][:-1]) for number in EIGHTEEN)
    assert [turn.turn for turn in turns] == list(range(1, len(turns) + 1))
    assert len({len(taken) for taken in durations_s.values()}) > 1


@settings(deadline=None, max_examples=50)  # each runs a plan twice
@given(how=st.sampled_from(ORDERS), seed=st.integers(0, 2**63 - 1), data=st.data())
@pytest.mark.long
def test_a_plan_that_was_interrupted_goes_on_as_it_would_have_gone_on(
    how: str, seed: int, data: st.DataObject
) -> None:
    found = ordered(how, seed)
    whole = list(goes_on(found, {}))
    kept = data.draw(st.integers(0, len(whole)))
    on_disk: dict[int, list[float]] = {}
    for turn in whole[:kept]:
        on_disk.setdefault(turn.number, []).append(made_up_s(turn.number, turn.round))
    assert list(goes_on(found, on_disk)) == whole[kept:]


@given(seed=st.integers(0, 2**63 - 1), round_=st.integers(1, 100))
def test_in_a_round_every_case_comes_once_and_nothing_dear_is_changed_twice(seed: int, round_: int) -> None:
    cases = [SWEEP.cases[number - 1] for number in round_order(ordered("interleaved", seed), round_)]
    assert sorted(round_order(ordered("interleaved", seed), round_)) == list(EIGHTEEN)
    assert len(list(groupby(cases, settings_of))) == 2
    assert len(list(groupby(cases, lambda case: (settings_of(case), link_of(case))))) == 6


def test_each_round_has_an_order_of_its_own_which_the_seed_decides() -> None:
    rounds = {round_order(ordered("interleaved"), round_) for round_ in range(1, 11)}
    assert len(rounds) == 10
    assert round_order(ordered("interleaved", 2), 1) != round_order(ordered("interleaved", 1), 1)


def test_the_order_of_a_seed_is_the_same_on_every_machine() -> None:
    first = (17, 18, 16, 15, 14, 13, 12, 11, 10, 4, 5, 6, 7, 9, 8, 3, 2, 1)
    assert round_order(ordered("interleaved"), 1) == first


def test_an_interleaved_plan_is_run_round_by_round() -> None:
    found = ordered("interleaved", repeats=Repeats())
    turns = [(turn.number, turn.round) for turn in goes_on(found, {})]
    assert turns == [(number, round_) for round_ in (1, 2, 3) for number in round_order(found, round_)]


def test_listed_cases_come_in_the_order_of_the_file_and_each_to_its_end() -> None:
    turns = list(goes_on(ordered("listed", repeats=Repeats()), {}))
    assert [turn.number for turn in turns] == [number for number in EIGHTEEN for _ in range(3)]


def test_random_cases_are_shuffled_once_and_each_run_to_its_end() -> None:
    numbers = [turn.number for turn in goes_on(ordered("random", repeats=Repeats()), {})]
    order = [number for number, _ in groupby(numbers)]
    assert sorted(order) == list(EIGHTEEN)
    assert order != list(EIGHTEEN)
    assert order == list(round_order(ordered("random"), 1))


def test_a_case_that_failed_is_left_out_and_the_others_keep_their_places() -> None:
    found = ordered("interleaved", repeats=Repeats())
    whole = [turn.number for turn in goes_on(found, {})]
    without = []
    durations_s: dict[int, list[float]] = {}
    while turn := next_turn(
        found, {n: len(taken) for n, taken in durations_s.items()}, finished(found, durations_s, {3})
    ):
        durations_s.setdefault(turn.number, []).append(1.0)
        without.append(turn.number)
    assert without == [number for number in whole if number != 3]


def test_a_run_that_was_lost_is_made_up_for_first() -> None:
    runs = dict.fromkeys(EIGHTEEN, 2)
    runs[5] = 1
    turn = next_turn(ordered("interleaved"), runs, ())
    assert turn == Turn(number=5, round=2, turn=36)


@pytest.mark.parametrize(
    ("repeats", "durations_s", "is_enough"),
    [
        (Repeats(at_least=3, at_most=3), [1.0, 9.0], False),
        (Repeats(at_least=3, at_most=3), [1.0, 9.0, 5.0], True),
        (ADAPTIVE, [1.0] * 7, False),  # their range holds the median in 98.4 of 100 cases only
        (ADAPTIVE, [1.0] * 8, True),
        (ADAPTIVE, [*[1.0] * 7, 1.06], False),
        (ADAPTIVE, [*[1.0] * 7, 1.04], True),
        (ADAPTIVE, [1.0, 2.0, 3.0] * 4, True),
        (dataclasses.replace(ADAPTIVE, budget_s=7.0), [1.0, 5.9, 0.0], False),
        (dataclasses.replace(ADAPTIVE, budget_s=7.0), [1.0, 6.0, 0.0], True),
        (dataclasses.replace(ADAPTIVE, budget_s=7.0), [9.0, 9.0], False),
        (Repeats(at_least=30, at_most=60, within_ratio=0.05), [1.0, 1.01] * 15, True),
    ],
)
def test_enough_is_at_least_and_then_a_known_median_a_spent_budget_or_at_most(
    repeats: Repeats, durations_s: list[float], is_enough: bool
) -> None:
    assert enough(repeats, durations_s) is is_enough


@given(st.lists(st.floats(min_value=0.01, max_value=1e4), min_size=3, max_size=40))
def test_a_median_that_counts_as_known_has_its_interval_within_the_share(durations_s: list[float]) -> None:
    repeats = Repeats(at_least=3, at_most=100, within_ratio=0.1)
    if enough(repeats, durations_s):
        interval, median = median_interval(durations_s), statistics.median(durations_s)
        assert interval is not None
        assert interval.level >= 0.95
        assert 0.9 * median <= interval.low * (1 + 1e-9)
        assert interval.high <= 1.1 * median * (1 + 1e-9)


def test_fewer_samples_than_the_parser_asks_for_have_no_interval_of_99_percent() -> None:
    few, many = (
        median_interval([1.0] * count, LEVEL)
        for count in (FEWEST_FOR_AN_INTERVAL - 1, FEWEST_FOR_AN_INTERVAL)
    )
    assert few is not None
    assert many is not None
    assert few.level < LEVEL <= many.level


def test_runs_that_were_stopped_when_they_seemed_enough_hold_the_median_as_often_as_they_say() -> None:
    """19 of 20 experiments: the spread is one at which many stop early, and some go on to the end."""
    drawn = random.Random(1)
    held = sum(_holds(drawn) for _ in range(1500))
    assert held >= 0.95 * 1500


def _holds(drawn: random.Random) -> bool:
    durations_s: list[float] = []
    while not enough(Repeats(at_least=5, at_most=20, within_ratio=0.05), durations_s):
        durations_s.append(math.exp(drawn.gauss(0, 0.06)))
    interval = median_interval(durations_s)
    return interval is not None and interval.low <= 1 <= interval.high
