"""What a plan tells while it is run: the run, its figures, how much is left."""

import dataclasses

import pytest

from lab.bench.plan import title_of
from lab.cli.bench.plan_progress import PlanProgress
from lab.link.expect import StudySize
from lab.model.record import Record
from lab.model.spread import Failure
from lab.plans.estimate import estimate
from lab.plans.ordering import Turn
from tests.unit.plans import plan
from tests.unit.quiet import Quiet
from tests.unit.records import record_of, run
from tests.unit.studies import small_study

STUDY = dataclasses.replace(small_study(), name="quick")
PLAN = plan("[repeats]\nat_least = 4\n", 'studies = ["quick"]\nprofiles = ["wan-20ms"]\n')
SIZE = StudySize(name="quick", instances=3, dataset_bytes=STUDY.dataset_bytes)
GUESS_S = estimate(PLAN, {"quick": SIZE}).cases[0].run_s or 0.0
FAILURE = Failure(message="the link is gone", remedy="lab net clear", exit_code=5)


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.at_s = 100.0

    def __call__(self) -> float:
        return self.at_s


def kept(runs: int, failure: Failure | None = None) -> dict[int, Record]:
    durations = [run(duration_s=2.0, throughput_mbit_s=30.5) for _ in range(runs)]
    return {1: record_of(durations, case=PLAN.cases[0], failure=failure)}


def turn(number: int) -> Turn:
    return Turn(number=1, round=number, turn=number)


@pytest.fixture
def quiet() -> Quiet:
    return Quiet()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def progress(quiet: Quiet, clock: Clock) -> PlanProgress:
    return PlanProgress(quiet, PLAN, [STUDY], clock)


def test_a_run_is_a_line_with_its_figures_and_what_is_left(progress: PlanProgress, quiet: Quiet) -> None:
    progress(turn(1), kept(1))
    left = f"about {3 * GUESS_S:.0f} s left"
    assert quiet.said == [
        f"run 1 of case 1 of 1, c-move over wan-20ms: 2 s, 30.5 Mbit/s; 0 cases done, {left}"
    ]


def test_a_failure_is_a_line_with_its_reason_and_its_case_is_done(
    progress: PlanProgress, quiet: Quiet
) -> None:
    progress(turn(1), kept(0, FAILURE))
    assert quiet.said[0].endswith("failed: the link is gone; 1 cases done, about 0 s left")


def test_before_the_first_run_the_guess_is_all_there_is(progress: PlanProgress, clock: Clock) -> None:
    clock.at_s += 3600
    assert progress.left({}) == f"about {4 * GUESS_S:.0f} s left"


def test_guesses_are_stretched_as_those_of_what_is_done_turned_out(
    progress: PlanProgress, clock: Clock
) -> None:
    clock.at_s += 600  # setting up is in the first run, and not again
    progress(turn(1), kept(1))
    clock.at_s += 10 * GUESS_S
    progress(turn(2), kept(2))
    assert progress.left(kept(2)) == f"about {2 * 10 * GUESS_S:.0f} s left"


def test_the_time_left_is_in_the_title_of_the_run_that_is_under_way() -> None:
    title = title_of(PLAN, turn(2), "about 12 min left")
    assert title == "case 1 of 1, run 2, about 12 min left: quick by c-move over wan-20ms"
