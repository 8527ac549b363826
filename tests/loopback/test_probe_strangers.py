"""A probe's receiver heeds the sender that it has answered, and nothing an earlier one left on its way."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from lab.inside.probe_receiver import receive
from lab.inside.probe_sender import send
from lab.link.probe_packet import END, HELLO, SMALLEST_PAYLOAD_BYTES, encode
from lab.model.probe import ProbeOrder, Received, Stream
from tests.loopback.ports import free_port

ADDRESS = "127.0.0.1"
PACKETS = 20


def order(port: int, role: str, *, counted_only: bool) -> ProbeOrder:
    stream = Stream(
        name="delays", packets=PACKETS, spacing_s=0.002, payload_bytes=160, counted_only=counted_only
    )
    return ProbeOrder(role=role, address=ADDRESS, port=port, streams=(stream,), drain_s=0.1, at_most_s=10)


def received(payload: bytes, *, counted_only: bool = False) -> Received:
    """By a receiver to which a stranger sends something, before and after its own sender greets it."""
    port = free_port()
    with ThreadPoolExecutor(1) as pool, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        receiving = pool.submit(receive, order(port, "receive", counted_only=counted_only))
        wait_for_it(port)
        for _ in range(3):
            stranger.sendto(payload, (ADDRESS, port))
        send(order(port, "send", counted_only=counted_only))
        return receiving.result()


def wait_for_it(port: int) -> None:
    """Greet the receiver, as another sender than those of the test, until it answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as greeter:
        greeter.connect((ADDRESS, port))
        greeter.settimeout(0.05)
        while True:
            with suppress(OSError):
                greeter.send(encode(HELLO, 0, 0, SMALLEST_PAYLOAD_BYTES))
                greeter.recv(SMALLEST_PAYLOAD_BYTES)
                return


def test_the_last_words_of_an_earlier_sender_end_nobody_elses_probe() -> None:
    (stream,) = received(encode(END, 0, 0, SMALLEST_PAYLOAD_BYTES)).streams
    assert stream.sequence == tuple(range(PACKETS))


@pytest.mark.parametrize("counted_only", [False, True])
def test_a_packet_of_an_earlier_sender_is_not_counted(counted_only: bool) -> None:
    (stream,) = received(encode(0, 7, 0, 160), counted_only=counted_only).streams
    assert stream.packets == PACKETS
