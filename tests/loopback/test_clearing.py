"""Clearing a host, on a real kernel: whatever somebody put on its device."""

import subprocess
from collections.abc import Iterator

import pytest

from lab.inside.hop import read
from lab.link.commands import clearing_argvs
from lab.link.hops import hop_of
from lab.model.hop import Hop
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


def hop(host: Host) -> Hop:
    return hop_of(host.inside(read, host.address))


def cleared(host: Host) -> Hop:
    for argv in clearing_argvs(hop(host)):
        subprocess.run(["ip", "netns", "exec", host.namespace, *argv], check=True)
    return hop(host)


@pytest.mark.parametrize("hook", ["clsact", "ingress"])
def test_a_hook_beside_the_root_is_seen_and_taken_away(host: Host, hook: str) -> None:
    put(host, hook)
    assert hop(host).other_qdiscs == (hook,)
    after = cleared(host)
    assert (after.other_qdiscs, after.qdisc["kind"]) == ((), "noqueue")


def test_a_child_goes_with_its_root(host: Host) -> None:
    put(host, "root", "handle", "1:", "tbf", "rate", "1mbit", "burst", "16kb", "latency", "50ms")
    put(host, "parent", "1:1", "handle", "10:", "pfifo", "limit", "10")
    assert hop(host).other_qdiscs == ("pfifo",)
    after = cleared(host)
    assert (after.other_qdiscs, after.qdisc["kind"]) == ((), "noqueue")
