"""Whatever is done to the link, in whatever order: what `lab net status` says is what the kernels say."""

import os
import random
import re
import signal
import statistics
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.stack.lab import Lab, docker, ours

pytestmark = pytest.mark.usefixtures("clear_link")

LONG = "LAB_TESTS_LONG" in os.environ
SEED = int(os.environ.get("LAB_TESTS_SEED", "20"))
STEPS = 200 if LONG else 20
SERVICES = ("orthanc", "tester", "dcmtk")
PROFILES = ("wan-20ms", "mpls-hospital", "4g-lte", "lan-100m", "drops-3s-every-minute", "baseline")
LOOK = "ip route get {address} && tc qdisc show"


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
        found = docker("ps", "-q", "--filter", project(self.lab), "--filter", role("emulator"))
        if found:
            docker("kill", "--signal", "KILL", self.random.choice(found.split()))

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


def shaper_by_the_kernel(lab: Lab, service: str) -> str:
    """Looked at with ip and tc alone, from the container's network."""
    other = "tester" if service != "tester" else "orthanc"
    address = docker(
        "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", lab.container(other)
    )
    network = f"container:{lab.container(service)}"
    image = f"{lab.project}/tester"
    said = docker("run", "--rm", "--network", network, image, "sh", "-c", LOOK.format(address=address))
    return "tun" if "dev lab0" in said else "netem" if "qdisc netem" in said else "none"


def rtt_ms(lab: Lab) -> float:
    said = lab("exec", "tester", "ping", "-n", "-c", "11", "-i", "0.05", "-W", "2", "orthanc").stdout
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
        said = {host["service"]: host["shaper"] for host in state["hosts"]}
        assert said == {service: shaper_by_the_kernel(lab, service) for service in SERVICES}, done
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
