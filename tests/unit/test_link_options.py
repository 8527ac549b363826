import dataclasses
import json
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from lab.cli.net.link_options import adhoc_profile, link_options
from lab.errors import UsageProblem
from lab.link.profile_writing import profile_to_toml
from lab.model.profile import Link, Profile
from lab.system import store
from tests.unit.profiles import profiles
from tests.unit.test_profile_writing import read


@click.command()
@click.argument("name", required=False)
@link_options
@click.option("--other", default="o")
def tiny(name: str | None, link: dict[str, Any], other: str) -> None:
    """Stands for a command that takes a profile, a link or both."""
    profile = adhoc_profile(store.profile(name) if name else None, link)
    click.echo(json.dumps({"other": other, **dataclasses.asdict(profile)}))


def ran(*words: str) -> dict[str, Any]:
    result = CliRunner().invoke(tiny, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_link_of_its_own_over_a_plain_wire() -> None:
    found = ran("--delay", "20ms", "--rate", "50mbit", "--loss", "1%", "--loss-burst", "5")
    assert found["down"] == found["up"]
    link = Link(rate_bit_s=50e6, delay_s=0.02, loss_ratio=0.01, loss_burst_packets=5)
    assert found["down"] == dataclasses.asdict(link)
    assert (found["name"], found["source"]) == ("given", "given on the command line")
    assert "--delay 20ms" in found["description"]
    assert found["other"] == "o"


def test_every_key_has_its_option() -> None:
    words = ["--delay=20ms", "--rate=50mbit", "--jitter=2ms", "--distribution=pareto", "--loss=1%"]
    words += ["--loss-burst=2", "--duplicate=1%", "--corrupt=1%", "--reorder=1%", "--buffer=10ms"]
    link = ran(*words)["down"]
    plain = dataclasses.asdict(Link())
    assert [key for key in plain if plain[key] == link[key]] == []


def test_over_a_profile_only_what_is_given_changes() -> None:
    found = ran("4g-lte", "--rate", "20mbit")
    before = store.profile("4g-lte")
    assert found["down"] == dataclasses.asdict(dataclasses.replace(before.down, rate_bit_s=20e6))
    assert found["up"]["rate_bit_s"] == 20e6
    assert found["name"] == "4g-lte+changed"
    assert found["source"] == f"given on the command line, over: {before.source}"
    assert found["assumed"] == ["jitter", "loss", "buffer"]
    assert ran("4g-lte", "--loss", "2%")["assumed"] == ["jitter", "buffer"]


def test_over_a_schedule_every_phase_changes() -> None:
    found = ran("rate-falls", "--delay", "1ms")
    assert [phase["down"]["delay_s"] for phase in found["phases"]] == [0.001, 0.001]
    assert [phase["down"]["rate_bit_s"] for phase in found["phases"]] == [100e6, 10e6]
    assert found["down"] == found["phases"][0]["down"]


def test_without_an_option_it_is_the_profile_itself() -> None:
    assert adhoc_profile(store.profile("wan-20ms"), {}) == store.profile("wan-20ms")
    with pytest.raises(UsageProblem, match="neither a profile nor a link"):
        adhoc_profile(None, {})


@pytest.mark.parametrize(
    ("link", "named"),
    [
        ({"delay": "20"}, "--delay: '20' is not a time"),
        ({"rate": "0mbit"}, "--rate: '0mbit' is out of range"),
        ({"loss": "1%", "loss_burst": 0.5}, "--loss-burst = 0.5"),
        ({"loss_burst": 5.0}, "the command line: loss_burst needs a loss"),
        ({"reorder": "1%"}, "the command line: reorder needs a delay"),
        ({"loss": "100%"}, "the command line: a link that loses everything carries no study"),
    ],
)
def test_what_is_wrong_is_said_as_of_a_file(link: dict[str, Any], named: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        adhoc_profile(None, link)
    assert named in caught.value.message
    assert caught.value.remedy


def test_options_are_in_the_order_of_the_help() -> None:
    text = CliRunner().invoke(tiny, ["--help"]).stdout
    assert text.index("--rate") < text.index("--delay") < text.index("--buffer") < text.index("--other")


@given(
    profiles(), st.sampled_from([{"delay": "5ms"}, {"duplicate": "3%"}, {"loss": "4%", "loss_burst": 2.0}])
)
@pytest.mark.long
def test_a_changed_profile_can_be_kept(base: Profile, link: dict[str, Any]) -> None:
    changed = adhoc_profile(base, link)
    again = read(profile_to_toml(changed))
    assert dataclasses.replace(again, name=changed.name) == changed
