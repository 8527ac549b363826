"""How netem's time-keeper ends, as a process. A plain direction needs no netem: any kernel will do."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab.model.plain import to_json
from lab.model.profile import Link
from lab.model.shaper import ShaperOrder
from tests.loopback.emulator_hosts import Host, order_of, steady, two_hosts

HOUR_S = 3600.0


@pytest.fixture
def host() -> Iterator[Host]:
    with two_hosts() as (one, _):
        yield one


@contextmanager
def keeping(host: Host, order: ShaperOrder) -> Iterator[subprocess.Popen[str]]:
    argv = ["ip", "netns", "exec", host.namespace, sys.executable, "-m", "lab.inside.keeper", to_json(order)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def order_until(host: Host, until_s: float) -> ShaperOrder:
    return order_of(host, steady(Link()), until_s)


def test_it_ends_well_when_its_time_is_up(host: Host) -> None:
    with keeping(host, order_until(host, time.monotonic() + 0.5)) as keeper:
        assert keeper.wait(timeout=10) == 0


def test_stopped_before_its_time_it_has_not_ended_well(host: Host) -> None:
    with keeping(host, order_until(host, time.monotonic() + HOUR_S)) as keeper:
        keeper.terminate()
        assert keeper.wait(timeout=10) == 128 + signal.SIGTERM
