"""Which run comes next: from the plan and what has been run, and from nothing else.

So a plan that was interrupted anywhere goes on as it would have gone on: what decides is how many runs each
case has, not how they came about.
"""

import json
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from lab.model.case import Case
from lab.model.plan import INTERLEAVED, LISTED, Plan

Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One measured run to be made.

    Attributes:
        number: of the case in the plan, from 1.
        round: which run of the case it is, from 1; in an interleaved plan also which round of all cases.
        turn: its number among all runs of the plan, from 1.
    """

    number: int
    round: int
    turn: int


def next_turn(plan: Plan, runs: Mapping[int, int], finished: Collection[int]) -> Turn | None:
    """The run to be made next; None when all cases are finished.

    Args:
        plan: whose cases count from 1.
        runs: measured runs that each case has, by its number; one that is not there has none.
        finished: numbers of the cases that are not to be run again (lab.plans.enough.finished).
    """
    left = [number for number in range(1, len(plan.cases) + 1) if number not in finished]
    if not left:
        return None
    behind = min(runs.get(number, 0) for number in left)
    due = {number for number in left if plan.order != INTERLEAVED or runs.get(number, 0) == behind}
    number = next(one for one in round_order(plan, behind + 1) if one in due)
    return Turn(number=number, round=runs.get(number, 0) + 1, turn=sum(runs.values()) + 1)


def round_order(plan: Plan, round_: int) -> tuple[int, ...]:
    """Numbers of all cases in the order of that round, from 1.

    Of an interleaved plan each round has its own: Orthanc's settings shuffled, with the same settings the
    links, over the same link the cases. Of the others there is one, in which each case is run to its end.
    """
    numbers = range(1, len(plan.cases) + 1)
    if plan.order == LISTED:
        return tuple(numbers)
    if plan.order != INTERLEAVED:
        return tuple(_shuffled(numbers, Random(f"{plan.seed}")))
    return tuple(_by_what_is_dear_to_change(plan, numbers, Random(f"{plan.seed} {round_}")))


def settings_of(case: Case) -> str:
    """What Orthanc has to be started with, as JSON; "" for the lab's own settings."""
    tls = {} if case.tls is None else {"tls": case.tls}
    return json.dumps({**case.orthanc, **tls}, sort_keys=True) if case.orthanc or tls else ""


def link_of(case: Case) -> tuple[str, str, str]:
    """What the link has to be shaped to."""
    return (case.profile.name if case.profile else "", case.shaper, case.congestion_control)


def _by_what_is_dear_to_change(plan: Plan, numbers: Sequence[int], random: Random) -> Iterator[int]:
    for same_settings in _groups(numbers, lambda number: settings_of(plan.cases[number - 1]), random):
        for same_link in _groups(same_settings, lambda number: link_of(plan.cases[number - 1]), random):
            yield from _shuffled(same_link, random)


def _groups(numbers: Sequence[int], alike: Callable[[int], Hashable], random: Random) -> list[list[int]]:
    """Those that are alike together, the groups shuffled."""
    found: dict[Hashable, list[int]] = {}
    for number in numbers:
        found.setdefault(alike(number), []).append(number)
    return _shuffled(list(found.values()), random)


def _shuffled(items: Sequence[Item], random: Random) -> list[Item]:
    """By ``random()``, whose sequence every version of Python keeps; that of ``shuffle`` may change."""
    return sorted(items, key=lambda _: random.random())
