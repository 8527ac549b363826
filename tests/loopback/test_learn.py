"""`lab net learn` with the machine's own ping and iperf3, over the loopback interface."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lab.errors import UsageProblem
from lab.stack import learning
from lab.system import store
from lab.system.home import Home
from tests.conftest import cannot_run
from tests.unit.quiet import Quiet

HOST = "127.0.0.1"


@pytest.fixture(autouse=True)
def _ping() -> None:
    if shutil.which("ping") is None:
        cannot_run("no ping on this machine")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, "p")


def free_port() -> int:
    with closing(socket.create_server((HOST, 0))) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def iperf3_port() -> Iterator[int]:
    if shutil.which("iperf3") is None:
        cannot_run("no iperf3 on this machine")
    port = free_port()
    argv = ["iperf3", "--server", "--bind", HOST, "--port", str(port), "--forceflush"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            next(line for line in server.stdout if "listening" in line)
            yield port
        finally:
            server.terminate()


@pytest.mark.alone
def test_the_round_trip_of_loopback_is_learned_without_a_rate(home: Home) -> None:
    progress = Quiet()
    profile = learning.learn(home, HOST, "self", progress, iperf3_port=free_port(), pings=5, replace=False)
    assert 0 < profile.rtt_s < 0.05
    assert (profile.down.rate_bit_s, profile.down.loss_ratio) == (None, 0)
    assert any("the rate down stays unknown" in line for line in progress.said)
    assert store.profile("self", home) == profile


@pytest.mark.alone
def test_with_iperf3_both_rates_are_learned(home: Home, iperf3_port: int) -> None:
    profile = learning.learn(home, HOST, "self", Quiet(), iperf3_port=iperf3_port, pings=5, replace=False)
    assert profile.down.rate_bit_s
    assert profile.up.rate_bit_s
    assert min(profile.down.rate_bit_s, profile.up.rate_bit_s) > 10e6
    assert profile.source.endswith("with ping and iperf3")


def test_a_name_that_nobody_knows_is_told_apart(home: Home) -> None:
    with pytest.raises(UsageProblem, match="nobody knows the host"):
        learning.learn(home, "no.such.invalid", "", Quiet(), iperf3_port=1, pings=4, replace=False)
