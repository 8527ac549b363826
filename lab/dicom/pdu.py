"""Protocol data units of the DICOM Upper Layer (PS3.8 9.3), as bytes. No sockets, no clock.

    offset  0   PDU type            1 byte
            1   reserved            1 byte
            2   PDU length          4 bytes, big endian, of what follows (PS3.8 9.3.1)

A-ASSOCIATE PDUs are in lab/dicom/negotiation.py; what walks a stream of PDUs is in lab/dicom/stream.py.
"""

import struct
from enum import IntEnum

HEADER = struct.Struct(">BxI")
PDV_HEADER = struct.Struct(">IBB")  # item length, context ID, message control header (PS3.8 9.3.5.1)
_P_DATA_TF = struct.Struct(">BxIIBB")  # both, as a P-DATA-TF with one presentation data value begins
PDV_OVERHEAD_BYTES = 2  # of context ID and control header, counted in the item length

COMMAND = 0x01  # message control header: the fragment is of a command set (PS3.8 E.2)
LAST = 0x02  # and it is the last one of it

SMALLEST_MAX_PDU_BYTES = 4096
LARGEST_MAX_PDU_BYTES = 1 << 20


class PduType(IntEnum):
    """PS3.8 Tables 9-11 to 9-26."""

    A_ASSOCIATE_RQ = 0x01
    A_ASSOCIATE_AC = 0x02
    A_ASSOCIATE_RJ = 0x03
    P_DATA_TF = 0x04
    A_RELEASE_RQ = 0x05
    A_RELEASE_RP = 0x06
    A_ABORT = 0x07


class AbortSource(IntEnum):
    """PS3.8 Table 9-26, octet 9."""

    SERVICE_USER = 0
    SERVICE_PROVIDER = 2


class AbortReason(IntEnum):
    """PS3.8 Table 9-26, octet 10: why the service provider aborts."""

    NOT_SPECIFIED = 0
    UNRECOGNIZED_PDU = 1
    UNEXPECTED_PDU = 2
    UNRECOGNIZED_PDU_PARAMETER = 4
    UNEXPECTED_PDU_PARAMETER = 5
    INVALID_PDU_PARAMETER_VALUE = 6


class ProtocolViolation(Exception):
    """The peer broke PS3.7 or PS3.8; the association ends with the A-ABORT that this carries."""

    def __init__(
        self,
        text: str,
        reason: AbortReason = AbortReason.INVALID_PDU_PARAMETER_VALUE,
        source: AbortSource = AbortSource.SERVICE_PROVIDER,
    ) -> None:
        super().__init__(text)
        self.reason = reason
        self.source = source


def broken_message(text: str) -> ProtocolViolation:
    """A violation of PS3.7: DIMSE is a user of the Upper Layer, so the abort is a user's (PS3.8 9.3.8)."""
    return ProtocolViolation(text, AbortReason.NOT_SPECIFIED, AbortSource.SERVICE_USER)


def encode(pdu_type: PduType, body: bytes) -> bytes:
    """Any PDU from its variable field."""
    return HEADER.pack(pdu_type, len(body)) + body


A_RELEASE_RQ = encode(PduType.A_RELEASE_RQ, bytes(4))  # PS3.8 Table 9-24
A_RELEASE_RP = encode(PduType.A_RELEASE_RP, bytes(4))  # PS3.8 Table 9-25


def a_abort(source: AbortSource, reason: AbortReason) -> bytes:
    """PS3.8 Table 9-26. The reason only counts when the provider aborts."""
    return encode(PduType.A_ABORT, bytes((0, 0, source, reason)))


def p_data_tf(context_id: int, control: int, fragment: bytes) -> bytes:
    """A P-DATA-TF of one presentation data value (PS3.8 Tables 9-22 and 9-23)."""
    length = len(fragment) + PDV_OVERHEAD_BYTES
    return _P_DATA_TF.pack(PduType.P_DATA_TF, length + 4, length, context_id, control) + fragment


def data_set_pdus(context_id: int, data_set: bytes, max_pdu_bytes: int) -> list[bytes]:
    """A Data Set as P-DATA-TF PDUs no longer than the receiver takes; 0 is no limit (PS3.8 D.1)."""
    room = max(1, max_pdu_bytes - PDV_HEADER.size if max_pdu_bytes else len(data_set))
    cuts = range(0, max(1, len(data_set)), room)
    fragments = [data_set[cut : cut + room] for cut in cuts]
    last = len(fragments) - 1
    return [
        p_data_tf(context_id, LAST if number == last else 0, fragment)
        for number, fragment in enumerate(fragments)
    ]
