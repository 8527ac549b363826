"""Clearing a host, on a real kernel: whatever somebody put on its device."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from lab.inside.hop import read_hop
from lab.model.exchange import Hop
from lab.model.plain import from_json
from tests.conftest import cannot_run
from tests.loopback.emulator_hosts import Host, two_hosts


@pytest.fixture
def host() -> Iterator[Host]:
    with two_hosts() as (one, _):
        yield one


def put(host: Host, *words: str) -> None:
    ended = subprocess.run(["tc", "-n", host.namespace, "qdisc", "add", "dev", "v0", *words], check=False)
    if ended.returncode:
        cannot_run(f"this kernel has no {' '.join(words)}")


def cleared(host: Host) -> Hop:
    argv = ["ip", "netns", "exec", host.namespace, sys.executable, "-m", "lab.inside.clear", host.address]
    return from_json(Hop, subprocess.run(argv, check=True, capture_output=True).stdout)


@pytest.mark.parametrize("hook", ["clsact", "ingress"])
def test_a_hook_beside_the_root_is_seen_and_taken_away(host: Host, hook: str) -> None:
    put(host, hook)
    assert host.inside(read_hop, host.address).other_qdiscs == (hook,)
    hop = cleared(host)
    assert (hop.other_qdiscs, hop.qdisc["kind"]) == ((), "noqueue")


def test_a_child_goes_with_its_root(host: Host) -> None:
    put(host, "root", "handle", "1:", "tbf", "rate", "1mbit", "burst", "16kb", "latency", "50ms")
    put(host, "parent", "1:1", "handle", "10:", "pfifo", "limit", "10")
    assert host.inside(read_hop, host.address).other_qdiscs == ("pfifo",)
    hop = cleared(host)
    assert (hop.other_qdiscs, hop.qdisc["kind"]) == ((), "noqueue")
