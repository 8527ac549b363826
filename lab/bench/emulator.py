"""What the userspace emulator itself can carry here, measured before a link is entrusted to it."""

from collections.abc import Sequence

from lab.bench import path
from lab.bench.c_move import Bench
from lab.model.case import MOVE, Case
from lab.model.link_state import Wish
from lab.model.profile import Link, Phase, Profile
from lab.stack import shaping

_FAST_BIT_S = 100e6
_NEARLY_NOTHING = Link(delay_s=1e-6)
_BARE = Profile(
    name="emulator",
    description="the emulator, doing nothing",
    down=_NEARLY_NOTHING,
    up=_NEARLY_NOTHING,
    source="made to measure the emulator",
)


def ceiling_mbit_s(bench: Bench, cases: Sequence[Case]) -> float | None:
    """TCP payload through an emulator on either side that only passes on; the link is clear afterwards.

    None where netem shapes, and for rates that no emulator is short of.
    """
    case = next((case for case in cases if is_fast(case)), None)
    if case is None or case.profile is None:
        return None
    if shaping.choose_shaper(bench.engine, Wish(profile=case.profile, shaper=case.shaper)) != "tun":
        return None
    with bench.progress.task("measuring the emulator alone"):
        bare = Wish(profile=_BARE, shaper="tun", congestion_control=case.congestion_control)
        shaping.apply(bench.home, bench.engine, bare)
        measured = path.down_mbit_s(bench.engine)
        shaping.clear(bench.home, bench.engine)
    return measured


def is_fast(case: Case) -> bool:
    """Whether the link has, the way the case's images go, a rate that an emulator may be short of."""
    if case.profile is None or case.profile.is_plain:
        return False
    halves: list[Profile | Phase] = [case.profile, *case.profile.phases]
    links = [half.down if case.method == MOVE else half.up for half in halves]
    return any((link.rate_bit_s or _FAST_BIT_S) >= _FAST_BIT_S for link in links)
