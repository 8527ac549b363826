"""What a sitting of cases decides between them: when the link is felt anew, when warm-ups are due."""

import dataclasses

from lab.bench.prepared import warm_first
from lab.bench.shaped_link import is_old
from lab.bench.warm_ups import WarmUps
from tests.unit.plans import plan, settings

COLD_CASE, WARM_CASE = plan('[knobs]\ncache = ["cold", "warm"]\n[repeats]\nwarmup = 2\n').cases[:2]
MIXED = plan('[knobs]\ncache = ["cold", "warm"]\n')


def test_a_path_is_felt_anew_when_it_was_felt_over_three_minutes_ago() -> None:
    assert not is_old(0.0)
    assert not is_old(180.0)
    assert is_old(180.1)


def test_what_is_predicted_of_warm_cases_is_measured_before_the_caches_are_emptied() -> None:
    ordered = dataclasses.replace(MIXED, cases=tuple(warm_first(MIXED.cases)))
    assert settings(MIXED, "cache") == ["cold", "warm"] * 2
    assert settings(ordered, "profile", "cache") == [
        ("baseline", "warm"),
        ("wan-20ms", "warm"),
        ("baseline", "cold"),
        ("wan-20ms", "cold"),
    ]


def test_a_case_has_its_warm_ups_before_its_first_run() -> None:
    warm_ups = WarmUps()
    assert [warm_ups.due(WARM_CASE, number) for number in (1, 2, 1, 2)] == [2, 2, 0, 0]


def test_a_warm_case_has_them_again_when_orthanc_was_started_anew() -> None:
    warm_ups = WarmUps()
    assert warm_ups.due(WARM_CASE, 1) == 2
    warm_ups.orthanc_starts_anew()
    assert [warm_ups.due(WARM_CASE, 1) for _ in range(2)] == [2, 0]


def test_one_case_warms_a_study_for_all_that_move_it() -> None:
    warm_ups = WarmUps()
    storing = dataclasses.replace(WARM_CASE, method="lab")
    round_ = ((WARM_CASE, 1), (WARM_CASE, 2), (storing, 3))
    assert [warm_ups.due(*one) for one in round_] == [2, 2, 2]
    warm_ups.orthanc_starts_anew()
    assert [warm_ups.due(*one) for one in round_] == [2, 0, 2]


def test_a_cold_case_leaves_nothing_warm_and_has_its_own_once() -> None:
    warm_ups = WarmUps()
    due = [warm_ups.due(case, number) for case, number in ((WARM_CASE, 1), (COLD_CASE, 2)) * 2]
    assert due == [2, 2, 2, 0]
