"""Whatever is done to the link, in whatever order: what `lab net status` says is what the kernels say."""

import dataclasses
import json
import os
import random
import re
import signal
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from lab.system import store
from tests.stack.lab import Lab, docker, ours

pytestmark = pytest.mark.usefixtures("clear_link")

LONG = "LAB_TESTS_LONG" in os.environ
SEED = int(os.environ.get("LAB_TESTS_SEED", "20"))
STEPS = 200 if LONG else 20
SERVICES = ("orthanc", "tester", "dcmtk")
PROFILES = ("wan-20ms", "mpls-hospital", "4g-lte", "lan-100m", "drops-3s-every-minute", "baseline")
ASK = "import json; from lab.inside.shaper_talk import ask; print(json.dumps(ask('emulator')))"
LOOK = 'ip route get {address} && tc -j qdisc show && python3 -c "{ask}"'
NO_RATE_BIT_S = 100e9  # how netem is told that there is none


class Mix:
    """Random things that happen to a link."""

    def __init__(self, lab: Lab, seed: int) -> None:
        self.lab = lab
        self.random = random.Random(seed)
        self.steps: dict[str, Callable[[], object]] = {
            "apply": self.apply,
            "clear": lambda: lab("net", "clear"),
            "restart a container": self.restart,
            "kill a shaper": self.kill_shaper,
            "kill the controller": self.kill_controller,
        }

    def step(self) -> str:
        """Do one of them; returns which."""
        (name,) = self.random.choices(list(self.steps), weights=(5, 2, 2, 2, 3))
        self.steps[name]()
        return name

    def apply(self) -> None:
        self.lab("net", "apply", self.random.choice(PROFILES))

    def restart(self) -> None:
        docker("restart", "-t", "0", self.lab.container(self.random.choice(SERVICES)))

    def kill_shaper(self) -> None:
        """An emulator, or where netem shapes what takes it through its schedule."""
        found = [
            container
            for name in ("emulator", "keeper")
            for container in docker("ps", "-q", "--filter", project(self.lab), "--filter", role(name)).split()
        ]
        if found:
            docker("kill", "--signal", "KILL", self.random.choice(found))

    def kill_controller(self) -> None:
        """In the middle of an apply, or just after it."""
        started = self.lab.start("net", "apply", self.random.choice(PROFILES))
        patience_s = self.random.uniform(0.2, 5)
        try:
            started.wait(patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)
        started.communicate()


def project(lab: Lab) -> str:
    return f"label=org.dicom-lab.project={lab.project}"


def role(name: str) -> str:
    return f"label=org.dicom-lab.role={name}"


def seen_from_outside(lab: Lab, service: str) -> tuple[str, float, float]:
    """Shaper, delay in s and rate in bit/s (0: none), by ip, tc and the emulator's report alone."""
    other = "tester" if service != "tester" else "orthanc"
    address = docker(
        "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", lab.container(other)
    )
    network = f"container:{lab.container(service)}"
    image = f"{lab.project}/tester"
    script = LOOK.format(address=address, ask=ASK)
    said = docker("run", "--rm", "--network", network, image, "sh", "-c", script)
    qdiscs, report = (json.loads(line) for line in said.splitlines()[-2:])
    if "dev lab0" in said:
        return "tun", report["link"]["delay_s"], report["link"]["rate_bit_s"] or 0.0
    for options in (qdisc["options"] for qdisc in qdiscs if qdisc["kind"] == "netem"):
        rate_bit_s = options["rate"]["rate"] * 8.0
        delay_s = options.get("delay", {}).get("delay", 0.0)
        return "netem", delay_s, rate_bit_s if rate_bit_s < NO_RATE_BIT_S else 0.0
    return "none", 0.0, 0.0


def claimed(state: dict[str, Any]) -> dict[str, tuple[str, float, float]]:
    """The same as the status says it: by the profile that it names, where it names one."""
    profile = store.profile(state["profile"]) if state["profile"] in PROFILES else None
    found = {}
    for host in state["hosts"]:
        link = host["link"]
        if profile:
            link = dataclasses.asdict(profile.down if host["service"] == "orthanc" else profile.up)
        found[host["service"]] = (host["shaper"], link["delay_s"], link["rate_bit_s"] or 0.0)
    return found


def rtt_ms(lab: Lab) -> float:
    ping = ("ping", "-n", "-c", "11", "-i", "0.05", "-W", "2", "orthanc")
    said = docker("exec", lab.container("tester"), *ping, check=False)
    return statistics.median(float(found) for found in re.findall(r"time=([\d.]+)", said))


def felt_as(lab: Lab, state: dict[str, Any]) -> bool:
    """The round trip of what the status says is in force, one retry on a busy machine."""
    delays_s = {host["service"]: host["link"]["delay_s"] for host in state["hosts"]}
    jitter_ms = sum(host["link"]["jitter_s"] for host in state["hosts"]) * 1e3
    expected_ms = (delays_s["orthanc"] + delays_s["tester"]) * 1e3
    return any(abs(rtt_ms(lab) - expected_ms) < 3 + jitter_ms for _ in range(2))


@pytest.mark.timeout(3600 if LONG else 600)
def test_after_every_step_of_a_random_mix_the_status_is_what_the_kernels_say(lab: Lab) -> None:
    mix, done = Mix(lab, SEED), list[str]()
    for _ in range(STEPS):
        done.append(mix.step())
        wait_until_up(lab)
        state = lab.json("net", "status")
        said = claimed(state)
        assert said.keys() == set(SERVICES), done
        with ThreadPoolExecutor() as pool:
            seen = dict(zip(said, pool.map(partial(seen_from_outside, lab), said), strict=True))
        for service, (shaper, *figures) in said.items():
            assert seen[service][0] == shaper, (service, done)
            assert seen[service][1:] == pytest.approx(tuple(figures), rel=1e-3, abs=2e-6), (service, done)
        losing = any(host["link"]["loss_ratio"] > 0.5 for host in state["hosts"])
        assert losing or felt_as(lab, state), (done, state)
    lab("net", "clear")
    assert lab.json("net", "status")["profile"] == "baseline"
    assert len(ours(lab.project)["containers"]) == len(SERVICES)


def wait_until_up(lab: Lab) -> None:
    """A container that was restarted needs a moment for its address."""
    deadline_s = time.monotonic() + 30
    while time.monotonic() < deadline_s:
        if all(docker("inspect", "-f", "{{.State.Running}}", lab.container(s)) == "true" for s in SERVICES):
            return
        time.sleep(0.1)
