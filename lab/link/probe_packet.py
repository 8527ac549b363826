"""A probe packet as bytes, and back, whatever bits the link has flipped.

The header stands at both ends of the payload, each copy with a CRC of its own, and what is between them
is known: a packet with one bit wrong still says which it is, and that it is not as it was sent.

    bytes 0-1    mark
    bytes 2-3    stream
    bytes 4-7    sequence number
    bytes 8-15   when it was sent, nanoseconds
    bytes 16-19  CRC-32 of the above
"""

import struct
import zlib
from dataclasses import dataclass

HEADER_BYTES = 20
SMALLEST_PAYLOAD_BYTES = 2 * HEADER_BYTES
HEADERS_BYTES = 14 + 20 + 8  # Ethernet, IPv4, UDP: what the link sees besides the payload
HELLO, END = 0xFFFF, 0xFFFE  # streams that are none: the greeting, and the end of all
_MARK = 0x4C50
_FIELDS = struct.Struct("!HHIQ")
_MARK_AND_STREAM = struct.Struct("!HH")
_CRC = struct.Struct("!I")
_PATTERN = bytes((7 * index + 85) % 256 for index in range(65536))


@dataclass(frozen=True, slots=True)
class ProbePacket:
    """``intact``: as it was sent, to the bit."""

    stream: int
    sequence: int
    sent_ns: int
    intact: bool


def encode(stream: int, sequence: int, sent_ns: int, payload_bytes: int) -> bytes:
    """The payload of a packet, SMALLEST_PAYLOAD_BYTES at least."""
    fields = _FIELDS.pack(_MARK, stream, sequence, sent_ns)
    header = fields + _CRC.pack(zlib.crc32(fields))
    return header + _PATTERN[: payload_bytes - SMALLEST_PAYLOAD_BYTES] + header


def decode(payload: bytes) -> ProbePacket | None:
    """The packet; None when it is no probe, or neither header can be believed."""
    for header in (payload[:HEADER_BYTES], payload[-HEADER_BYTES:]):
        fields = _believed(header)
        if fields is not None:
            stream, sequence, sent_ns = fields
            sent = encode(stream, sequence, sent_ns, max(len(payload), SMALLEST_PAYLOAD_BYTES))
            return ProbePacket(stream, sequence, sent_ns, intact=payload == sent)
    return None


def _believed(header: bytes) -> tuple[int, int, int] | None:
    if len(header) < HEADER_BYTES or _CRC.unpack(header[16:])[0] != zlib.crc32(header[:16]):
        return None
    mark, stream, sequence, sent_ns = _FIELDS.unpack(header[:16])
    return (stream, sequence, sent_ns) if mark == _MARK else None


def stream_of(payload: bytes | bytearray) -> int:
    """The stream by its first bytes alone, for packets that come too fast to be looked at."""
    mark, stream = _MARK_AND_STREAM.unpack_from(payload)
    return int(stream) if mark == _MARK else HELLO
