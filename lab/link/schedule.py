"""Which turn of a schedule is in force when. No clock."""

import math
from bisect import bisect_right
from itertools import accumulate

from lab.model.profile import Link, Phase, Profile
from lab.model.shaper import Schedule, Turn

STEADY = "steady"


def schedule_of(profile: Profile, direction: str, seed: int) -> Schedule:
    """One direction ("down" or "up") of a profile, with the ``seed`` of that host."""
    turns = tuple(Turn(name=p.name, lasts_s=p.lasts_s, link=half(p, direction)) for p in profile.phases)
    steady = Turn(name=STEADY, lasts_s=0.0, link=half(profile, direction))
    return Schedule(turns=turns or (steady,), repeat=profile.repeat, seed=seed)


def half(whole: Profile | Phase, direction: str) -> Link:
    """The link of one direction."""
    return whole.down if direction == "down" else whole.up


def turn_at(schedule: Schedule, since_epoch_s: float) -> tuple[Turn, float]:
    """The turn in force so long after the epoch, and when the next begins, in seconds after the epoch.

    Before the epoch it is the first turn. The time is ``math.inf`` when no other turn will come.
    """
    turns = schedule.turns
    ends = list(accumulate(turn.lasts_s for turn in turns))
    if len(turns) == 1:
        return turns[0], math.inf
    if since_epoch_s < 0:
        return turns[0], ends[0]
    if since_epoch_s >= ends[-1] and not schedule.repeat:
        return turns[-1], math.inf
    rounds, within_s = divmod(since_epoch_s, ends[-1])
    index = min(bisect_right(ends, within_s), len(turns) - 1)
    last_for_good = index == len(turns) - 1 and not schedule.repeat
    return turns[index], math.inf if last_for_good else rounds * ends[-1] + ends[index]
