"""The link of a case: applied, read back, felt, and what plain TCP makes of it."""

import dataclasses

from lab.bench import path
from lab.bench.c_move import Bench
from lab.bench.known import Felt
from lab.model.case import MOVE, Case
from lab.model.link_state import LinkState, Wish
from lab.stack import shaping, standing, wished
from lab.stack.feeling import felt_rtt_ms


def shape_and_feel(bench: Bench, case: Case) -> Felt:
    """Apply the case's profile, if it has one; then measure what the link is like, by TCP both ways."""
    with bench.progress.task(f"{_name(case)}: shaping, reading back, feeling the path"):
        if case.profile:
            wish = Wish(profile=case.profile, shaper=case.shaper, congestion_control=case.congestion_control)
            state = shaping.apply(bench.home, bench.engine, wish)
        else:
            state = standing.status(bench.home, bench.engine)
        return _felt(bench, case, state)


def feel_anew(bench: Bench, case: Case, state: LinkState) -> Felt:
    """A link that stands."""
    with bench.progress.task(f"{_name(case)}: feeling the path anew"):
        return _felt(bench, case, state)


def _name(case: Case) -> str:
    return case.profile.name if case.profile else "the link as it is"


def _felt(bench: Bench, case: Case, state: LinkState) -> Felt:
    rtt_ms = felt_rtt_ms(bench.engine, [host.link for host in state.hosts])
    stores = case.method != MOVE
    return Felt(
        state=state,
        rtt_ms=rtt_ms,
        path=path.measure(bench.engine, case.profile, rtt_ms, stores=stores),
        seed=_seed(bench),
    )


def _seed(bench: Bench) -> int | None:
    """As drawn, or as the profile has it."""
    last = wished.read(bench.home)
    return last.wish.seed if last else None


def with_seed(case: Case, felt: Felt) -> Case:
    """The case as it was run: again with this seed, the same packets meet the same fate."""
    if case.profile is None or case.profile.is_plain:
        return case
    return dataclasses.replace(case, profile=dataclasses.replace(case.profile, seed=felt.seed))


def in_round(case: Case, round_: int) -> Case:
    """With the seed for a link that is shaped for that round, counted from 1.

    The case's own in the first, the numbers after it in those that follow: of the same, every run would lose
    the same packets, and they would agree better than they do.
    """
    if case.profile is None or case.profile.seed is None:
        return case
    seed = case.profile.seed + round_ - 1
    return dataclasses.replace(case, profile=dataclasses.replace(case.profile, seed=seed))
