"""Bytes as the ANS SpeedTest script counts them: Data Set and Group 2, no preamble.

The script writes each Data Set it receives with ``pydicom.dcmwrite(buffer, ds, enforce_file_format=False)``,
under the File Meta Information that pynetdicom made up of the C-STORE request. That has its own
implementation's name in it, so the count depends on the version of pynetdicom; this is 3.0.4's.
"""

from collections.abc import Iterable

from lab.model.study import Instance

_IMPLEMENTATION_CLASS_UID = "1.2.826.0.1.3680043.9.3811.3.0.4"
_IMPLEMENTATION_VERSION_NAME = "PYNETDICOM_304"
_SHORT_HEADER_BYTES = 8  # tag, VR and 16-bit length (PS3.5 Table 7.1-2)
_GROUP_LENGTH_BYTES = _SHORT_HEADER_BYTES + 4  # (0002,0000) UL
_VERSION_BYTES = 12 + 2  # (0002,0001) OB, 32-bit length (PS3.5 Table 7.1-1)


def speedtest_bytes(instances: Iterable[Instance]) -> int:
    """What the script would say of a study, in bytes."""
    return sum(
        one.dataset_bytes + group_2_bytes(one.sop_class_uid, one.sop_instance_uid, one.transfer_syntax_uid)
        for one in instances
    )


def group_2_bytes(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str) -> int:
    """File Meta Information as pynetdicom's event.file_meta has it, written: (0002,0000) to (0002,0013)."""
    texts = (
        sop_class_uid,
        sop_instance_uid,
        transfer_syntax_uid,
        _IMPLEMENTATION_CLASS_UID,
        _IMPLEMENTATION_VERSION_NAME,
    )
    return (
        _GROUP_LENGTH_BYTES + _VERSION_BYTES + sum(_SHORT_HEADER_BYTES + _even(len(text)) for text in texts)
    )


def _even(length: int) -> int:
    return length + length % 2
