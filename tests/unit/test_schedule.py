import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.link.schedule import schedule_of, turn_at
from lab.model.profile import Link, Phase, Profile
from lab.model.shaper import Schedule, Turn
from lab.system import store

UP, DOWN = Turn(name="up", lasts_s=57, link=Link()), Turn(name="drop", lasts_s=3, link=Link(loss_ratio=1))
DROPS = Schedule(turns=(UP, DOWN), repeat=True, seed=1)
ONCE = Schedule(turns=(UP, DOWN), repeat=False, seed=1)


@pytest.mark.parametrize(
    ("since_s", "name", "next_s"),
    [(-5, "up", 57), (0, "up", 57), (56.9, "up", 57), (57, "drop", 60), (60, "up", 117), (178, "drop", 180)],
)
def test_turns_follow_each_other_and_begin_again(since_s: float, name: str, next_s: float) -> None:
    turn, until_s = turn_at(DROPS, since_s)
    assert (turn.name, until_s) == (name, next_s)


@pytest.mark.parametrize("since_s", [57, 60, 1e6])
def test_without_repeat_the_last_turn_stays(since_s: float) -> None:
    assert turn_at(ONCE, since_s) == (DOWN, math.inf)


def test_a_steady_profile_is_a_single_turn_for_ever() -> None:
    schedule = schedule_of(store.profile("wan-20ms"), "down", seed=5)
    assert turn_at(schedule, 1e9) == (schedule.turns[0], math.inf)
    assert schedule.turns[0].link.delay_s == 0.02


def test_each_direction_gets_its_half_of_each_phase() -> None:
    phases = tuple(
        Phase(name=str(n), lasts_s=1, down=Link(delay_s=n / 10), up=Link(delay_s=n / 100)) for n in (1, 2)
    )
    profile = Profile(
        name="p", description="", source="", down=phases[0].down, up=phases[0].up, phases=phases
    )
    delays = {way: [t.link.delay_s for t in schedule_of(profile, way, 0).turns] for way in ("down", "up")}
    assert delays == {"down": [0.1, 0.2], "up": [0.01, 0.02]}


@given(
    st.lists(st.floats(min_value=0.01, max_value=100), min_size=2, max_size=6),
    st.floats(min_value=0, max_value=1e5),
    st.booleans(),
)
def test_the_next_turn_always_lies_ahead_and_is_another(
    lasts_s: list[float], since_s: float, repeat: bool
) -> None:
    turns = tuple(Turn(name=str(n), lasts_s=s, link=Link()) for n, s in enumerate(lasts_s))
    schedule = Schedule(turns=turns, repeat=repeat, seed=0)
    turn, next_s = turn_at(schedule, since_s)
    assert next_s > since_s - 1e-6
    if next_s < math.inf:
        assert turn_at(schedule, next_s + 1e-3 * min(lasts_s))[0] != turn
