"""What becomes of an element when identity goes: PS3.15 Table E.1-1, Basic Profile, and a little more.

The table is dicom-anonymizer's (edition 2026c). Where it leaves a choice (Z/D, X/Z, ...) the element stays,
empty or with a dummy, so that Type 1 and 2 elements are not missed. Beyond the table, because it does
not know every place a name can stand in: private and unknown elements go, as do persons, dates, times,
free text, addresses and unlisted patient data; every UID that is not a well-known one is replaced.
"""

from enum import Enum
from functools import lru_cache

from dicomanonymizer.dicomfields_selector import (  # type: ignore[import-untyped]
    dicom_anonymization_database_selector,
)
from pydicom.datadict import keyword_for_tag

from lab.data.elements import TEXT_VRS, known_vr

METHOD = "PS3.15 Basic Application Confidentiality Profile"
PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020
IDENTITY_REMOVED, METHOD_TAG, TIMES_MODIFIED = 0x00120062, 0x00120063, 0x00280303
_EDITION = "dicomfields_2026c"
_FREE_TEXT = frozenset(("LT", "ST", "UT", "UC", "UR", "AE", "PN", "DA", "DT", "TM", "AS"))
_STRUCTURE = frozenset(("AT", "CS", "UI"))  # without them a replaced sequence could not be read any more
_PATIENT_GROUP = 0x0010


class Action(Enum):
    """Letters as in PS3.15 E.1.1."""

    KEEP = "K"
    EMPTY = "Z"
    DUMMY = "D"
    REMOVE = "X"
    NEW_UID = "U"
    PSEUDONYM = "pseudonym"


_BY_CATEGORY = {
    "D_TAGS": Action.DUMMY,
    "Z_TAGS": Action.EMPTY,
    "X_TAGS": Action.REMOVE,
    "U_TAGS": Action.NEW_UID,
    "Z_D_TAGS": Action.DUMMY,
    "X_Z_TAGS": Action.EMPTY,
    "X_D_TAGS": Action.DUMMY,
    "X_Z_D_TAGS": Action.DUMMY,
    "X_Z_U_STAR_TAGS": Action.KEEP,  # sequences of references: kept, their UIDs replaced
}


def _table() -> dict[int, Action]:
    database = dicom_anonymization_database_selector(_EDITION)
    return {
        tag[0] << 16 | tag[1]: action
        for category, action in _BY_CATEGORY.items()
        for tag in database[category]
        if len(tag) == 2
    }


_TABLE = {
    **_table(),
    PATIENT_NAME: Action.PSEUDONYM,
    PATIENT_ID: Action.PSEUDONYM,
    # said anew for the whole Data Set
    IDENTITY_REMOVED: Action.REMOVE,
    METHOD_TAG: Action.REMOVE,
    0x00120064: Action.REMOVE,  # De-identification Method Code Sequence
    TIMES_MODIFIED: Action.REMOVE,
}


@lru_cache(maxsize=10_000)
def action_for(tag: int, vr: str, *, replacing: bool) -> Action:
    """What becomes of an element. ``replacing``: it is in a sequence of which the table wants a dummy."""
    action = _TABLE.get(tag) or _unlisted(tag, vr)
    if action is Action.NEW_UID and is_well_known_place(tag):
        return Action.KEEP
    if replacing and action is Action.KEEP and vr not in _STRUCTURE:
        return Action.DUMMY
    return action


def _unlisted(tag: int, vr: str) -> Action:
    group, number = tag >> 16, tag & 0xFFFF
    if group % 2 or not known_vr(tag) or number == 0 or _is_curve_or_overlay_text(group, number):
        return Action.REMOVE
    if group == _PATIENT_GROUP and vr != "SQ":
        return Action.REMOVE
    if vr == "UI":
        return Action.NEW_UID
    return Action.EMPTY if vr in _FREE_TEXT else Action.KEEP


def _is_curve_or_overlay_text(group: int, number: int) -> bool:
    """Curve data (50xx,xxxx), overlay data (60xx,3000) and comments (60xx,4000): X in the table."""
    return group >> 8 == 0x50 or (group >> 8 == 0x60 and number in (0x3000, 0x4000))


def is_well_known_place(tag: int) -> bool:
    """A UID there names a class, a syntax or a coding, never an object."""
    keyword = keyword_for_tag(tag)
    return (
        "ClassUID" in keyword
        or "SOPClasses" in keyword
        or "TransferSyntaxUID" in keyword
        or keyword in ("CodingSchemeUID", "ContextUID", "MappingResourceUID")
    )


def is_text(vr: str) -> bool:
    """A name could be read in a value of this VR."""
    return vr in TEXT_VRS - {"UI", "CS", "DS", "IS"}
