import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import UsageProblem
from lab.link.profile_file import profile_file_from_toml, profile_from_toml
from lab.link.profile_writing import profile_to_toml
from lab.model.profile import Link, Phase, Profile
from lab.system import store
from tests.unit.profiles import profiles

KEYS = (
    *("description", "source", "assumed", "aliases", "seed", "repeat", "down", "up", "phases"),
    *("name", "lasts", "rate", "delay", "jitter", "distribution", "loss", "loss_burst", "duplicate"),
    *("corrupt", "reorder", "buffer"),
)
VALUES = st.one_of(
    st.sampled_from(["20ms", "1us", "100mbit", "8bit", "1%", "100%", "pareto", "loss", "down.rate", "3s"]),
    st.text(max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.none(),
)
GARBAGE = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=25,
)
DOCUMENTS = st.fixed_dictionaries(
    {"description": st.just("d"), "source": st.just("s")},
    optional=dict.fromkeys(KEYS[2:9], GARBAGE),
)


def read(text: str) -> Profile:
    return profile_from_toml("p", tomllib.loads(text), "p.toml")


@given(profiles())
@pytest.mark.long
def test_what_is_written_is_read_back_as_the_same_profile(profile: Profile) -> None:
    assert read(profile_to_toml(profile)) == profile


@given(DOCUMENTS | st.dictionaries(st.sampled_from(KEYS) | st.text(), GARBAGE))
@pytest.mark.long
def test_any_document_is_a_profile_that_can_be_written_or_a_problem_with_a_remedy(
    document: dict[str, Any],
) -> None:
    found = profile_or_problem(document)
    if isinstance(found, UsageProblem):
        assert found.message.startswith("p.toml")
        assert found.remedy
        assert len(found.message) < 1000
    else:
        assert read(profile_to_toml(found)) == found


def profile_or_problem(document: dict[str, Any]) -> Profile | UsageProblem:
    try:
        return profile_file_from_toml("p", document, "p.toml").profile
    except UsageProblem as problem:
        return problem


@pytest.mark.parametrize("profile", store.profiles(), ids=lambda profile: profile.name)
def test_every_shipped_profile_survives_being_written(profile: Profile) -> None:
    text = profile_to_toml(profile)
    assert profile_from_toml(profile.name, tomllib.loads(text), "p.toml") == profile


def test_it_is_written_as_people_would() -> None:
    wide = Link(rate_bit_s=100e6, delay_s=0.01, loss_ratio=0.001, loss_burst_packets=5, buffer_s=0.05)
    narrow = Link(rate_bit_s=1e7, delay_s=0.01, loss_ratio=0.001, loss_burst_packets=5, buffer_s=0.05)
    profile = Profile(
        name="p",
        description='the "old" wing',
        source="s",
        assumed=("loss",),
        down=wide,
        up=wide,
        seed=7,
        repeat=False,
        phases=(
            Phase(name="wide", lasts_s=5, down=wide, up=wide),
            Phase(name="narrow", lasts_s=2.5, down=narrow, up=wide),
        ),
    )
    assert profile_to_toml(profile) == GOLDEN


GOLDEN = r"""description = "the \"old\" wing"
source = "s"
assumed = ["loss"]
seed = 7
repeat = false

[down]
delay = "10ms"
loss = "0.1%"
loss_burst = 5
buffer = "50ms"

[up]
rate = "100mbit"
delay = "10ms"
loss = "0.1%"
loss_burst = 5
buffer = "50ms"

[[phases]]
name = "wide"
lasts = "5s"

[phases.down]
rate = "100mbit"

[[phases]]
name = "narrow"
lasts = "2.5s"

[phases.down]
rate = "10mbit"
"""
