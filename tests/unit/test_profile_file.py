from typing import Any

import pytest

from lab.errors import UsageProblem
from lab.link.profile_file import profile_from_toml
from lab.system import store

GOOD: dict[str, Any] = {
    "description": "d",
    "source": "s",
    "down": {
        "rate": "100mbit",
        "delay": "10ms",
        "jitter": "1ms",
        "loss": "1%",
        "loss_burst": 5,
        "buffer": "50ms",
    },
}


def test_a_profile_says_everything_in_base_units() -> None:
    profile = profile_from_toml("p", GOOD, "p.toml")
    assert profile.down.rate_bit_s == 100e6
    assert profile.down.delay_s == pytest.approx(0.01)
    assert profile.down.loss_ratio == pytest.approx(0.01)
    assert profile.down.loss_burst_packets == 5
    assert profile.rtt_s == pytest.approx(0.02)


def test_without_an_up_half_both_directions_are_alike() -> None:
    profile = profile_from_toml("p", GOOD, "p.toml")
    assert profile.up == profile.down


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"down": {"delay": 20}}, "p.toml [down] delay = 20 has no unit"),
        ({"down": {"dealy": "20ms"}}, "p.toml [down]: unknown key 'dealy'"),
        ({"down": {"loss": "200%"}}, "p.toml [down] loss"),
        ({"down": {"loss": "100%"}}, "carries no study"),
        ({"down": {"loss_burst": 0.5}}, "loss_burst = 0.5"),
        ({"down": {"loss": "90%", "loss_burst": 2}}, "cannot lose 90.0%"),
        ({"speed": 1}, "p.toml: unknown key 'speed'"),
        ({"source": None}, "p.toml: source is missing"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_key(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        profile_from_toml("p", {**GOOD, **change}, "p.toml")
    assert named in caught.value.message
    assert caught.value.remedy


def test_the_profiles_that_are_shipped_have_the_names_people_know() -> None:
    names = [profile.name for profile in store.profiles()]
    assert names[0] == "baseline"
    assert {"wan-20ms", "transatlantic", "mpls-hospital", "4g-lte"} <= set(names)


def test_every_profile_but_the_reference_shapes_something() -> None:
    assert [profile.name for profile in store.profiles() if profile.is_plain] == ["baseline"]


def test_wan_20ms_is_latency_and_nothing_else() -> None:
    profile = store.profile("wan-20ms")
    assert profile.down == profile.up
    assert (profile.down.delay_s, profile.down.rate_bit_s, profile.down.loss_ratio) == (0.02, None, 0)


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageProblem) as caught:
        store.profile("moon")
    assert "wan-20ms" in caught.value.remedy
