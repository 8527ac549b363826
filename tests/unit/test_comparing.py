"""Two sets of runs in figures and words."""

import dataclasses
from typing import Any

import pytest

from lab.model.plan import INTERLEAVED, PlanPlace
from lab.model.spread import Failure
from lab.statistics.comparing import Comparison, compare, rounds_in_turn
from lab.statistics.results import CaseResult
from tests.unit.comparing import FIVE, results, runs, slower
from tests.unit.records import run


def compared(base: list[CaseResult], new: list[CaseResult]) -> Comparison:
    (one,) = compare(base, new).both
    return one


def words(one: Comparison) -> dict[str, str]:
    return {found.measure.name: found.word for found in one.measures}


@pytest.mark.parametrize(
    ("factor", "said"), [(1.3, "slower"), (0.7, "faster"), (1.0, "same"), (1.03, "cannot tell")]
)
def test_all_three_measures_say_the_same_of_one_change(factor: float, said: str) -> None:
    found = words(compared(results(runs()), results(slower(factor))))
    assert found == {"duration": said, "first_image": said, "throughput": said}


def test_medians_and_ratio_are_new_to_base() -> None:
    found = compared(results(runs()), results(slower(1.5))).duration
    assert found.base_median == 1.02
    assert found.new_median == pytest.approx(1.53)
    assert found.ratio is not None
    assert found.ratio.estimate == pytest.approx(1.5)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 30])
@pytest.mark.parametrize("spread", [0.0, 2.0])
def test_the_very_same_runs_are_the_same_however_few_and_however_spread(count: int, spread: float) -> None:
    durations = tuple(1 + spread * number for number in range(count))
    one = compared(results(runs(durations)), results(runs(durations)))
    assert set(words(one).values()) == {"same"}
    assert one.same_runs
    assert not one.is_slower_by(0.0)


def test_other_runs_of_the_same_durations_are_a_sample_like_any() -> None:
    durations = (1.0, 2.0, 3.0, 4.0, 5.0)
    one = compared(results(runs(durations)), results(runs(durations, minute=30)))
    assert set(words(one).values()) == {"cannot tell"}
    few = compared(results(runs(FIVE[:4])), results(runs(FIVE[:4], minute=30)))
    assert set(words(few).values()) == {"cannot tell"}


def test_runs_that_are_on_both_sides_are_counted() -> None:
    one = compared(results(runs()), results([*runs()[:2], *slower(1.2)]))
    assert (one.same_runs, one.shared_runs) == (False, 2)


def test_the_time_between_two_sessions_is_from_the_last_run_to_the_first() -> None:
    assert compared(results(runs()), results(slower(1.0))).apart_s == 26 * 60
    assert compared(results(slower(1.0)), results(runs())).apart_s == 26 * 60
    assert compared(results(runs()), results(slower(1.0, minute=2))).apart_s == 0


def test_a_case_without_runs_cannot_be_told() -> None:
    (failed,) = results(slower(1.0), failure=Failure(message="gone", remedy="", exit_code=4))
    one = compared(results(runs()), [dataclasses.replace(failed, runs=())])
    assert set(words(one).values()) == {"cannot tell"}
    assert one.duration.new_median is None
    assert not one.is_slower_by(0.0)


def test_a_measure_of_zero_has_no_ratio() -> None:
    zeros = [dataclasses.replace(one, throughput_mbit_s=0.0) for one in slower(1.0)]
    assert words(compared(results(runs()), results(zeros)))["throughput"] == "cannot tell"


def place(**changes: Any) -> PlanPlace:
    values: dict[str, Any] = {
        "plan": "x",
        "sha256": "a",
        "order": INTERLEAVED,
        "seed": 1,
        "number": 1,
        "of": 2,
    }
    return PlanPlace(**{**values, **changes})


def in_rounds(second: int, factor: float, rounds: int = 8, **changes: Any) -> list[CaseResult]:
    """A run a round, at that second of the minute; the machine gets slower from round to round."""
    found = [
        run(
            duration_s=factor * 1.3**number,
            round=number,
            started=f"2026-01-01T12:{number:02}:{second:02}.000+00:00",
        )
        for number in range(1, rounds + 1)
    ]
    return results(found, plan=place(**changes))


def test_runs_of_a_round_are_pairs_so_that_drift_drops_out() -> None:
    found = compared(in_rounds(0, 1.0), in_rounds(30, 1.2)).duration
    assert found.ratio is not None
    assert found.ratio.paired
    assert found.word == "slower"


def test_too_few_rounds_are_no_pairs() -> None:
    found = compared(in_rounds(0, 1.0, 7), in_rounds(30, 1.2, 7)).duration
    assert found.ratio is not None
    assert not found.ratio.paired


@pytest.mark.parametrize("changes", [{"order": "random"}, {"sha256": "b"}, {"seed": 2}])
def test_rounds_of_different_plans_are_no_pairs(changes: dict[str, Any]) -> None:
    assert rounds_in_turn(*in_rounds(0, 1.0), *in_rounds(30, 1.2)) != []
    assert rounds_in_turn(*in_rounds(0, 1.0), *in_rounds(30, 1.2, **changes)) == []


def test_rounds_of_two_runs_of_one_plan_are_no_pairs() -> None:
    (base,), (new,) = in_rounds(0, 1.0), in_rounds(30, 1.2)
    later = tuple(dataclasses.replace(one, started=one.started.replace("T12", "T13")) for one in new.runs)
    assert rounds_in_turn(base, dataclasses.replace(new, runs=later)) == []


def test_a_plan_that_was_run_twice_has_no_pairs() -> None:
    (base,), (new,) = in_rounds(0, 1.0), in_rounds(30, 1.2)
    twice = dataclasses.replace(base, runs=(*base.runs, *new.runs))
    assert rounds_in_turn(twice, new) == []
