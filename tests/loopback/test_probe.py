"""The probe between two network namespaces, on a plain wire and on one with a known rate.

A busy machine is given a second chance, as `lab net verify` gives the link.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lab.link import probe_plan
from lab.link.judging import better, judge_direction
from lab.link.probe_figures import figures_of
from lab.model.plain import from_json, to_json
from lab.model.probe import ProbeOrder, Received, Sent, Stream
from lab.model.profile import Link
from lab.model.verdict import OK, Figures, Verdict
from tests.conftest import cannot_run

pytestmark = pytest.mark.alone

SENDER, RECEIVER = f"labprobe{os.getpid()}s", f"labprobe{os.getpid()}r"
ENDS = ((RECEIVER, "receive"), (SENDER, "send"))
DEVICE = "wire"
ADDRESS = "10.199.0.2"
PORT = 47011
SECONDS = 5.0
RATE = Link(rate_bit_s=20e6, buffer_s=0.05)
FULL_RATE_PAYLOAD_BYTES = 1472


@pytest.fixture(scope="module")
def wire() -> Iterator[None]:
    """A veth pair between two namespaces of our own."""
    if os.geteuid() or not all(map(shutil.which, ("ip", "tc"))):
        cannot_run("network namespaces need root, ip and tc")
    try:
        _make()
        yield
    finally:
        for namespace in (SENDER, RECEIVER):
            subprocess.run(["ip", "netns", "del", namespace], check=False, capture_output=True)


def _make() -> None:
    for namespace in (SENDER, RECEIVER):
        _run("ip", "netns", "add", namespace)
    ends = ("name", DEVICE, "netns", SENDER, "type", "veth", "peer", "name", DEVICE, "netns", RECEIVER)
    _run("ip", "link", "add", *ends)
    for namespace, address in ((SENDER, "10.199.0.1"), (RECEIVER, ADDRESS)):
        _run("ip", "-n", namespace, "address", "add", f"{address}/24", "dev", DEVICE)
        _run("ip", "-n", namespace, "link", "set", DEVICE, "up")
        _run("ip", "-n", namespace, "link", "set", "lo", "up")


@contextmanager
def rate_limit() -> Iterator[None]:
    """The kernel's token bucket, for what the sender sends."""
    device = ("-n", SENDER, "qdisc")
    shape = ("rate", f"{RATE.rate_bit_s:.0f}bit", "burst", "16kb", "latency", "50ms")
    _run("tc", *device, "replace", "dev", DEVICE, "root", "tbf", *shape)
    try:
        yield
    finally:
        _run("tc", *device, "del", "dev", DEVICE, "root")


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True)


def probed(streams: tuple[Stream, ...]) -> tuple[Sent, Received]:
    receiver, sender = (_start(namespace, role, streams) for namespace, role in ENDS)
    sent, received = sender.communicate()[0], receiver.communicate()[0]
    assert (sender.returncode, receiver.returncode) == (0, 0)
    return from_json(Sent, sent), from_json(Received, received)


def _start(namespace: str, role: str, streams: tuple[Stream, ...]) -> subprocess.Popen[str]:
    order = ProbeOrder(role=role, address=ADDRESS, port=PORT, streams=streams, drain_s=0.1, at_most_s=30)
    argv = ["ip", "netns", "exec", namespace, sys.executable, "-m", "lab.inside.probe", to_json(order)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def figures(link: Link) -> Figures:
    return figures_of(
        probed(probe_plan.timed_streams(link, SECONDS)), probed((probe_plan.flood(link, SECONDS),))
    )


def told(link: Link) -> list[Verdict]:
    """Measured once more when it is not all as claimed."""
    first = judge_direction("down", link, figures(link), SECONDS)
    if all(line.verdict == OK for line in first):
        return first
    return better(first, judge_direction("down", link, figures(link), SECONDS))


def once_more(holds: Callable[[], bool]) -> bool:
    return holds() or holds()


@pytest.mark.usefixtures("wire")
def test_a_plain_wire_is_found_to_be_one() -> None:
    assert [line for line in told(Link()) if line.verdict != OK] == []


@pytest.mark.usefixtures("wire")
@pytest.mark.parametrize("segments", [1, 8])
def test_a_rate_is_measured_within_five_percent(segments: int) -> None:
    stream = Stream(
        name="flood",
        packets=2000,
        spacing_s=0.0005,
        payload_bytes=FULL_RATE_PAYLOAD_BYTES,
        segments=segments,
        counted_only=True,
    )

    def within() -> bool:
        rate_bit_s = probed((stream,))[1].streams[0].steady_bit_s
        return rate_bit_s == pytest.approx(RATE.rate_bit_s, rel=0.05)

    with rate_limit():
        assert once_more(within)


@pytest.mark.usefixtures("wire")
def test_a_link_that_is_slower_than_it_claims_is_out() -> None:
    claimed = Link(rate_bit_s=40e6, buffer_s=0.05)
    with rate_limit():
        assert {line.what: line.verdict for line in told(RATE)}["rate"] == OK
        rate = next(line for line in told(claimed) if line.what == "rate")
    assert rate.measured == pytest.approx(20, rel=0.1)
    assert rate.verdict != OK


@pytest.mark.usefixtures("wire")
def test_a_sender_that_nobody_answers_says_so() -> None:
    order = ProbeOrder(role="send", address=ADDRESS, port=PORT, streams=(), drain_s=0, at_most_s=0.5)
    argv = ["ip", "netns", "exec", SENDER, sys.executable, "-m", "lab.inside.probe", to_json(order)]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.strip()) == (1, "no receiver answers")
