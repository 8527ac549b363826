"""What the emulator carries, how late it is, its rates beside those of the kernel's tbf. One retry each."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from statistics import median

import pytest

from lab.model.profile import Link
from lab.statistics.summary import quantile
from tests.loopback.emulator_hosts import Host, emulated, order_of, steady, two_hosts

pytestmark = pytest.mark.alone

AGREE_RATIO = 0.05
ROUNDS = 3
BULK_S = 1.0
IMAGES, IMAGE_BYTES = 48, 160_000  # those of the study `quick`
CHUNK_BYTES = 1 << 18
BUFFER_S = 0.05
PORT = 4001
UNSHAPED_BIT_S = 1e9
DELAY_S, SPACING_S, PUNCTUAL_PACKETS, LATE_P99_S = 0.02, 0.01, 300, 0.0003
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


@pytest.mark.parametrize("measure", [bulk_bit_s, images_s])
@pytest.mark.parametrize("rate_bit_s", [50e6, 100e6, 200e6])
def test_the_emulator_agrees_with_tbf(
    hosts: tuple[Host, Host], rate_bit_s: float, measure: Callable[[Host, Host], float]
) -> None:
    link = Link(rate_bit_s=rate_bit_s, buffer_s=BUFFER_S)

    def ratio() -> float:
        figures: dict[Shaper, list[float]] = {tbf: [], tun: []}
        for shaper in (tbf, tun) * ROUNDS:
            with shaper(hosts[0], link):
                figures[shaper].append(measure(*hosts))
        return median(figures[tun]) / median(figures[tbf])

    first = ratio()
    assert abs(first - 1) <= AGREE_RATIO or ratio() == pytest.approx(1, abs=AGREE_RATIO)


def test_doing_nothing_it_carries_a_gigabit_a_second(hosts: tuple[Host, Host]) -> None:
    """One emulator, and so one core at most: TCP payload."""
    with tun(hosts[0], Link()):
        first = bulk_bit_s(*hosts)
        assert first >= UNSHAPED_BIT_S or bulk_bit_s(*hosts) >= UNSHAPED_BIT_S


def late_p99_s(sender: Host, receiver: Host) -> float:
    """What is added to the delay, from sending to the return of the read, at a hundred packets a second."""
    sent_s: list[float] = []
    with sender.udp() as source, receiver.udp() as sink, ThreadPoolExecutor(1) as pool:

        def receive() -> list[float]:
            return [(sink.recv(2000), time.monotonic())[1] for _ in range(PUNCTUAL_PACKETS)]

        receiving = pool.submit(receive)
        for _ in range(PUNCTUAL_PACKETS):
            sent_s.append(time.monotonic())
            source.sendto(b"on time", (receiver.address, 4000))
            time.sleep(SPACING_S)
        took_s = [came_s - went_s for went_s, came_s in zip(sent_s, receiving.result(), strict=True)]
    return quantile([one_s - DELAY_S for one_s in took_s], 0.99)


def test_at_a_hundred_packets_a_second_one_in_a_hundred_is_late_by_less_than_a_third_of_a_millisecond(
    hosts: tuple[Host, Host],
) -> None:
    with tun(hosts[0], Link(delay_s=DELAY_S)):
        first = late_p99_s(*hosts)
        assert first < LATE_P99_S or late_p99_s(*hosts) < LATE_P99_S
