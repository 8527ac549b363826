"""The link as it stands: read from every host, with what is missing of what was applied."""

import dataclasses
from collections.abc import Mapping

from lab.link import read_back
from lab.model.link_state import PACS, HostLink, LinkState
from lab.stack import wished
from lab.stack.hosts import read_hops, started
from lab.stack.wished import Wished
from lab.system import netns, store
from lab.system.engine import BESIDE_LABEL, Engine
from lab.system.home import Home


def status(home: Home, engine: Engine) -> LinkState:
    """What is in force now, read from every running host, and what is missing of what was applied."""
    last = wished.read(home)
    known = [last.wish.profile] if last else []
    profiles = [*known, *store.readable_profiles(home)]
    state = read_back.link_state(read_hops(engine), PACS, profiles, last.wish.profile if last else None)
    died = {beside: role for role in netns.SHAPER_ROLES for beside in _died(engine, role)}
    hosts = (_with_death(host, died.get(host.service, "")) for host in state.hosts)
    if last:
        now = started(engine)
        hosts = (_with_loss(host, last, now) for host in hosts)
    return dataclasses.replace(state, hosts=tuple(hosts))


def _died(engine: Engine, role: str) -> set[str]:
    ended = (c for c in engine.sidecars(role) if c.status != "running" and not engine.ended_well(c))
    return {c.labels[BESIDE_LABEL] for c in ended}


def _with_death(host: HostLink, role: str) -> HostLink:
    if role == netns.EMULATOR_ROLE and host.shaper == "none":
        return dataclasses.replace(host, trouble="its emulator has died: traffic flows unshaped")
    if role == netns.KEEPER_ROLE and host.report is None:
        return dataclasses.replace(host, trouble="its time-keeper has died: it stays as it is")
    return host


def _with_loss(host: HostLink, last: Wished, now: Mapping[str, str]) -> HostLink:
    """A container that was restarted or made anew has a fresh network: nothing of the profile is left."""
    if host.trouble or read_back.is_as_asked(host, last.wish.profile, PACS):
        return host
    restarted = now.get(host.service) != last.started.get(host.service)
    what, name = "started again since" if restarted else "somebody changed it since", last.wish.profile.name
    return dataclasses.replace(host, trouble=f"{what}: lab net apply {name} shapes it")
