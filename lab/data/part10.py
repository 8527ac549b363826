"""A DICOM file's outside: where File Meta Information ends and the Data Set begins (PS3.10 7.1)."""

import struct

PREFIX_BYTES = 144
_GROUP_LENGTH = struct.Struct("<128x4sHH2sHI")


def dataset_offset(prefix: bytes) -> int:
    """Offset of the Data Set, from the first PREFIX_BYTES of a file.

        0    128  preamble
        128    4  "DICM"
        132   12  (0002,0000) UL, 4 bytes: length of the rest of group 2, Explicit VR Little Endian

    Raises:
        ValueError: these are not the first bytes of a DICOM file.
    """
    if len(prefix) < PREFIX_BYTES:
        msg = "too short for a DICOM file"
        raise ValueError(msg)
    magic, group, element, vr, size, group_length = _GROUP_LENGTH.unpack_from(prefix)
    if (magic, group, element, vr, size) != (b"DICM", 0x0002, 0x0000, b"UL", 4):
        msg = "no DICM and File Meta Information Group Length where PS3.10 7.1 puts them"
        raise ValueError(msg)
    return PREFIX_BYTES + int(group_length)
