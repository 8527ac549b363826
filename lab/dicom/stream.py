"""A stream of PDUs, walked in place as it comes from the network.

Theory of operation
    The socket side reads into one buffer, again and again from its start, and feeds what came. Nothing of
    it is kept but headers that were cut in two and the bodies of PDUs other than P-DATA-TF (bounded).
    Fragments of a Data Set are handed on as views of that buffer, so memory does not depend on the size
    of a PDU, of a Data Set or of a study, and no byte of a Data Set is copied.
    Every length is checked against the one around it before it is believed.
"""

import struct
from typing import Protocol

from lab.dicom.pdu import HEADER, PDV_HEADER, PDV_OVERHEAD_BYTES, AbortReason, PduType, ProtocolViolation

_LARGEST_BODY_BYTES = 256 << 10  # 128 contexts of 60 transfer syntaxes fit into an A-ASSOCIATE-RQ of this
_FIXED_BODY_BYTES = 4  # PS3.8 Tables 9-21 and 9-24 to 9-26
_TYPES = {int(pdu_type) for pdu_type in PduType}
_HEADER_BYTES = HEADER.size  # and of a presentation data value's header too
_PDV_LENGTH_BYTES = 4
_BOTH_HEADERS_BYTES = 2 * _HEADER_BYTES
_BOTH_HEADERS = struct.Struct(">BxIIBB").unpack_from
_P_DATA_TF = int(PduType.P_DATA_TF)


class Handler(Protocol):
    """Who listens to a stream. Each may raise ProtocolViolation."""

    def pdu(self, pdu_type: PduType, body: bytes) -> None:
        """A whole PDU that is no P-DATA-TF; ``body`` is its variable field."""

    def begin(self, context_id: int, control: int) -> None:
        """A presentation data value begins."""

    def piece(self, data: memoryview) -> None:
        """A piece of it; only valid until this returns."""

    def end(self) -> None:
        """The presentation data value is complete."""


class PduStream:
    """Cuts bytes into PDUs and presentation data values.

    Args:
        handler: hears of them.
        max_pdu_bytes: the longest P-DATA-TF variable field that was announced; 0 is no limit (PS3.8 D.1).
    """

    def __init__(self, handler: Handler, max_pdu_bytes: int) -> None:
        self._handler = handler
        self._max_pdu_bytes = max_pdu_bytes
        self._cut = b""
        self._type = PduType.P_DATA_TF
        self._body: bytearray | None = None
        self._body_bytes = 0
        self._pdu_left = 0
        self._pdv_left = 0
        self._between = True  # at the start of a PDU, with nothing of it kept
        self._longest = (max_pdu_bytes or 0xFFFFFFFF) - _PDV_LENGTH_BYTES

    def feed(self, data: memoryview) -> None:
        """Walk what came. Raises ProtocolViolation; nothing more may be fed then.

        The first branch is the hot path: a P-DATA-TF with one presentation data value in it, as nearly
        everybody sends them, its two headers taken at once. The others are for all the rest.
        """
        handler = self._handler
        position, end = 0, len(data)
        while position < end:
            if self._between and end - position > _BOTH_HEADERS_BYTES:
                pdu_type, length, pdv_length, context_id, control = _BOTH_HEADERS(data, position)
                if pdu_type == _P_DATA_TF and length == pdv_length + 4 and 2 < pdv_length <= self._longest:
                    start = position + _BOTH_HEADERS_BYTES
                    position = start + pdv_length - PDV_OVERHEAD_BYTES
                    if position <= end:
                        handler.begin(context_id, control)
                        handler.piece(data[start:position])
                        handler.end()
                        continue
                    self._pdv_left, position = position - end, end
                    self._between = False
                    handler.begin(context_id, control)
                    handler.piece(data[start:end])
                    return
            position = self._step(data, position, end)

    def _step(self, data: memoryview, position: int, end: int) -> int:
        """Whatever is not a whole P-DATA-TF with one presentation data value; how far it came."""
        if self._pdv_left:
            position = self._walk_pdv(data, position, end)
        elif self._body is not None:
            position = self._gather_body(self._body, data, position, end)
        elif self._cut or end - position < _HEADER_BYTES:
            position = self._gather_header(data, position, end)
        else:
            self._open(data, position)
            position += _HEADER_BYTES
        self._between = not (self._pdv_left or self._pdu_left or self._cut or self._body is not None)
        return position

    def _walk_pdv(self, data: memoryview, position: int, end: int) -> int:
        stop = position + self._pdv_left
        if stop > end:
            stop = end
        self._pdv_left -= stop - position
        self._handler.piece(data[position:stop])
        if not self._pdv_left:
            self._handler.end()
        return stop

    def _gather_header(self, data: memoryview, position: int, end: int) -> int:
        """A header that was cut in two."""
        stop = min(end, position + _HEADER_BYTES - len(self._cut))
        self._cut += data[position:stop]
        if len(self._cut) == _HEADER_BYTES:
            whole, self._cut = self._cut, b""
            self._open(memoryview(whole), 0)
        return stop

    def _open(self, data: memoryview, position: int) -> None:
        """Six bytes of a PDU's header, or of a presentation data value's inside a P-DATA-TF."""
        if self._pdu_left:
            self._open_pdv(*PDV_HEADER.unpack_from(data, position))
        else:
            self._open_pdu(*HEADER.unpack_from(data, position))

    def _open_pdu(self, pdu_type: int, length: int) -> None:
        if pdu_type == PduType.P_DATA_TF:
            if self._max_pdu_bytes and length > self._max_pdu_bytes:
                msg = f"a P-DATA-TF of {length} bytes where at most {self._max_pdu_bytes} were announced"
                raise ProtocolViolation(msg)  # PS3.8 D.1.1
            if length < _HEADER_BYTES:
                msg = f"a P-DATA-TF of {length} bytes holds no presentation data value"
                raise ProtocolViolation(msg)  # PS3.8 Table 9-22: one or more items
            self._pdu_left = length
            return
        if pdu_type not in _TYPES:
            msg = f"PDU type 0x{pdu_type:02X} is none of PS3.8's"
            raise ProtocolViolation(msg, AbortReason.UNRECOGNIZED_PDU)
        self._type = PduType(pdu_type)
        _check_body_length(self._type, length)
        self._body_bytes = length
        self._body = bytearray()

    def _open_pdv(self, length: int, context_id: int, control: int) -> None:
        """``_pdu_left`` is what follows this presentation data value in its PDU, headers included."""
        left = self._pdu_left - _PDV_LENGTH_BYTES - length
        if length < PDV_OVERHEAD_BYTES or left < 0:
            msg = f"a presentation data value of {length} bytes in what is left of its PDU"
            raise ProtocolViolation(msg)
        if 0 < left < _HEADER_BYTES:
            msg = f"{left} bytes after the last presentation data value of a PDU"
            raise ProtocolViolation(msg)
        self._pdu_left = left
        self._pdv_left = length - PDV_OVERHEAD_BYTES
        self._handler.begin(context_id, control)
        if not self._pdv_left:
            self._handler.end()

    def _gather_body(self, body: bytearray, data: memoryview, position: int, end: int) -> int:
        stop = min(end, position + self._body_bytes - len(body))
        body += data[position:stop]
        if len(body) == self._body_bytes:
            self._body = None
            self._handler.pdu(self._type, bytes(body))
        return stop


def _check_body_length(pdu_type: PduType, length: int) -> None:
    if pdu_type in (PduType.A_ASSOCIATE_RQ, PduType.A_ASSOCIATE_AC):
        sound = 0 < length <= _LARGEST_BODY_BYTES
    else:
        sound = length == _FIXED_BODY_BYTES
    if not sound:
        msg = f"an {pdu_type.name.replace('_', '-')} of {length} bytes"
        raise ProtocolViolation(msg)
