import dataclasses
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.bench.doubts import doubts
from lab.bench.known import Felt, Known
from lab.model.case import Case
from lab.model.conditions import EmulatorRecord, Flow
from lab.model.exchange import Ceiling, MoveOutcome
from lab.model.link_state import LinkState
from lab.model.path import Path
from lab.model.prediction import Prediction
from lab.model.profile import Link, Profile
from lab.model.spread import Doubt
from lab.statistics.summary import gaps, mbit_s, quantile, steady_mbit_s
from lab.system import store
from tests.unit.hosts import plain_host
from tests.unit.records import no_link
from tests.unit.studies import arrivals_of, outcome_of, small_study

STUDY = small_study()
CASE = Case(
    study="small", profile=None, shaper="auto", congestion_control="", runs=3, warmup=1, max_pdu_bytes=131072
)


def link(congestion_control: str = "cubic", trouble: str = "") -> LinkState:
    host = plain_host(congestion_control, trouble=trouble)
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


def codes(
    case: Case = CASE,
    state: LinkState | None = None,
    *,
    rtt_ms: float = 0.1,
    path_mbit_s: float | None = None,
    expected_s: float | None = None,
    ceiling_mbit_s: float = 12000.0,
    outcome: MoveOutcome | None = None,
    emulator: EmulatorRecord | None = None,
    **changes: Any,
) -> set[str]:
    """Codes of the doubts about a run; ``changes`` are to its arrivals."""
    return {
        doubt.code
        for doubt in found(
            case, state, rtt_ms, path_mbit_s, expected_s, ceiling_mbit_s, outcome, emulator, changes
        )
    }


def predicted(duration_s: float) -> Prediction:
    return Prediction(
        duration_s=duration_s, instances=3, round_trip_s=0.0, bits_s=0.0, server_s=0.0, helps=[]
    )


def found(
    case: Case,
    state: LinkState | None,
    rtt_ms: float,
    path_mbit_s: float | None,
    expected_s: float | None,
    ceiling_mbit_s: float,
    outcome: MoveOutcome | None,
    emulator: EmulatorRecord | None,
    changes: dict[str, Any],
) -> list[Doubt]:
    known = Known(
        felt=Felt(
            state=state or link(),
            rtt_ms=rtt_ms,
            path=Path(down=Flow(mbit_s=path_mbit_s), up=None, congestion_control={}),
        ),
        prediction=None if expected_s is None else predicted(expected_s),
        ceiling=Ceiling(mbit_s=ceiling_mbit_s, receiver_cpu_s_per_gb=0.4),
    )
    outcome = outcome or outcome_of(dataclasses.replace(arrivals_of(STUDY), **changes))
    return doubts(case, known, outcome, dataclasses.replace(no_link(), emulator=emulator))


def costing(**changes: Any) -> MoveOutcome:
    outcome = outcome_of(arrivals_of(STUDY))
    return dataclasses.replace(outcome, cost=dataclasses.replace(outcome.cost, **changes))


def test_a_duration_far_from_its_prediction_is_doubted() -> None:
    shaped = dataclasses.replace(CASE, profile=store.profile("wan-20ms"))
    assert codes(shaped, expected_s=0.2) == {"prediction_missed"}
    assert codes(shaped, expected_s=0.29) == set()
    assert codes(expected_s=0.2) == set()


def test_a_sound_run_carries_no_doubt() -> None:
    assert codes() == set()


def emulating(**changes: Any) -> EmulatorRecord:
    sound = EmulatorRecord(ceiling_mbit_s=900.0, busiest_cpu_share=0.2, late_p99_ms=0.2, late_max_ms=3.0)
    return dataclasses.replace(sound, **changes)


def test_an_emulator_that_sends_late_or_is_near_its_ceiling_is_doubted() -> None:
    assert codes(emulator=emulating()) == set()
    assert codes(emulator=emulating(late_p99_ms=1.2)) == {"emulator_late"}
    assert codes(emulator=emulating(busiest_cpu_share=0.9)) == {"emulator_near_ceiling"}
    assert codes(emulator=emulating(ceiling_mbit_s=1e-4)) == {"emulator_near_ceiling"}


def test_a_congestion_control_that_had_to_stand_in_for_cubic_is_doubted() -> None:
    wan = dataclasses.replace(CASE, profile=store.profile("wan-20ms"), congestion_control="auto")
    assert codes(wan, link("reno")) == {"not_the_usual_congestion_control"}
    assert codes(wan, link("cubic")) == set()
    assert codes(dataclasses.replace(wan, congestion_control="reno"), link("reno")) == set()


def test_a_receiving_process_that_was_busy_all_the_time_is_doubted() -> None:
    assert codes(outcome=costing(busiest_cpu_s=0.25)) == {"receiver_busy"}


def test_the_pacs_own_time_before_its_first_image_is_no_rest_of_the_receivers() -> None:
    late = dataclasses.replace(arrivals_of(STUDY), begin_s=[5.0, 5.1, 5.2], end_s=[5.05, 5.15, 5.25])
    outcome = dataclasses.replace(outcome_of(late), cost=costing(busiest_cpu_s=0.24).cost)
    assert codes(outcome=outcome) == {"receiver_busy"}


def test_several_processes_that_share_the_work_are_not_busy() -> None:
    assert codes(outcome=costing(cpu_s=0.3, busiest_cpu_s=0.15)) == set()


def test_a_run_near_what_the_receiver_can_take_is_doubted() -> None:
    reached = steady_mbit_s([0.1, 0.2, 0.3], arrivals_of(STUDY).dataset_bytes)
    assert reached is not None
    assert codes(ceiling_mbit_s=reached / 0.81) == {"near_ceiling"}
    assert codes(ceiling_mbit_s=reached / 0.79) == set()


def test_images_that_waited_in_the_kernel_are_doubted() -> None:
    assert codes(late_s=[0.0001, 0.0001, 0.0011]) == {"stamped_late"}


def test_a_kernel_that_does_not_stamp_is_no_doubt() -> None:
    assert codes(late_s=[]) == set()


FAST_PATH_MBIT_S = 10_000.0


def stalled(case: Case = CASE, *, inside: bool, rtt_ms: float = 0.1, **changes: Any) -> list[Doubt]:
    """Images 44 ms apart; ``inside``: most of that between the first byte of an image and its last."""
    end_s = [0.1, 0.144, 0.188]
    begin_s = [end - (0.041 if inside else 0.001) for end in end_s]
    times: dict[str, Any] = {"end_s": end_s, "begin_s": begin_s, **changes}
    return found(case, None, rtt_ms, FAST_PATH_MBIT_S, None, 12000.0, None, None, times)


def test_gaps_of_40_ms_within_images_name_nagle_and_the_delayed_ack_that_was_asked_for() -> None:
    doubt = stalled(dataclasses.replace(CASE, ack="delayed"), inside=True)[0]
    assert doubt.code == "delayed_ack_stall"
    assert "holds the end of an image back" in doubt.text
    assert "--ack quick" in doubt.remedy


def test_gaps_of_40_ms_before_images_are_the_receivers_own_when_it_was_told_to_stall() -> None:
    doubt = stalled(dataclasses.replace(CASE, ack="delayed"), inside=False)[0]
    assert "this receiver, as told, answers in two writes" in doubt.text


def test_gaps_of_40_ms_before_images_are_the_pacs_own() -> None:
    doubt = stalled(inside=False)[0]
    assert "waits before it sends an image" in doubt.text


def test_gaps_of_40_ms_within_images_in_spite_of_quick_acks_point_to_the_path() -> None:
    assert "proxy" in stalled(inside=True)[0].remedy


def test_a_round_trip_of_40_ms_is_no_stall() -> None:
    assert stalled(inside=False, rtt_ms=40) == []


def test_a_link_on_which_an_image_takes_40_ms_is_no_stall() -> None:
    path_mbit_s = arrivals_of(STUDY).dataset_bytes[1] * 8 / 0.042 / 1e6
    times: dict[str, Any] = {"end_s": [0.1, 0.144, 0.188], "begin_s": [0.06, 0.104, 0.148]}
    assert codes(path_mbit_s=path_mbit_s, **times) == set()


def test_images_of_parallel_associations_are_held_against_their_own_predecessor() -> None:
    """Two associations that stall in turn: 22 ms apart together, 44 ms on each."""
    end_s = [0.1 + 0.022 * row for row in range(20)]
    times: dict[str, Any] = {
        "end_s": end_s,
        "begin_s": [end - 0.001 for end in end_s],
        "dataset_bytes": [1000] * 20,
        "association": [0, 1] * 10,
    }
    assert codes(path_mbit_s=FAST_PATH_MBIT_S, **times) == {"delayed_ack_stall"}


@pytest.mark.parametrize("slowest_ms", [60, 100, 200])
def test_a_pacs_that_is_slow_now_and_then_is_not_said_to_stall(slowest_ms: int) -> None:
    """Gaps of all lengths: some lie at 40 ms, and as many beside it."""
    gaps_ms = [slowest_ms * (index % 50) / 50 for index in range(500)]
    assert doubts_of_gaps(gaps_ms) == set()


def test_a_mode_at_40_ms_among_short_gaps_is_a_stall() -> None:
    assert doubts_of_gaps([0.5] * 80 + [43.0, 44.0] * 10) == {"delayed_ack_stall"}


def test_without_the_rate_of_the_path_no_stall_is_claimed() -> None:
    assert doubts_of_gaps([44.0] * 50, path_mbit_s=None) == set()


def test_a_stall_before_images_that_take_long_on_the_wire_is_not_put_within_them() -> None:
    """100 Mbit/s: 40 ms on the wire and a stall of 42 ms before each, on a receiver told to stall."""
    rows = range(20)
    end_s = [0.1 + 0.084 * (row + 1) for row in rows]
    times = {"end_s": end_s, "begin_s": [end - 0.041 for end in end_s], "dataset_bytes": [500_000] * 20}
    case = dataclasses.replace(CASE, ack="delayed")
    doubt = found(case, None, 0.1, 100.0, None, 12000.0, None, None, {**times, "association": [0] * 20})[0]
    assert "answers in two writes" in doubt.text


def doubts_of_gaps(gaps_ms: list[float], path_mbit_s: float | None = FAST_PATH_MBIT_S) -> set[str]:
    end_s = [0.1 + total / 1e3 for total in itertools.accumulate(gaps_ms)]
    times: dict[str, Any] = {
        "end_s": end_s,
        "begin_s": [end - 0.0005 for end in end_s],
        "dataset_bytes": [100] * len(end_s),
        "association": [0] * len(end_s),
    }
    return codes(path_mbit_s=path_mbit_s, **times)


def test_that_runs_are_few_is_not_said_by_one_of_them() -> None:
    assert codes(dataclasses.replace(CASE, runs=1)) == set()


def test_bbr_over_a_link_with_latency_is_doubted_and_without_is_not() -> None:
    assert codes(state=link("bbr"), rtt_ms=40) == {"paced_by_bbr"}
    assert codes(state=link("bbr"), rtt_ms=0.1) == set()


def test_a_shaper_in_trouble_is_doubted() -> None:
    assert codes(state=link(trouble="its emulator has died")) == {"link_trouble"}


def test_every_doubt_has_a_remedy() -> None:
    everything = found(
        dataclasses.replace(CASE, profile=store.profile("wan-20ms")),
        link("bbr", "broken"),
        40,
        None,
        5,
        0.001,
        costing(busiest_cpu_s=1),
        emulating(late_p99_ms=2.0),
        {},
    )
    assert len(everything) == 6
    assert all(doubt.text and doubt.remedy for doubt in everything)


@pytest.mark.parametrize(("burst_packets", "doubted"), [(1.0, False), (2.0, False), (2.5, True)])
def test_bursts_that_outlast_time_outs_are_doubted(burst_packets: float, doubted: bool) -> None:
    lossy = Link(loss_ratio=0.01, loss_burst_packets=burst_packets)
    profile = Profile(name="p", description="", source="", down=Link(), up=lossy)
    case = dataclasses.replace(CASE, profile=profile)
    assert ("bursts_of_packets" in codes(case)) is doubted


def test_no_shipped_profile_has_bursts_that_outlast_time_outs() -> None:
    for profile in store.profiles():
        assert "bursts_of_packets" not in codes(dataclasses.replace(CASE, profile=profile)), profile.name
