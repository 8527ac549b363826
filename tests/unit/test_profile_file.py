import dataclasses
import math
from typing import Any

import pytest

from lab.errors import UsageProblem
from lab.link.profile_file import profile_file_from_toml, profile_from_toml
from lab.model.profile import Link

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
WIDE: dict[str, Any] = {"name": "wide", "lasts": "5s"}
NARROW: dict[str, Any] = {"name": "narrow", "lasts": "2s", "down": {"rate": "10mbit"}}


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
        ({"source": 3}, "p.toml: source = 3 is not a text"),
        ({"down": "fast"}, "p.toml [down] is 'fast', not a table"),
        ({"down": {"delay": "-20ms"}}, "p.toml [down] delay: '-20ms' is not a time"),
        ({"down": {"delay": "61s"}}, "p.toml [down] delay: '61s' is out of range"),
        ({"down": {"jitter": "3s"}}, "p.toml [down] jitter: '3s' is out of range"),
        ({"down": {"rate": "0mbit"}}, "p.toml [down] rate: '0mbit' is out of range"),
        ({"down": {"rate": "100gbit"}}, "p.toml [down] rate: '100gbit' is out of range"),
        ({"down": {"loss": "1%", "loss_burst": True}}, "loss_burst = True"),
        ({"down": {"loss": "1%", "loss_burst": math.nan}}, "loss_burst = nan"),
        ({"down": {"loss": "1%", "loss_burst": 0xF << 99_999}}, "loss_burst = int without end"),
        ({"down": {"loss_burst": 3}}, "p.toml [down]: loss_burst needs a loss"),
        ({"down": {"distribution": "uniform"}}, "p.toml [down]: distribution needs a jitter"),
        ({"down": {"jitter": "1ms", "distribution": "flat"}}, "[down] distribution = 'flat'"),
        ({"down": {"buffer": "1ms"}}, "p.toml [down]: buffer needs a rate"),
        ({"down": {"reorder": "1%"}}, "p.toml [down]: reorder needs a delay"),
        ({"down": {"reorder": "1%", "delay": "0ms"}}, "p.toml [down]: reorder needs a delay"),
        ({"up": {"corrupt": "100%"}}, "carries no study"),
        ({"assumed": "loss"}, "p.toml: assumed = 'loss' is not a list"),
        ({"assumed": ["speed"]}, "p.toml: assumed names 'speed', which the file does not set"),
        ({"assumed": ["reorder"]}, "p.toml: assumed names 'reorder'"),
        ({"assumed": ["lasts"]}, "p.toml: assumed names 'lasts'"),
        ({"seed": -1}, "p.toml: seed = -1"),
        ({"seed": 2**63}, "p.toml: seed = 9223372036854775808"),
        ({"seed": True}, "p.toml: seed = True"),
        ({"repeat": False}, "p.toml: repeat needs phases"),
        ({"aliases": ["a b"]}, "p.toml: aliases names 'a b'"),
        ({"phases": []}, "p.toml: phases are not a list of two or more"),
        ({"phases": [WIDE]}, "p.toml: phases are not a list of two or more"),
        ({"phases": [WIDE, WIDE]}, "p.toml: two phases are called 'wide'"),
        ({"phases": [WIDE, {"lasts": "1s"}]}, "p.toml [[phases]] number 2: name = None"),
        ({"phases": [WIDE, {"name": "n"}]}, "p.toml [[phases]] number 2: lasts is missing"),
        ({"phases": [WIDE, {"name": "n", "lasts": "0s"}]}, "number 2 lasts: '0s' is out of range"),
        ({"phases": [WIDE, {"name": "n", "lasts": 3}]}, "number 2 lasts = 3 has no unit"),
        ({"phases": [WIDE, {**NARROW, "rate": "1mbit"}]}, "number 2: unknown key 'rate'"),
        ({"phases": [WIDE, {**NARROW, "down": {"rate": 1}}]}, "number 2 [phases.down] rate = 1"),
        (
            {"phases": [WIDE, {**NARROW, "up": {"delay": "0s", "reorder": "1%"}}]},
            "[phases.up] over [up]: reorder",
        ),
        ({"down": {"loss": "100%"}, "phases": [WIDE, NARROW]}, "carries no study"),
        ({"phases": [WIDE, NARROW], "repeat": "no"}, "p.toml: repeat = 'no'"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_key(change: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        profile_file_from_toml("p", {**GOOD, **change}, "p.toml")
    assert named in caught.value.message
    assert caught.value.remedy


def test_every_impairment_has_a_key() -> None:
    down = {
        "delay": "10ms",
        "jitter": "1ms",
        "distribution": "pareto",
        "duplicate": "1%",
        "corrupt": "2%",
        "reorder": "3%",
    }
    link = profile_from_toml("p", {**GOOD, "down": down, "seed": 7}, "p.toml").down
    assert link.jitter_distribution == "pareto"
    shares = (link.duplicate_ratio, link.corrupt_ratio, link.reorder_ratio)
    assert shares == pytest.approx((0.01, 0.02, 0.03))


def test_phases_change_what_they_name_and_keep_the_rest() -> None:
    drops = {"name": "drops", "lasts": "3s", "down": {"loss": "100%"}, "up": {"loss": "100%"}}
    profile = profile_from_toml("p", {**GOOD, "phases": [WIDE, NARROW, drops], "repeat": False}, "p.toml")
    base = profile_from_toml("p", GOOD, "p.toml").down
    wide, narrow, dropping = profile.phases
    assert (wide.down, wide.up, wide.lasts_s) == (base, base, 5)
    assert (narrow.down, narrow.up) == (dataclasses.replace(base, rate_bit_s=10e6), base)
    assert dropping.up == dataclasses.replace(base, loss_ratio=1, loss_burst_packets=1)
    assert (profile.down, profile.up, profile.repeat) == (wide.down, wide.up, False)


def test_down_and_up_are_those_of_the_first_phase() -> None:
    profile = profile_from_toml("p", {**GOOD, "phases": [NARROW, WIDE]}, "p.toml")
    assert (profile.down, profile.up) == (profile.phases[0].down, profile.phases[0].up)
    assert profile.down.rate_bit_s == 10e6
    assert profile.repeat


def test_assumed_names_keys_of_both_halves_or_of_one_or_of_phases_and_lasts() -> None:
    names = ["loss", "down.rate", "up.delay", "lasts", "phases.rate"]
    document = {**GOOD, "assumed": names, "phases": [WIDE, NARROW]}
    assert profile_from_toml("p", document, "p.toml").assumed == tuple(names)


def test_what_says_nothing_is_the_same_as_not_said() -> None:
    silent = {"jitter": "0ms", "distribution": "pareto", "loss": "0%", "loss_burst": 5}
    profile = profile_from_toml("p", {**GOOD, "down": silent}, "p.toml")
    assert profile.is_plain
    assert profile.down == Link()


def test_a_profile_has_other_names() -> None:
    found = profile_file_from_toml("p", {**GOOD, "aliases": ["q", "2G-Rural"]}, "p.toml")
    assert found.names == ("p", "q", "2G-Rural")
