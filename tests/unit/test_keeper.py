"""netem's time-keeper, with its commands recorded: the real netem is in tests/netem."""

import json

import pytest

from lab.inside import keeper as keeper_module
from lab.inside.keeper import Keeper
from lab.model.plain import from_json, to_json
from lab.model.profile import Link
from lab.model.shaper import Place, Schedule, ShaperOrder, ShaperReport, Turn

PLACE = Place(
    device="eth0", subnet="10.0.0.0/24", address="10.0.0.2", mtu_bytes=1500, congestion_control="reno"
)
FAST = Turn(name="fast", lasts_s=5, link=Link(rate_bit_s=100e6))
SLOW = Turn(name="slow", lasts_s=5, link=Link(rate_bit_s=10e6))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    commands: list[str] = []
    monkeypatch.setattr(keeper_module, "_run", lambda argv: commands.append(" ".join(argv)))
    return commands


def order(*turns: Turn, until_s: float | None = None) -> ShaperOrder:
    schedule = Schedule(turns=turns, repeat=True, seed=9)
    return ShaperOrder(place=PLACE, schedule=schedule, epoch_s=100.0, until_s=until_s)


def test_each_turn_is_put_in_force_once(ran: list[str]) -> None:
    keeper = Keeper(order(FAST, SLOW))
    for now_s in (99.0, 100.0, 104.9, 105.0, 106.0, 110.0):
        keeper.keep_time(now_s)
    assert [command.split("rate ")[1] for command in ran] == [
        "100000000bit seed 9",
        "10000000bit seed 10",
        "100000000bit seed 11",
    ]
    assert [change.turn for change in keeper.report().changes] == ["fast", "slow", "fast"]


def test_a_new_epoch_begins_with_the_first_turn(ran: list[str]) -> None:
    keeper = Keeper(order(FAST, SLOW))
    keeper.keep_time(106.0)
    assert keeper.report().turn == "slow"
    keeper.rewind(1e12)
    assert (keeper.report().turn, keeper.report().epoch_s) == ("fast", 1e12)
    assert len(ran) == 2


def test_a_direction_that_is_plain_throughout_gets_no_netem(ran: list[str]) -> None:
    keeper = Keeper(order(Turn(name="steady", lasts_s=0, link=Link()), until_s=200.0))
    keeper.keep_time(150.0)
    assert ran == []


def test_what_is_told_and_reported_crosses_the_wire_unchanged(ran: list[str]) -> None:
    told = order(FAST, SLOW, until_s=250.5)
    assert from_json(ShaperOrder, to_json(told)) == told
    keeper = Keeper(told)
    keeper.keep_time(101.0)
    report = keeper.report()
    assert from_json(ShaperReport, json.dumps(json.loads(to_json(report)))) == report
    assert ran
