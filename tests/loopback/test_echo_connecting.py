"""Reaching the peer: by which address, and what is said when it cannot be reached."""

import socket
from contextlib import closing

import pytest

from tests.conftest import cannot_run
from tests.loopback.echo_scp import answers, echo_scp
from tests.loopback.echoing import lab_echo
from tests.loopback.ports import free_port


def has_ipv6() -> bool:
    try:
        with closing(socket.create_server(("::1", 0), family=socket.AF_INET6)):
            return True
    except OSError:
        return False


def test_ipv4_is_the_default() -> None:
    with echo_scp(answers) as (port, _):
        assert lab_echo("127.0.0.1", port).code == 0
        assert lab_echo("-i0", "127.0.0.1", port).code == 0
        refused = lab_echo("-i6", "127.0.0.1", port)
    assert (refused.code, "no IPv6 address" in refused.stderr) == (1, True)
    other = lab_echo("::1", port)
    assert (other.code, "no IPv4 address" in other.stderr) == (1, True)


def test_of_the_ip_versions_the_last_holds() -> None:
    with echo_scp(answers) as (port, _):
        assert lab_echo("-i6", "-i4", "127.0.0.1", port).code == 0
        assert lab_echo("-i4", "-i6", "127.0.0.1", port).code == 1


@pytest.mark.parametrize("option", ["-i6", "-i0"])
def test_ipv6_reaches_a_peer(option: str) -> None:
    if not has_ipv6():
        cannot_run("this machine has no IPv6")
    refused = lab_echo(option, "::1", free_port())
    assert (refused.code, "refuses the connection" in refused.stderr) == (1, True)


def test_an_unknown_host_is_named() -> None:
    ran = lab_echo("nosuchhost.invalid", 104)
    assert (ran.code, "'nosuchhost.invalid' has no IPv4 address" in ran.stderr) == (1, True)


def test_a_port_where_nothing_listens_is_named() -> None:
    port = free_port()
    ran = lab_echo("localhost", port)
    assert (ran.code, f"localhost:{port} refuses the connection" in ran.stderr) == (1, True)


def test_a_connection_that_is_not_answered_ends_after_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(socket.socket):
        def connect(self, _: object) -> None:
            raise TimeoutError("timed out")

    monkeypatch.setattr(socket, "socket", Silent)
    ran = lab_echo("-to", 3, "localhost", 104)
    assert (ran.code, "does not answer within 3 s" in ran.stderr) == (1, True)


def test_a_limit_beyond_what_sockets_take_is_as_long_as_they_take() -> None:
    with echo_scp(answers) as (port, _):
        longest = 10**11
        ran = lab_echo("-to", longest, "-ts", longest, "-ta", longest, "-td", longest, "localhost", port)
    assert (ran.code, ran.stderr) == (0, "")
