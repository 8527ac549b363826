"""What a sitting of cases decides between them: when the link is felt anew, when warm-ups are due."""

import dataclasses

from lab.bench.prepared import warm_first
from lab.bench.shaped_link import is_old
from tests.unit.plans import plan, settings

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
