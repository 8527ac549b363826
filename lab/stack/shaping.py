"""The link between the PACS and its clients: put a profile on it, prove it, take it off, say what is there.

Every client container gets the profile's `up` half, the PACS the `down` half, each on what it sends.
What counts is what the kernels and emulators report, never what was asked for.
"""

import dataclasses
import math
import secrets
import time
from collections.abc import Mapping

from lab.errors import PreflightError, ToleranceError, UnhealthyError, UsageProblem
from lab.link import commands, netem, read_back
from lab.link.schedule import schedule_of
from lab.model.hop import Hop
from lab.model.link_state import AUTO, PACS, LinkState, Wish
from lab.model.profile import Profile
from lab.model.shaper import ShaperOrder
from lab.stack import congestion, wished
from lab.stack.feeling import check_felt, takes_s
from lab.stack.hosts import at_each, read_hops, started
from lab.stack.wished import Wished
from lab.system import netns
from lab.system.engine import Engine
from lab.system.home import Home
from lab.units import format_time

SHAPERS = (AUTO, "netem", "tun")
REWIND_LEAD_S = 2.0
_FAR_S = 1e9
_SEED_BITS = 31


def apply(home: Home, engine: Engine, wish: Wish) -> LinkState:
    """Shape every host as wished, read it back, and feel it with a probe; a schedule begins at the end.

    Raises:
        PreflightError: the shaper or the congestion control is not to be had here.
        ToleranceError: what was read back or felt is not the profile.
        UnhealthyError: no container is running.
    """
    wish, begun_s = _seeded(wish), time.time()
    shaper = choose_shaper(engine, wish)
    hops = clear(home, engine)
    chosen = congestion.settle(engine, wish.congestion_control, hops)
    orders = _orders(hops, wish, chosen)
    hops = at_each(hops, lambda service: _shape(engine, service, hops[service], orders[service], shaper))
    wished.note(home, _wished(engine, wish, begun_s))
    state = read_back.link_state(hops, PACS, [wish.profile])
    _check_read_back(state, wish.profile, chosen)
    check_felt(engine, wish.profile)
    if wish.profile.phases:
        rewind(engine)
    return state


def demand_time(wish: Wish) -> None:
    """Raises UsageProblem: its time would be up before it has been felt."""
    shortest_s = takes_s(wish.profile)
    if wish.duration_s is not None and wish.duration_s < shortest_s:
        asked = format_time(wish.duration_s)
        msg = f"{asked} is less than it takes to put {wish.profile.name} on the link and to feel it"
        raise UsageProblem(msg, f"--duration {math.ceil(shortest_s)}s or more")


def clear(home: Home, engine: Engine) -> dict[str, Hop]:
    """Take all shaping off, whoever put it there; nothing to do is fine. Returns what is there afterwards."""
    wished.forget(home)
    for role in netns.SHAPER_ROLES:
        engine.remove_sidecars(role)
    return at_each(engine.running_services(), lambda service: _cleared(engine, service))


def _cleared(engine: Engine, service: str) -> Hop:
    """Most often there is nothing to be done: what has ended took itself off."""
    hop = netns.read_hop(engine, service)
    argvs = commands.clearing_argvs(hop)
    return netns.run(engine, service, argvs) if argvs else hop


def choose_shaper(engine: Engine, wish: Wish) -> str:
    """The shaper to use: what was asked for if it works, by a real probe. Raises PreflightError."""
    if wish.profile.is_plain:
        return "none"
    if wish.shaper == "tun":
        return "tun"
    works, said = netns.probe_netem(engine)
    if works:
        return "netem"
    if not netem.says_missing(said):
        msg = f"netem cannot be tried here: tc says {said!r}"
        raise PreflightError(msg, "lab doctor; --shaper tun does without netem")
    if wish.shaper == "netem":
        msg = f"this kernel has no netem (tc says: {said})"
        raise PreflightError(msg, "use --shaper tun, or a kernel with sch_netem")
    return "tun"


def _seeded(wish: Wish) -> Wish:
    if wish.seed is not None:
        return wish
    drawn = secrets.randbits(_SEED_BITS) if wish.profile.seed is None else wish.profile.seed
    return dataclasses.replace(wish, seed=drawn)


def _wished(engine: Engine, wish: Wish, begun_s: float) -> Wished:
    """Nothing is missed from a little before the shapers take themselves off."""
    ends_at_s = None if wish.duration_s is None else begun_s + wish.duration_s
    return Wished(wish=wish, started=started(engine), ends_at_s=ends_at_s)


def _orders(hops: Mapping[str, Hop], wish: Wish, congestion_control: str) -> dict[str, ShaperOrder]:
    """What each host's shaper is told; a schedule waits at its first turn until it is rewound."""
    now_s = _now_s(hops)
    until_s = None if wish.duration_s is None else now_s + wish.duration_s
    orders = {}
    for service, hop in hops.items():
        seed = commands.seed_of(wish.seed or 0, service)
        schedule = schedule_of(wish.profile, read_back.direction_of(service, PACS), seed)
        orders[service] = commands.shaper_order(
            hop, schedule, congestion_control, epoch_s=now_s + _FAR_S, until_s=until_s
        )
    return orders


def _now_s(hops: Mapping[str, Hop]) -> float:
    """The machine's monotonic clock. Raises UnhealthyError where no container runs."""
    if not hops:
        msg = "no container is running"
        raise UnhealthyError(msg, "lab up")
    return max(hop.monotonic_s for hop in hops.values())


def planned_argvs(engine: Engine, wish: Wish) -> dict[str, list[list[str]]]:
    """Per service, the commands that `apply` would run in its network namespace. Raises as `apply` does."""
    wish = _seeded(wish)
    shaper, hops = choose_shaper(engine, wish), read_hops(engine)
    orders = _orders(hops, wish, congestion.settle(engine, wish.congestion_control, hops))
    return {
        service: commands.clearing_argvs(hop) + commands.shaping_argvs(hop, orders[service], shaper)
        for service, hop in hops.items()
    }


def clearing_plan(engine: Engine) -> dict[str, list[list[str]]]:
    """Per service, the commands that `clear` would run, once the shapers' containers are removed."""
    return {service: commands.clearing_argvs(hop) for service, hop in read_hops(engine).items()}


def _shape(engine: Engine, service: str, hop: Hop, order: ShaperOrder, shaper: str) -> Hop:
    """Shape one host; what its kernel and its shaper say then."""
    argvs = commands.shaping_argvs(hop, order, shaper)
    if not argvs:
        return hop
    if argvs[-1][0] != "python3":
        return netns.run(engine, service, argvs)
    if argvs[:-1]:
        netns.run(engine, service, argvs[:-1])
    netns.start_shaper(engine, service, argvs[-1])
    return netns.read_hop(engine, service)


def rewind(engine: Engine) -> float:
    """Let the schedule begin anew at all hosts at one moment, shortly: returned, on the monotonic clock."""
    hops = read_hops(engine)
    staying = [service for service, hop in hops.items() if hop.emulator or hop.keeper]
    epoch_s = _now_s(hops) + REWIND_LEAD_S
    at_each(staying, lambda service: netns.rewind(engine, service, epoch_s))
    return epoch_s


def _check_read_back(state: LinkState, profile: Profile, congestion_control: str) -> None:
    for host in state.hosts:
        found = host.trouble
        if not read_back.is_as_asked(host, profile, PACS):
            found = f"{host.shaper} reports {host.link}"
        if congestion_control not in ("", host.congestion_control):
            found = f"its congestion control is {host.congestion_control}, not {congestion_control}"
        if found:
            msg = f"{profile.name} is not in force at {host.service}: {found}"
            raise ToleranceError(msg, "lab net clear, then apply it again")
