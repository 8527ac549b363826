"""The link between the PACS and its clients: put a profile on it, prove it, take it off, say what is there.

Every client container gets the profile's `up` half, the PACS the `down` half, each on what it sends.
What counts is what the kernels and emulators report, never what was asked for.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from lab.errors import PreflightError, ToleranceError, UnhealthyError
from lab.link import commands, ping, read_back
from lab.model.exchange import Hop
from lab.model.link_state import HostLink, LinkState
from lab.model.profile import Profile
from lab.system import hostinfo, netns
from lab.system.engine import BESIDE_LABEL, Engine

PACS = "orthanc"
SHAPERS = ("auto", "netem", "tun")
_PINGS = 20
_RTT_TOLERANCE_S = 0.002
_RTT_TOLERANCE_RATIO = 0.05
T = TypeVar("T")


def apply(
    engine: Engine,
    profile: Profile,
    known: Iterable[Profile],
    *,
    shaper: str = "auto",
    congestion_control: str = "",
) -> LinkState:
    """Shape every host as the profile says, read it back, and feel it with a probe.

    Args:
        engine: the engine; the stack must be up.
        profile: what the link is to be.
        known: profiles that what is read back may be named after.
        shaper: "netem", "tun", or "auto" for netem where the kernel has it.
        congestion_control: for the TCP connections of every host; "" leaves the kernel's.

    Raises:
        PreflightError: the shaper or the congestion control is not to be had here.
        ToleranceError: what was read back or felt is not the profile.
    """
    _demand_congestion_control(engine, congestion_control)
    chosen = choose_shaper(engine, shaper) if not profile.is_plain else "none"
    clear(engine)
    hops = _read_hops(engine)
    _for_each(
        hops, lambda service: _shape(engine, service, hops[service], profile, chosen, congestion_control)
    )
    state = status(engine, [profile, *known])
    _check_read_back(state, profile, congestion_control)
    _check_felt(engine, profile)
    return state


def clear(engine: Engine) -> None:
    """Take all shaping off, whoever put it there; nothing to do is fine."""
    engine.remove_sidecars(netns.EMULATOR_ROLE)
    hops = _read_hops(engine)
    _for_each(hops, lambda service: netns.run(engine, service, commands.clearing_argvs(hops[service])))


def status(engine: Engine, known: Iterable[Profile]) -> LinkState:
    """What is in force now, read from every running host."""
    state = read_back.link_state(_read_hops(engine), PACS, known)
    died = {c.labels[BESIDE_LABEL] for c in engine.sidecars(netns.EMULATOR_ROLE) if c.status != "running"}
    return dataclasses.replace(state, hosts=tuple(_with_death(host, died) for host in state.hosts))


def _with_death(host: HostLink, died: set[str]) -> HostLink:
    if host.service not in died or host.shaper != "none":
        return host
    return dataclasses.replace(host, trouble="its emulator has died: traffic flows unshaped")


def choose_shaper(engine: Engine, wanted: str) -> str:
    """The shaper to use: what was asked for if it works, by a real probe. Raises PreflightError."""
    if wanted == "tun":
        return "tun"
    works, said = netns.probe_netem(engine)
    if works:
        return "netem"
    if wanted == "netem":
        msg = f"this kernel has no netem (tc says: {said})"
        raise PreflightError(msg, "use --shaper tun, or a kernel with sch_netem")
    return "tun"


def _demand_congestion_control(engine: Engine, name: str) -> None:
    if not name:
        return
    works, said = netns.probe_congestion_control(engine, name)
    if not works:
        msg = f"containers here cannot have the congestion control {name!r} (ip says: {said})"
        allowed = hostinfo.sysctl("net.ipv4.tcp_allowed_congestion_control")
        remedy = f"allowed are {allowed}; as root, `sysctl -w` of tcp_allowed_congestion_control adds one"
        raise PreflightError(msg, remedy)


def planned_argvs(
    engine: Engine, profile: Profile, shaper: str, congestion_control: str
) -> dict[str, list[list[str]]]:
    """Per service, the commands that `apply` would run in its network namespace."""
    chosen = choose_shaper(engine, shaper) if not profile.is_plain else "none"
    plan = {}
    for service, hop in _read_hops(engine).items():
        link = read_back.half(profile, service, PACS)
        plan[service] = commands.clearing_argvs(hop) + commands.shaping_argvs(
            hop, link, chosen, congestion_control
        )
    return plan


def clearing_plan(engine: Engine) -> dict[str, list[list[str]]]:
    """Per service, the commands that `clear` would run, once the emulators' containers are removed."""
    return {service: commands.clearing_argvs(hop) for service, hop in _read_hops(engine).items()}


def _shape(
    engine: Engine, service: str, hop: Hop, profile: Profile, shaper: str, congestion_control: str
) -> None:
    link = read_back.half(profile, service, PACS)
    if shaper == "tun" and not link.is_plain:
        netns.start_emulator(engine, service, commands.emulator_order(hop, link, congestion_control))
    else:
        netns.run(engine, service, commands.shaping_argvs(hop, link, shaper, congestion_control))


def _check_read_back(state: LinkState, profile: Profile, congestion_control: str) -> None:
    for host in state.hosts:
        found = host.trouble
        if not read_back.same_link(host.link, read_back.half(profile, host.service, PACS)):
            found = f"{host.shaper} reports {host.link}"
        if congestion_control not in ("", host.congestion_control):
            found = f"its congestion control is {host.congestion_control}, not {congestion_control}"
        if found:
            msg = f"{profile.name} is not in force at {host.service}: {found}"
            raise ToleranceError(msg, "lab net clear, then apply it again")


def _check_felt(engine: Engine, profile: Profile) -> None:
    """A profile counts as applied when a probe has felt it."""
    felt_ms = felt_rtt_ms(engine)
    jitter_s = profile.down.jitter_s + profile.up.jitter_s
    allowed_s = _RTT_TOLERANCE_S + _RTT_TOLERANCE_RATIO * profile.rtt_s + jitter_s
    if abs(felt_ms / 1e3 - profile.rtt_s) > allowed_s:
        msg = (
            f"{profile.name} adds {profile.rtt_s * 1e3:.1f} ms to a round trip, a probe felt {felt_ms:.1f} ms"
        )
        raise ToleranceError(msg, "is the machine busy? lab net status shows what is in force")


def felt_rtt_ms(engine: Engine) -> float:
    """Median round trip from tester to PACS in milliseconds. Raises UnhealthyError when nothing answers."""
    ended = engine.exec("tester", ["ping", "-n", "-c", str(_PINGS), "-i", "0.02", "-W", "3", PACS])
    median = ping.median_rtt_ms(ended.stdout)
    if median is None:
        msg = (
            f"the PACS does not answer a ping from the tester: {(ended.stdout + ended.stderr).strip()[-200:]}"
        )
        raise UnhealthyError(msg, "lab net clear; lab status")
    return median


def _read_hops(engine: Engine) -> dict[str, Hop]:
    return _for_each(engine.running_services(), lambda service: netns.read_hop(engine, service))


def _for_each(services: Iterable[str] | Mapping[str, object], do: Callable[[str], T]) -> dict[str, T]:
    """Do something at every service at once; the first failure is raised when all have ended."""
    names = list(services)
    with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
        return dict(zip(names, pool.map(do, names), strict=True))
