"""What the emulator carries, how late it is, its rates beside those of the kernel's tbf. One retry each."""

import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from statistics import fmean, median

import pytest

from lab.link.tun_routes import restore_argvs
from lab.model.profile import Link
from lab.statistics.summary import quantile
from tests.loopback.emulator_hosts import SUBNET, Host, emulated, order_of, steady, two_hosts

pytestmark = pytest.mark.alone

AGREE_RATIO = 0.05
ROUNDS = 3
BULK_S = 1.0
IMAGES, IMAGE_BYTES = 48, 160_000  # those of the study `quick`
CHUNK_BYTES = 1 << 18
BUFFER_S = 0.05
PORT = 4001
NEARLY_RATIO = 0.8
DELAY_S, SPACING_S, PUNCTUAL_PACKETS, LOOKS = 0.02, 0.01, 300, 150
SHARE, LATE_S = 0.9, 0.0003
WAKE_UPS = 3  # the emulator's for the packet, its other when the packet is due, the reader's
Shaper = Callable[[Host, Link], AbstractContextManager[object]]


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    with two_hosts() as pair:
        yield pair


@contextmanager
def tbf(host: Host, link: Link) -> Iterator[None]:
    rate_bit_s = link.rate_bit_s or 0
    device = ["tc", "-n", host.namespace, "qdisc"]
    shape = ["rate", f"{rate_bit_s:.0f}bit", "burst", "16kb", "latency", f"{link.buffer_s * 1e3:.0f}ms"]
    subprocess.run([*device, "replace", "dev", "v0", "root", "tbf", *shape], check=True)
    try:
        yield
    finally:
        subprocess.run([*device, "del", "dev", "v0", "root"], check=True)


@contextmanager
def tun(host: Host, link: Link) -> Iterator[None]:
    with emulated(host, order_of(host, steady(link))):
        yield


@contextmanager
def bare(host: Host, link: Link) -> Iterator[None]:
    """What any userspace emulator in Python does at least: each packet is read, and written."""
    assert link.is_plain
    argv = ["ip", "netns", "exec", host.namespace, sys.executable, "-m", "tests.loopback.bare_emulator"]
    with subprocess.Popen([*argv, host.address, SUBNET], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield
        finally:
            process.terminate()
    for argv in restore_argvs("v0", SUBNET, host.address):
        subprocess.run(["ip", "netns", "exec", host.namespace, *argv], check=True)


@contextmanager
def connected(sender: Host, receiver: Host) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a TCP connection that is used at once, segments as they come."""
    with receiver.inside(partial(socket.create_server, (receiver.address, PORT))) as server:
        source: socket.socket = sender.inside(socket.create_connection, (receiver.address, PORT))
        sink, _ = server.accept()
    for end in (source, sink):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with source, sink:
        yield source, sink


def bulk_bit_s(sender: Host, receiver: Host) -> float:
    """Payload of a stream, from its second quarter on: slow start is left out."""
    with connected(sender, receiver) as (source, sink), ThreadPoolExecutor(1) as pool:
        until_s = time.monotonic() + BULK_S

        def send() -> None:
            while time.monotonic() < until_s:
                source.sendall(bytes(CHUNK_BYTES))
            source.shutdown(socket.SHUT_WR)

        sending = pool.submit(send)
        received, began = 0, (0, 0.0)
        while chunk := len(sink.recv(CHUNK_BYTES)):
            received, now_s = received + chunk, time.monotonic()
            if not began[1] and now_s > until_s - 0.75 * BULK_S:
                began = (received, now_s)
        sending.result()
        return (received - began[0]) * 8 / (time.monotonic() - began[1])


def images_s(sender: Host, receiver: Host) -> float:
    """Stop-and-wait: each image is answered before the next one goes."""
    with connected(sender, receiver) as (source, sink), ThreadPoolExecutor(1) as pool:

        def receive() -> None:
            for _ in range(IMAGES):
                sink.recv_into(bytearray(IMAGE_BYTES), IMAGE_BYTES, socket.MSG_WAITALL)
                sink.sendall(b"\0")

        receiving = pool.submit(receive)
        began_s = time.monotonic()
        for _ in range(IMAGES):
            source.sendall(bytes(IMAGE_BYTES))
            source.recv(1)
        receiving.result()
        return time.monotonic() - began_s


def medians(
    hosts: tuple[Host, Host], link: Link, measure: Callable[[Host, Host], float], *shapers: Shaper
) -> list[float]:
    """By each shaper, in rounds."""
    figures: dict[Shaper, list[float]] = {shaper: [] for shaper in shapers}
    for shaper in shapers * ROUNDS:
        with shaper(hosts[0], link):
            figures[shaper].append(measure(*hosts))
    return [median(figures[shaper]) for shaper in shapers]


RATES = pytest.mark.parametrize("rate_bit_s", [50e6, 100e6, 200e6])


@RATES
def test_a_stream_is_as_fast_as_by_tbf(hosts: tuple[Host, Host], rate_bit_s: float) -> None:
    def ratio() -> float:
        by_tbf, by_tun = medians(hosts, Link(rate_bit_s=rate_bit_s, buffer_s=BUFFER_S), bulk_bit_s, tbf, tun)
        return by_tun / by_tbf

    first = ratio()
    assert abs(first - 1) <= AGREE_RATIO or ratio() == pytest.approx(1, abs=AGREE_RATIO)


@RATES
def test_images_one_by_one_take_as_long_as_by_tbf(hosts: tuple[Host, Host], rate_bit_s: float) -> None:
    """But for how late this machine wakes whoever waits for a time, which each image has to bear."""
    for _ in range(2):
        by_tbf, by_tun = medians(hosts, Link(rate_bit_s=rate_bit_s, buffer_s=BUFFER_S), images_s, tbf, tun)
        allowed_s = AGREE_RATIO * by_tbf + IMAGES * WAKE_UPS * fmean(overslept_s())
        if abs(by_tun - by_tbf) <= allowed_s:
            return
    pytest.fail(f"{by_tun:.3f} s by tun, {by_tbf:.3f} s by tbf, which may differ by {allowed_s:.3f} s")


def test_doing_nothing_it_carries_nearly_what_a_bare_loop_carries(hosts: tuple[Host, Host]) -> None:
    """TCP payload through one emulator, and so on one core at most."""

    def ratio() -> float:
        by_bare, by_tun = medians(hosts, Link(), bulk_bit_s, bare, tun)
        return by_tun / by_bare

    assert max(ratio(), ratio()) >= NEARLY_RATIO


def overslept_s() -> list[float]:
    """How late a process of this machine wakes that sleeps until a time, as an emulator does."""
    begun_s = [(time.monotonic(), select.select((), (), (), DELAY_S))[0] for _ in range(LOOKS)]
    ended_s = [*begun_s[1:], time.monotonic()]
    return [end_s - begin_s - DELAY_S for begin_s, end_s in zip(begun_s, ended_s, strict=True)]


def late_s(sender: Host, receiver: Host) -> tuple[float, float]:
    """How late datagrams leave a delay at a hundred a second, and how late a sleeper wakes meanwhile."""
    sent_s: list[float] = []
    with sender.udp() as source, receiver.udp() as sink, ThreadPoolExecutor(2) as pool:

        def receive() -> list[float]:
            return [(sink.recv(2000), time.monotonic())[1] for _ in range(PUNCTUAL_PACKETS)]

        receiving, sleeping = pool.submit(receive), pool.submit(overslept_s)
        for _ in range(PUNCTUAL_PACKETS):
            sent_s.append(time.monotonic())
            source.sendto(b"on time", (receiver.address, 4000))
            time.sleep(SPACING_S)
        took_s = [came_s - went_s for went_s, came_s in zip(sent_s, receiving.result(), strict=True)]
        return quantile([one_s - DELAY_S for one_s in took_s], SHARE), quantile(sleeping.result(), SHARE)


def test_at_a_hundred_packets_a_second_it_is_late_by_little_more_than_the_machine(
    hosts: tuple[Host, Host],
) -> None:
    """0.3 ms where sleepers wake up in time; three have to, for each packet. Of ten packets one is left out:
    what a busy host takes its time over is in the tail.
    """
    with tun(hosts[0], Link(delay_s=DELAY_S)):
        for _ in range(2):
            packets_s, sleeper_s = late_s(*hosts)
            if packets_s <= WAKE_UPS * sleeper_s + LATE_S:
                return
    pytest.fail(f"late by {packets_s * 1e3:.2f} ms, a sleeper by {sleeper_s * 1e3:.2f} ms")
