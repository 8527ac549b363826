import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.bench.doubts import doubts
from lab.bench.predict import stop_and_wait_s
from lab.bench.stats import gaps, mbit_s, quantile, steady_mbit_s
from lab.model.link_state import HostLink, LinkState
from lab.model.profile import Link, Profile
from lab.model.record import Case
from lab.system import store
from tests.unit.studies import arrivals_of, outcome_of, small_study

STUDY = small_study()
CASE = Case(
    study="small", profile=None, shaper="auto", congestion_control="", runs=3, warmup=1, max_pdu_bytes=131072
)


def link(congestion_control: str = "cubic", trouble: str = "") -> LinkState:
    host = HostLink(
        service="orthanc",
        device="eth0",
        shaper="none",
        link=Link(),
        congestion_control=congestion_control,
        kernel_congestion_control=congestion_control,
        dropped_packets=0,
        trouble=trouble,
    )
    return LinkState(profile="baseline", shaper="none", hosts=(host,))


def test_throughput_is_decimal_megabits_of_data_sets_over_the_duration() -> None:
    assert mbit_s(209_577_218, 12.018) == pytest.approx(139.5, abs=0.1)


def test_steady_throughput_leaves_the_first_image_and_its_wait_out() -> None:
    assert steady_mbit_s([10.0, 11.0, 12.0], [999, 125_000, 125_000]) == pytest.approx(1.0)
    assert steady_mbit_s([10.0], [999]) is None


def test_gaps_are_between_ends_in_milliseconds() -> None:
    found = gaps([1.0, 1.01, 1.03, 1.13])
    assert found is not None
    assert (found.p50, found.max) == pytest.approx((20, 100))
    assert gaps([1.0]) is None


@given(st.lists(st.floats(min_value=0, max_value=1e6), min_size=1), st.floats(min_value=0, max_value=1))
def test_a_quantile_is_a_sample_that_its_share_does_not_exceed(samples: list[float], share: float) -> None:
    found = quantile(samples, share)
    assert found in samples
    assert sum(sample <= found for sample in samples) >= share * len(samples) - 1e-9


def test_stop_and_wait_costs_a_round_trip_for_each_instance() -> None:
    wan = store.profile("wan-20ms")
    assert stop_and_wait_s(STUDY, wan, 0.5) == pytest.approx(3 * 0.04 + 0.5)


def test_a_rate_adds_the_time_the_bits_take() -> None:
    slow = Profile(name="s", description="", source="", down=Link(rate_bit_s=1e6), up=Link())
    assert stop_and_wait_s(STUDY, slow, 0.0) == pytest.approx(STUDY.dataset_bytes * 8 / 1e6 * 1514 / 1448)


def codes(
    case: Case = CASE,
    state: LinkState | None = None,
    duration_s: float = 10,
    expected_s: float | None = None,
    rtt_ms: float = 0.1,
) -> set[str]:
    outcome = outcome_of(arrivals_of(STUDY))
    return {d.code for d in doubts(case, outcome, duration_s, expected_s, rtt_ms, state or link())}


def test_a_duration_far_from_its_prediction_is_doubted() -> None:
    assert codes(expected_s=8) == {"prediction_missed"}
    assert codes(expected_s=9) == set()


def test_a_sound_run_carries_no_doubt() -> None:
    assert codes() == set()


def test_a_receiver_that_was_busy_all_the_time_is_doubted() -> None:
    assert codes(duration_s=0.11) == {"receiver_busy"}


def test_images_that_come_as_fast_as_the_receiver_can_take_them_are_doubted() -> None:
    fast = dataclasses.replace(arrivals_of(STUDY), end_s=[0.100, 0.103, 0.106])
    assert {d.code for d in doubts(CASE, outcome_of(fast), 10, None, 0.1, link())} == {"receiver_may_limit"}


def test_fewer_than_three_runs_are_doubted() -> None:
    assert codes(dataclasses.replace(CASE, runs=2)) == {"few_runs"}


def test_bbr_over_a_link_with_latency_is_doubted_and_without_is_not() -> None:
    assert codes(state=link("bbr"), rtt_ms=40) == {"paced_by_bbr"}
    assert codes(state=link("bbr"), rtt_ms=0.1) == set()


def test_a_shaper_in_trouble_is_doubted() -> None:
    assert codes(state=link(trouble="its emulator has died")) == {"link_trouble"}


def test_every_doubt_has_a_remedy() -> None:
    found = doubts(CASE, outcome_of(arrivals_of(STUDY)), 0.01, 5, 40, link("bbr", "broken"))
    assert all(doubt.text and doubt.remedy for doubt in found)
