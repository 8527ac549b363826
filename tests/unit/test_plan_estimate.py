import time

import pytest

from lab.link.expect import StudySize
from lab.plans import estimate as of
from lab.plans.estimate import estimate
from tests.unit.plans import plan

REFERENCE = StudySize(name="quick", instances=1000, dataset_bytes=200_000_000)
UNMADE = StudySize(name="quick", instances=1000, dataset_bytes=None)
UNSHAPED_S = 2.0 + 0.5  # bytes and instances
WAN = 'studies = ["quick"]\nprofiles = ["wan-20ms"]\n'
WAN_SWITCH_S = of.SWITCH_S + 2  # a second of slow start is left out each way
SLOW = 'studies = ["quick"]\nprofiles = ["lan-100m"]\n'


def one_run_s(rest: str = "", lists: str = WAN, size: StudySize = REFERENCE) -> float | None:
    (case,) = estimate(plan(rest, lists), {"quick": size}).cases
    return case.run_s


def test_an_instance_costs_its_round_trip_and_what_it_takes_unshaped() -> None:
    assert one_run_s() == pytest.approx(1000 * 0.04 + UNSHAPED_S + of.RUN_S)


@pytest.mark.parametrize(
    ("rest", "seconds"),
    [
        ("[knobs]\nparallel = 4", 250 * 0.04 + UNSHAPED_S),
        ('[knobs]\ncongestion_control = "bbr"', 1000 * 0.06 + UNSHAPED_S),
        ('[knobs]\nack = "delayed"', 1000 * 0.085 + UNSHAPED_S),
        ('[knobs]\ncache = "cold"', 1000 * 0.04 + UNSHAPED_S + of.RESTART_S),
        ('methods = "rest"', 1000 * 0.04 + 2 * UNSHAPED_S),
    ],
)
def test_a_knob_that_changes_the_time_changes_the_estimate(rest: str, seconds: float) -> None:
    assert one_run_s(rest) == pytest.approx(seconds + of.RUN_S)


def test_parallel_associations_share_the_rate() -> None:
    one, four = (one_run_s(f"[knobs]\nparallel = {count}", SLOW) for count in (1, 4))
    assert one is not None
    assert four is not None
    assert one - four == pytest.approx(750 * 0.0004)
    assert four > 200_000_000 * 8 / 100e6


def test_a_study_of_unknown_size_has_no_estimate_over_a_rate_and_is_counted() -> None:
    assert one_run_s(lists=SLOW, size=UNMADE) is None
    found = estimate(plan(lists=SLOW), {"quick": UNMADE})
    assert found.unknown == 1
    assert one_run_s(lists=WAN, size=UNMADE) == pytest.approx(40 + 0.5 + of.RUN_S)


def test_a_plan_takes_its_runs_its_warm_ups_and_the_switches_between_them() -> None:
    found = estimate(plan("[repeats]\nat_least = 5"), {"quick": REFERENCE})
    runs_s = UNSHAPED_S + 40 + UNSHAPED_S + 2 * of.RUN_S
    assert found.least_s == pytest.approx(6 * runs_s + 5 * (of.SWITCH_S + WAN_SWITCH_S) + of.STUDY_S)
    assert found.most_s == found.least_s


def test_a_path_of_a_long_round_trip_takes_longer_to_feel() -> None:
    far = plan("[knobs]\nparallel = 64", 'studies = ["quick"]\nprofiles = ["geo-sat"]\n')
    found = estimate(far, {"quick": REFERENCE})
    runs_s = 4 * (found.cases[0].run_s or 0.0)
    slow_start_s = 2 * 6 + (6 - 2) + (6 - 1)  # left out both ways, and counted as long
    assert found.least_s == pytest.approx(runs_s + of.SWITCH_S + slow_start_s + of.STUDY_S)


def test_what_is_not_interleaved_switches_once() -> None:
    listed = estimate(plan('[order]\nhow = "listed"'), {"quick": REFERENCE})
    interleaved = estimate(plan(), {"quick": REFERENCE})
    assert interleaved.least_s - listed.least_s == pytest.approx((3 - 1) * (of.SWITCH_S + WAN_SWITCH_S))


def test_settings_of_orthanc_restart_it_and_the_link_is_shaped_anew() -> None:
    twice = estimate(plan("[knobs]\northanc = [{}, { ConcurrentJobs = 4 }]", WAN), {"quick": REFERENCE})
    once = estimate(plan("", WAN), {"quick": REFERENCE})
    more_s = 4 * (40 + UNSHAPED_S + of.RUN_S) + 3 * 2 * of.RESTART_S + (3 * 2 - 1) * WAN_SWITCH_S
    more_s += (3 - 1) * 2 * (40 + UNSHAPED_S + of.RUN_S)  # warm-ups again in the second and third round
    assert twice.least_s - once.least_s == pytest.approx(more_s)


def test_a_warm_case_is_warmed_up_in_every_round_that_has_a_cold_one() -> None:
    both, cold = (
        estimate(plan(f"[knobs]\ncache = {caches}", WAN), {"quick": REFERENCE}).least_s
        for caches in ('["warm", "cold"]', '"cold"')
    )
    assert both - cold == pytest.approx(3 * 2 * (40 + UNSHAPED_S + of.RUN_S))


def test_more_runs_at_most_take_longer_at_most() -> None:
    found = estimate(plan('[repeats]\nat_least = 5\nat_most = 20\nwithin = "5%"'), {"quick": REFERENCE})
    assert found.most_s > 3 * found.least_s


def test_a_budget_ends_what_at_most_would_go_on_with() -> None:
    adaptive = '[repeats]\nat_least = 3\nat_most = 20\nwithin = "5%"\n'
    five, three, all_of_them = (
        estimate(plan(f'{adaptive}budget = "{budget}"', WAN), {"quick": REFERENCE}).most_s
        for budget in ("200s", "60s", "9000s")
    )
    assert five - three == pytest.approx(2 * (40 + UNSHAPED_S + of.RUN_S))
    assert all_of_them - three == pytest.approx(17 * (40 + UNSHAPED_S + of.RUN_S))


def test_a_thousand_cases_are_estimated_at_once() -> None:
    sizes = list(range(4096, 4096 + 500))
    large = plan(f'[knobs]\nmax_pdu = {sizes}\n[repeats]\nat_least = 6\nat_most = 1000\nwithin = "1%"\n')
    begun_s = time.process_time()
    estimate(large, {"quick": REFERENCE})
    assert len(large.cases) == 1000
    assert time.process_time() - begun_s < 2
