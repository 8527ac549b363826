"""A container's network namespace: read it, run ip and tc in it, put an emulator beside it."""

import json
import shlex
import time
from collections.abc import Sequence
from typing import Any

from lab.errors import LabError
from lab.model.exchange import Hop
from lab.system.engine import Engine

EMULATOR_ROLE = "emulator"
_READY_TIMEOUT_S = 10


def read_hop(engine: Engine, service: str) -> Hop:
    """What the kernel of a service's namespace says about its way to the lab's network."""
    output = engine.sidecar(
        service, [["python3", "-m", "lab.inside.hop", engine.address(service)]], may_change=False
    )
    return Hop(**json.loads(output))


def run(engine: Engine, service: str, argvs: Sequence[Sequence[str]]) -> None:
    """Run ip and tc commands in a service's namespace, as one sidecar."""
    if argvs:
        engine.sidecar(service, argvs, may_change=True)


def start_emulator(engine: Engine, service: str, order: dict[str, Any]) -> None:
    """Start the userspace emulator beside a service and wait until it has taken the route over."""
    argv = ["python3", "-m", "lab.inside.emulator", json.dumps(order)]
    container = engine.start_sidecar(service, argv, role=EMULATOR_ROLE, tun=True)
    deadline_s = time.monotonic() + _READY_TIMEOUT_S
    while b"ready" not in container.logs(stdout=True, stderr=False):
        container.reload()
        if container.status == "exited" or time.monotonic() > deadline_s:
            complaint = container.logs().decode().strip().splitlines()[-1:]
            engine.remove_sidecars(EMULATOR_ROLE, service)
            msg = f"the emulator beside {service} did not start: {' '.join(complaint)}"
            raise LabError(msg, "lab doctor checks for /dev/net/tun")
        time.sleep(0.05)


def probe_congestion_control(engine: Engine, name: str) -> tuple[bool, str]:
    """Try a route with that congestion control in a throw-away namespace: (it works, what ip said)."""
    up = "ip link set lo up"
    code, said = engine.throw_away(
        ["sh", "-c", f"{up} && ip route add 192.0.2.0/24 dev lo congctl {shlex.quote(name)}"]
    )
    return code == 0, said


def probe_netem(engine: Engine) -> tuple[bool, str]:
    """Try a real netem on the `lo` of a throw-away namespace: (it works, what tc said)."""
    code, said = engine.throw_away(["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"])
    return code == 0, said
