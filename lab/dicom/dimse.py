"""DIMSE command sets (PS3.7 6.3, 9.3 and Annex E): Implicit VR Little Endian, group 0000 only.

element     (group, element) 2 + 2 bytes, length 4 bytes, value of even length (PS3.5 7.1.3)
"""

import struct
from enum import IntEnum
from typing import NamedTuple

from lab.dicom.pdu import COMMAND, LAST, broken_message, p_data_tf

_ELEMENT = struct.Struct("<HHI")
_ELEMENT_BYTES = _ELEMENT.size
_US = struct.Struct("<H")
_US_ELEMENT = struct.Struct("<HHIH")
_GROUP_LENGTH = struct.Struct("<HHII")
_NO_DATA_SET = 0x0101  # (0000,0800): anything else means that one follows (PS3.7 E.1-1)
_NO_DATA_SET_VALUE = _US.pack(_NO_DATA_SET)
LARGEST_COMMAND_BYTES = 64 << 10  # no command set of PS3.7 comes near it

GROUP_LENGTH = 0x0000
AFFECTED_SOP_CLASS_UID = 0x0002
COMMAND_FIELD = 0x0100
MESSAGE_ID = 0x0110
MESSAGE_ID_RESPONDED_TO = 0x0120
MOVE_DESTINATION = 0x0600
PRIORITY = 0x0700
DATA_SET_TYPE = 0x0800
STATUS = 0x0900
ERROR_COMMENT = 0x0902
AFFECTED_SOP_INSTANCE_UID = 0x1000
REMAINING = 0x1020
COMPLETED = 0x1021
FAILED = 0x1022
WARNING = 0x1023


class CommandField(IntEnum):
    """PS3.7 Table E.1-1, those this lab speaks."""

    C_STORE_RQ = 0x0001
    C_STORE_RSP = 0x8001
    C_FIND_RQ = 0x0020
    C_FIND_RSP = 0x8020
    C_MOVE_RQ = 0x0021
    C_MOVE_RSP = 0x8021
    C_ECHO_RQ = 0x0030
    C_ECHO_RSP = 0x8030
    C_CANCEL_RQ = 0x0FFF


RESPONSE = 0x8000  # the bit that makes a command field a response's

SUCCESS = 0x0000
PENDING = (0xFF00, 0xFF01)
UNRECOGNIZED_OPERATION = 0x0211  # PS3.7 Annex C.5.25
MOVE_DESTINATION_UNKNOWN = 0xA801


class Command(NamedTuple):
    """A command set as received; ``elements`` by element number of group 0000, values as they were."""

    field: int
    elements: dict[int, bytes]

    @property
    def has_data_set(self) -> bool:
        """Whether a Data Set follows (PS3.7 E.1-1, Command Data Set Type)."""
        value = self.elements.get(DATA_SET_TYPE, b"")
        if len(value) != _US.size:
            msg = f"a command 0x{self.field:04X} without element (0000,{DATA_SET_TYPE:04X})"
            raise broken_message(msg)
        return value != _NO_DATA_SET_VALUE

    def us_or_none(self, element: int) -> int | None:
        """An optional one; None when absent, or not two bytes long."""
        value = self.elements.get(element, b"")
        return _US.unpack(value)[0] if len(value) == _US.size else None

    def text(self, element: int) -> str:
        """A string without its padding, "" when absent; what is not ASCII is shown escaped."""
        value = self.elements.get(element, b"").rstrip(b"\0 ")
        return value.decode("ascii", "backslashreplace")


def decode(command_set: bytes) -> Command:
    """A complete command set. Raises ProtocolViolation when it does not parse."""
    elements: dict[int, bytes] = {}
    position, end = 0, len(command_set)
    while position < end:
        start = position + _ELEMENT_BYTES
        if start > end:
            msg = "a command set ends within an element"
            raise broken_message(msg)
        group, element, length = _ELEMENT.unpack_from(command_set, position)
        position = start + length
        if group or position > end:
            msg = f"a command set holds element ({group:04X},{element:04X}) of {length} bytes"
            raise broken_message(msg)
        elements[element] = command_set[start:position]
    field = elements.get(COMMAND_FIELD, b"")
    if len(field) != _US.size:
        msg = "a command set without a Command Field"
        raise broken_message(msg)
    return Command(_US.unpack(field)[0], elements)


def us(element: int, value: int) -> bytes:
    """An unsigned short element."""
    return _US_ELEMENT.pack(0, element, 2, value)


def text(element: int, value: str, padding: bytes) -> bytes:
    """A string element; UIDs are padded with NUL, titles with a space (PS3.5 6.2)."""
    encoded = value.encode("ascii")
    if len(encoded) % 2:
        encoded += padding
    return raw(element, encoded)


def raw(element: int, value: bytes) -> bytes:
    """An element whose value is encoded already."""
    return _ELEMENT.pack(0, element, len(value)) + value


def command_pdu(context_id: int, *elements: bytes) -> bytes:
    """A command set as one P-DATA-TF, its group length put before the elements."""
    body = b"".join(elements)
    return p_data_tf(context_id, COMMAND | LAST, _GROUP_LENGTH.pack(0, GROUP_LENGTH, 4, len(body)) + body)


def response(context_id: int, request: Command, status: int) -> bytes:
    """The response to a C-STORE, a C-ECHO or what is not known here (PS3.7 9.3.1.2, 9.3.5.2).

    What comes from the request goes back byte for byte as it came, whatever it looks like.
    """
    elements = request.elements
    message_id = elements.get(MESSAGE_ID, b"")
    if len(message_id) != _US.size:
        msg = f"a command 0x{request.field:04X} without element (0000,{MESSAGE_ID:04X})"
        raise broken_message(msg)
    return command_pdu(
        context_id,
        _echoed(AFFECTED_SOP_CLASS_UID, elements),
        us(COMMAND_FIELD, request.field | RESPONSE),
        raw(MESSAGE_ID_RESPONDED_TO, message_id),
        _RESPONSE_HAS_NO_DATA_SET,
        us(STATUS, status),
        _echoed(AFFECTED_SOP_INSTANCE_UID, elements),
    )


def _echoed(element: int, elements: dict[int, bytes]) -> bytes:
    value = elements.get(element)
    return raw(element, value) if value else b""


_RESPONSE_HAS_NO_DATA_SET = us(DATA_SET_TYPE, _NO_DATA_SET)


def c_echo_rq(context_id: int, message_id: int) -> bytes:
    """PS3.7 9.3.5.1."""
    return command_pdu(
        context_id,
        text(AFFECTED_SOP_CLASS_UID, "1.2.840.10008.1.1", b"\0"),
        us(COMMAND_FIELD, CommandField.C_ECHO_RQ),
        us(MESSAGE_ID, message_id),
        us(DATA_SET_TYPE, _NO_DATA_SET),
    )


def c_store_rq(context_id: int, message_id: int, sop_class_uid: str, sop_instance_uid: str) -> bytes:
    """PS3.7 9.3.1.1; the Data Set follows."""
    return command_pdu(
        context_id,
        text(AFFECTED_SOP_CLASS_UID, sop_class_uid, b"\0"),
        us(COMMAND_FIELD, CommandField.C_STORE_RQ),
        us(MESSAGE_ID, message_id),
        us(PRIORITY, 0),
        us(DATA_SET_TYPE, 0),
        text(AFFECTED_SOP_INSTANCE_UID, sop_instance_uid, b"\0"),
    )


def c_find_rq(context_id: int, message_id: int, sop_class_uid: str) -> bytes:
    """PS3.7 9.3.2.1; the Identifier follows."""
    return command_pdu(
        context_id,
        text(AFFECTED_SOP_CLASS_UID, sop_class_uid, b"\0"),
        us(COMMAND_FIELD, CommandField.C_FIND_RQ),
        us(MESSAGE_ID, message_id),
        us(PRIORITY, 0),
        us(DATA_SET_TYPE, 0),
    )


def c_move_rq(context_id: int, message_id: int, sop_class_uid: str, destination_ae_title: str) -> bytes:
    """PS3.7 9.3.4.1; the Identifier follows."""
    return command_pdu(
        context_id,
        text(AFFECTED_SOP_CLASS_UID, sop_class_uid, b"\0"),
        us(COMMAND_FIELD, CommandField.C_MOVE_RQ),
        us(MESSAGE_ID, message_id),
        text(MOVE_DESTINATION, destination_ae_title, b" "),
        us(PRIORITY, 0),
        us(DATA_SET_TYPE, 0),
    )
