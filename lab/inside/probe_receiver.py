"""The receiving end of a probe: what arrived, when, and whether it is as it was sent.

Packets are stamped by the kernel as they come in (SO_TIMESTAMPNS, wall clock), so it does not matter
when this process gets to read them; the sender stamps with the same clock.
"""

import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lab.link.probe_figures import steady_bit_s
from lab.link.probe_packet import END, HEADERS_BYTES, HELLO, ProbePacket, decode, stream_of
from lab.model.probe import Arrived, ProbeOrder, Received, Stream

_SO_TIMESTAMPNS = 35  # asm-generic/socket.h
_SO_RXQ_OVFL = 40
_SO_RCVBUFFORCE = 33
_BUFFER_BYTES = 16 << 20
_LARGEST_PACKET_BYTES = 65536
_ANCILLARY_BYTES = socket.CMSG_SPACE(16) + socket.CMSG_SPACE(4)
_TIMESPEC = struct.Struct("@qq")
_COUNT = struct.Struct("@I")
_WAIT_S = 0.5


@dataclass
class _Log:
    """What came of one stream; ``packets`` stays empty when they are only counted."""

    stream: Stream
    packets: list[ProbePacket] = field(default_factory=list)
    at_ns: list[int] = field(default_factory=list)
    frame_bytes: list[int] = field(default_factory=list)

    def note(self, payload_bytes: int, at_ns: int) -> None:
        """Another packet."""
        self.at_ns.append(at_ns)
        self.frame_bytes.append(payload_bytes + HEADERS_BYTES)

    def arrived(self) -> Arrived:
        """As it is told."""
        looked_at = list(zip(self.packets, self.at_ns, strict=False))
        first_ns = min((packet.sent_ns for packet in self.packets), default=0)
        return Arrived(
            sequence=tuple(packet.sequence for packet, _ in looked_at),
            sent_us=tuple((packet.sent_ns - first_ns) / 1e3 for packet, _ in looked_at),
            delay_us=tuple(round((at_ns - packet.sent_ns) / 1e3, 1) for packet, at_ns in looked_at),
            corrupted=tuple(packet.sequence for packet, _ in looked_at if not packet.intact),
            packets=len(self.at_ns),
            steady_bit_s=steady_bit_s(self.at_ns, self.frame_bytes),
        )


class _Receiver:
    def __init__(self, sock: socket.socket, order: ProbeOrder) -> None:
        self.logs = [_Log(stream) for stream in order.streams]
        self.overruns = 0
        self._sock = sock
        self._sender: object = None  # whom it has answered last
        self._buffer = bytearray(_LARGEST_PACKET_BYTES)
        self._counted = {index for index, stream in enumerate(order.streams) if stream.counted_only}

    def listen(self, deadline_s: float) -> None:
        """Note every packet until the sender says that it has ended, or time is up."""
        ended = False
        while not ended and time.monotonic() < deadline_s:
            with suppress(TimeoutError):
                ended = self._take_one()

    def _take_one(self) -> bool:
        count, ancillary, _, sender = self._sock.recvmsg_into([self._buffer], _ANCILLARY_BYTES)
        said = {kind: value for _, kind, value in ancillary}
        if _SO_RXQ_OVFL in said:
            self.overruns = _COUNT.unpack(said[_SO_RXQ_OVFL])[0]
        seconds, nanoseconds = _TIMESPEC.unpack(said[_SO_TIMESTAMPNS])
        at_ns = seconds * 1_000_000_000 + nanoseconds
        stream = stream_of(self._buffer)
        if stream in self._counted and sender == self._sender:
            self.logs[stream].note(count, at_ns)
            return False
        return self._look_at(bytes(self._buffer[:count]), at_ns, sender)

    def _look_at(self, payload: bytes, at_ns: int, sender: Any) -> bool:
        """True when it was the end. What an earlier probe's sender left on its way is none of this one."""
        packet = decode(payload)
        if packet is None:
            return False
        if packet.stream == HELLO:
            self._sender = sender
            self._sock.sendto(payload, sender)
        if sender != self._sender:
            return False
        if packet.stream < len(self.logs):
            self.logs[packet.stream].packets.append(packet)
            self.logs[packet.stream].note(len(payload), at_ns)
        return packet.stream == END


def receive(order: ProbeOrder) -> Received:
    """Until the sender says that it has ended, or time is up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        _prepare(sock)
        sock.bind((order.address, order.port))
        receiver = _Receiver(sock, order)
        receiver.listen(time.monotonic() + order.at_most_s)
    streams = tuple(log.arrived() for log in receiver.logs)
    return Received(streams=streams, overrun_packets=receiver.overruns)


def _prepare(sock: socket.socket) -> None:
    """A large buffer, beyond the machine's limit where that is allowed, and stamps."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
    except PermissionError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    sock.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
    sock.settimeout(_WAIT_S)
