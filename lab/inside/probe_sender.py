"""The sending end of a probe: paced UDP packets without a checksum, so that a flipped bit arrives."""

import socket
import time
from contextlib import suppress

from lab.link.probe_packet import END, HELLO, SMALLEST_PAYLOAD_BYTES, encode
from lab.model.probe import ProbeOrder, Sent, SentStream, Stream

_SO_NO_CHECK = 11  # socket(7), asm-generic/socket.h: UDP checksum 0
_UDP_SEGMENT = 103  # linux/udp.h
_IP_MTU = 14  # ip(7): of the path of a connected socket
_IP_AND_UDP_BYTES = 28
_HELLO_EVERY_S = 0.1
_ENDS = 10
_END_EVERY_S = 0.03
_MOST_BEHIND_S = 5e-3
_SLACK, _SLACK_S = 1.3, 1.0
_WORTH_SLEEPING_S = 1e-4  # a sleep takes about so much longer than asked for


def send(order: ProbeOrder) -> Sent:
    """Every stream of the order, when a receiver has answered."""
    deadline_s = time.monotonic() + order.at_most_s
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((order.address, order.port))
        _greet(sock, deadline_s)
        sent = []
        for index, stream in enumerate(order.streams):
            time.sleep(order.drain_s)
            sent.append(send_stream(sock, index, stream, deadline_s))
        time.sleep(order.drain_s)
        _say_end(sock)
    return Sent(streams=tuple(sent))


def _greet(sock: socket.socket, deadline_s: float) -> None:
    """Say hello until the answer comes; the receiver may not be there yet, or either may be lost."""
    sock.settimeout(_HELLO_EVERY_S)
    while time.monotonic() < deadline_s:
        with suppress(OSError):
            sock.send(encode(HELLO, 0, 0, SMALLEST_PAYLOAD_BYTES))
            sock.recv(SMALLEST_PAYLOAD_BYTES)
            sock.settimeout(None)
            return
        time.sleep(_HELLO_EVERY_S)
    msg = "no receiver answers"
    raise SystemExit(msg)


def send_stream(sock: socket.socket, index: int, stream: Stream, deadline_s: float) -> SentStream:
    """Each at its time, or shortly after; when it takes much too long, fewer.

    A sender that has stalled makes up for a little, and moves the rest: a burst would fill the link's queue.
    """
    payload_bytes = min(stream.payload_bytes, sock.getsockopt(socket.IPPROTO_IP, _IP_MTU) - _IP_AND_UDP_BYTES)
    segments = _prepare(sock, stream.segments, payload_bytes)
    begun_s = due_s = now_s = time.monotonic()
    deadline_s = min(deadline_s, begun_s + _SLACK * stream.lasts_s + _SLACK_S)
    sequence = 0
    while sequence < stream.packets and now_s < deadline_s:
        wait_s = due_s + sequence * stream.spacing_s - now_s
        due_s += max(0.0, -wait_s - _MOST_BEHIND_S)
        if wait_s > _WORTH_SLEEPING_S:
            time.sleep(wait_s)
        with suppress(OSError):  # no room in the device's queue: lost, as on any full queue
            sock.send(encode(index, sequence, time.time_ns(), payload_bytes) * segments)
        sequence += segments
        now_s = time.monotonic()
    return SentStream(packets=sequence, payload_bytes=payload_bytes, lasted_s=now_s - begun_s)


def _prepare(sock: socket.socket, segments: int, payload_bytes: int) -> int:
    """How many segments at once it is to be: 1 where the kernel or the device takes no more.

    The kernel segments only what has a checksum.
    """
    sock.setsockopt(socket.SOL_SOCKET, _SO_NO_CHECK, int(segments == 1))
    if segments > 1:
        try:
            sock.setsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT, payload_bytes)
            sock.send(encode(HELLO, 0, 0, payload_bytes) * 2)
        except OSError:
            return _prepare(sock, 1, payload_bytes)
        return segments
    with suppress(OSError):
        sock.setsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT, 0)
    return 1


def _say_end(sock: socket.socket) -> None:
    """More than once, for it may be lost; a receiver that is gone has heard it."""
    for _ in range(_ENDS):
        with suppress(OSError):
            sock.send(encode(END, 0, 0, SMALLEST_PAYLOAD_BYTES))
        time.sleep(_END_EVERY_S)
