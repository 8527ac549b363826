"""A container's network namespace: read it, run ip and tc in it, put an emulator beside it."""

import json
import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from lab.errors import LabError, PreflightError
from lab.link.hops import hop_of
from lab.model.hop import Hop
from lab.model.plain import NotOfThatKind
from lab.system.answering import Answering
from lab.system.engine import Engine

EMULATOR_ROLE = "emulator"
KEEPER_ROLE = "keeper"
SHAPER_ROLES = (EMULATOR_ROLE, KEEPER_ROLE)
_READY_TIMEOUT_S = 10
_READER = ("python3", "-m", "lab.inside.hop")
_STAYING: dict[Engine, Answering] = {}


def read_hop(engine: Engine, service: str) -> Hop:
    """What the kernel of a service's namespace says about its way to the lab's network."""
    staying = _STAYING.get(engine)
    answer = staying.ask(service, engine.address(service)) if staying else ""
    return _hop(answer or engine.sidecar(service, [_reading(engine, service)], may_change=False))


@contextmanager
def readers_staying(engine: Engine) -> Iterator[None]:
    """In the block what reads the hosts stays beside them, for a command that reads often."""
    if engine in _STAYING:
        yield
        return
    _STAYING[engine] = Answering(engine, _READER)
    try:
        yield
    finally:
        _STAYING.pop(engine).close()


def run(engine: Engine, service: str, argvs: Sequence[Sequence[str]]) -> Hop:
    """Run ip and tc commands in a service's namespace, and read what is there then, in one sidecar."""
    return _hop(engine.sidecar(service, [*argvs, _reading(engine, service)], may_change=True))


def _reading(engine: Engine, service: str) -> list[str]:
    return [*_READER, engine.address(service)]


def _hop(said: str) -> Hop:
    """Of what the tester image's program printed, which is of this version unless nobody built it anew."""
    try:
        return hop_of(json.loads(said))
    except (LookupError, TypeError, ValueError, NotOfThatKind) as error:
        msg = "the tester image is of another version of the lab"
        raise PreflightError(msg, "lab images build; lab up") from error


def start_shaper(engine: Engine, service: str, argv: Sequence[str]) -> None:
    """Start a shaper that stays beside a service, and wait until it shapes."""
    role = next(role for role in SHAPER_ROLES if f"lab.inside.{role}" in argv)
    container = engine.start_sidecar(service, argv, role=role, may_change=True, tun=role == EMULATOR_ROLE)
    deadline_s = time.monotonic() + _READY_TIMEOUT_S
    while b"ready" not in container.logs(stdout=True, stderr=False):
        container.reload()
        if container.status == "exited" or time.monotonic() > deadline_s:
            complaint = container.logs().decode().strip().splitlines()[-1:]
            engine.remove_sidecars(role, service)
            msg = f"the {role} beside {service} did not start: {' '.join(complaint)}"
            raise LabError(msg, "lab doctor checks for /dev/net/tun")
        time.sleep(0.05)


def rewind(engine: Engine, service: str, epoch_s: float) -> None:
    """Let the schedule of the shaper beside a service begin then, on the machine's monotonic clock."""
    engine.sidecar(service, [["python3", "-m", "lab.inside.rewind", repr(epoch_s)]], may_change=False)


@cache
def probe_congestion_control(engine: Engine, name: str) -> tuple[bool, str]:
    """Try a route with that congestion control in a throw-away namespace: (it works, what ip said). Once."""
    up = "ip link set lo up"
    code, said = engine.throw_away(
        ["sh", "-c", f"{up} && ip route add 192.0.2.0/24 dev lo congctl {shlex.quote(name)}"]
    )
    return code == 0, said


@cache
def probe_netem(engine: Engine) -> tuple[bool, str]:
    """Try a real netem on the `lo` of a throw-away namespace: (it works, what tc said). Once."""
    code, said = engine.throw_away(["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"])
    return code == 0, said
