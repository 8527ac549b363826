import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.bench.predict import prediction
from lab.link.expect import StudySize, expected
from lab.model.profile import Link, Phase, Profile
from lab.system import store
from tests.unit.profiles import profiles
from tests.unit.studies import small_study

REFERENCE = StudySize(name="reference", instances=1300, dataset_bytes=209_000_000)
UNKNOWN = dataclasses.replace(REFERENCE, dataset_bytes=None)
STUDY = small_study()
DELAY = Link(delay_s=0.05)
DEAD = dataclasses.replace(DELAY, loss_ratio=1.0)


def changing(*phases: tuple[float, Link], repeat: bool = True) -> Profile:
    return Profile(
        name="p",
        description="",
        source="",
        down=phases[0][1],
        up=phases[0][1],
        phases=tuple(
            Phase(name=str(number), lasts_s=lasts_s, down=link, up=link)
            for number, (lasts_s, link) in enumerate(phases)
        ),
        repeat=repeat,
    )


def duration_s(profile: Profile, instances: int) -> float | None:
    return expected(profile, dataclasses.replace(UNKNOWN, instances=instances)).duration_s


def test_over_pure_latency_an_instance_costs_a_round_trip() -> None:
    found = expected(store.profile("wan-20ms"), REFERENCE)
    assert found.duration_s == pytest.approx(1300 * 0.04)
    assert found.ceiling_mbit_s == pytest.approx(209 * 8 / 52)
    assert found.stretches[0].rtt_s == 0.04
    assert found.stretches[0].bdp_bytes is None


def test_a_rate_adds_the_frames_of_an_instance() -> None:
    (stretch,) = expected(store.profile("mpls-hospital"), REFERENCE).stretches
    assert stretch.instance_s == pytest.approx(0.02 + 209e6 / 1300 * 8 * 1514 / 1448 / 100e6)
    assert stretch.bdp_bytes == pytest.approx(250_000)


@pytest.mark.parametrize("name", ["baseline", "wan-20ms", "mpls-hospital", "transatlantic"])
def test_it_says_what_the_benchmark_predicts_without_the_servers_time(name: str) -> None:
    size = StudySize(name="s", instances=len(STUDY.instances), dataset_bytes=STUDY.dataset_bytes)
    profile = store.profile(name)
    assert expected(profile, size).duration_s == pytest.approx(
        prediction(STUDY, profile, 1, "cubic", 0.0).duration_s
    )


def test_the_reference_adds_nothing() -> None:
    found = expected(store.profile("baseline"), REFERENCE)
    assert (found.duration_s, found.ceiling_mbit_s) == (0.0, None)


def test_a_study_of_unknown_size_is_said_as_far_as_it_is_known() -> None:
    assert expected(store.profile("wan-20ms"), UNKNOWN).duration_s == pytest.approx(52)
    found = expected(store.profile("mpls-hospital"), UNKNOWN)
    assert (found.duration_s, found.ceiling_mbit_s, found.stretches[0].instance_s) == (None, None, None)


def test_time_in_which_the_link_drops_is_added() -> None:
    drops = changing((1.0, DELAY), (3.0, DEAD))  # ten instances a second
    assert duration_s(drops, 5) == pytest.approx(0.5)
    assert duration_s(drops, 10) == pytest.approx(1.0)
    assert duration_s(drops, 25) == pytest.approx(2 * 4 + 0.5)


def test_without_repeat_the_last_phase_stays() -> None:
    slower = Link(delay_s=0.5)
    assert duration_s(changing((1.0, DELAY), (1.0, slower), repeat=False), 20) == pytest.approx(1 + 10)
    assert duration_s(changing((1.0, DELAY), (1.0, DEAD), repeat=False), 20) is None
    assert duration_s(changing((1.0, DELAY), (1.0, DEAD), repeat=False), 9) == pytest.approx(0.9)


def test_a_phase_that_adds_nothing_takes_all_that_is_left() -> None:
    assert duration_s(changing((1.0, DELAY), (1.0, Link())), 1000) == pytest.approx(1.0)


@given(profiles(), st.integers(1, 10**6), st.none() | st.integers(1, 10**12))
@pytest.mark.long
def test_any_profile_and_study_have_an_expectation(
    profile: Profile, instances: int, dataset_bytes: int | None
) -> None:
    found = expected(profile, StudySize(name="s", instances=instances, dataset_bytes=dataset_bytes))
    assert found.duration_s is None or found.duration_s >= 0
    assert len(found.stretches) == max(1, len(profile.phases))
    if dataset_bytes is not None and not profile.phases:
        assert found.duration_s is not None


@given(st.integers(1, 10_000), st.floats(0.01, 10), st.floats(0.01, 10))
def test_phases_that_are_alike_are_as_none(instances: int, one_s: float, other_s: float) -> None:
    steady = dataclasses.replace(changing((1, DELAY)), phases=())
    phased = changing((one_s, DELAY), (other_s, DELAY))
    assert duration_s(phased, instances) == pytest.approx(duration_s(steady, instances))
