"""TCP sockets of the instrument: no Nagle, no delayed ACK, what the kernel says of a connection.

Options that the system has not are left out: the lab measures on Linux, and still runs elsewhere.
"""

import socket
import ssl
import struct
from collections.abc import Sequence
from contextlib import suppress

from lab.model.exchange import Connection

_QUICKACK = getattr(socket, "TCP_QUICKACK", None)
_CONGESTION = getattr(socket, "TCP_CONGESTION", None)
_TCP_INFO = getattr(socket, "TCP_INFO", None)
_SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python has no name for it
STAMP_BYTES = socket.CMSG_SPACE(16)
_STAMP = struct.Struct("qq")

# linux/tcp.h, struct tcp_info: eight single bytes, then 32-bit words, then 64-bit ones
_WORDS = struct.Struct("<8x24I")
_RTT, _RTTVAR, _SND_CWND, _RCV_RTT, _TOTAL_RETRANS = 15, 16, 18, 21, 23
_MIN_RTT = struct.Struct("<148xI")
_RCV_OOOPACK = struct.Struct("<224xI")


def send_at_once(connection: socket.socket) -> None:
    """Nagle's algorithm off (RFC 9293 3.7.4)."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def acknowledge_at_once(connection: socket.socket) -> None:
    """No delayed ACK for now (tcp(7)): the kernel forgets it, so this is said again after each read."""
    if _QUICKACK is not None:
        connection.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)


def stamp_arrivals(connection: socket.socket) -> bool:
    """Have the kernel stamp what arrives (socket(7), SO_TIMESTAMPNS); False where it cannot."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        return True
    return False


def stamp_s(ancillary: list[tuple[int, int, bytes]]) -> float | None:
    """The kernel's stamp (CLOCK_REALTIME, seconds) of the last byte that a recvmsg returned."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _STAMP.size:
            seconds, nanoseconds = _STAMP.unpack_from(data)
            return float(seconds + nanoseconds * 1e-9)
    return None


def describe(connection: socket.socket) -> Connection:
    """What the kernel knows of a connection now; fields it does not tell are None."""
    info = b""
    with suppress(OSError):
        if _TCP_INFO is not None:
            info = connection.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 256)
    words = _WORDS.unpack_from(info) if len(info) >= _WORDS.size else None
    return Connection(
        congestion_control=congestion_control(connection),
        rtt_ms=words[_RTT] / 1e3 if words else None,
        rttvar_ms=words[_RTTVAR] / 1e3 if words else None,
        min_rtt_ms=_word(info, _MIN_RTT, 1e3),
        receiver_rtt_ms=words[_RCV_RTT] / 1e3 if words else None,
        cwnd_segments=words[_SND_CWND] if words else None,
        retransmitted_segments=words[_TOTAL_RETRANS] if words else None,
        out_of_order_packets=_word(info, _RCV_OOOPACK, 1),
    )


def congestion_control(connection: socket.socket) -> str:
    """Its name, "" where the system does not tell."""
    if _CONGESTION is None:
        return ""
    return connection.getsockopt(socket.IPPROTO_TCP, _CONGESTION, 16).rstrip(b"\0").decode()


def _word(info: bytes, place: struct.Struct, scale: float) -> float | None:
    return place.unpack_from(info)[0] / scale if len(info) >= place.size else None


def send_gathered(connection: socket.socket, buffers: Sequence[bytes]) -> None:
    """As few calls as it takes; what the kernel did not take at once follows. TLS copies what it encrypts."""
    if isinstance(connection, ssl.SSLSocket):
        connection.sendall(b"".join(buffers))
        return
    left = [memoryview(one) for one in buffers]
    while left:
        sent = connection.sendmsg(left)
        whole = 0
        while whole < len(left) and sent >= len(left[whole]):
            sent -= len(left[whole])
            whole += 1
        del left[:whole]
        if sent:
            left[0] = left[0][sent:]
