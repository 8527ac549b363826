"""Transfer syntaxes in the order a receiver should choose them.

The acceptor picks one transfer syntax of those proposed for a presentation context (PS3.8 9.3.3.2).
An acceptor that prefers an uncompressed one makes the PACS decompress, and then the number is the
PACS's decoder. So: what the study is stored in first, then compressed, then plain.
"""

from collections.abc import Sequence

from pydicom.uid import (
    AllTransferSyntaxes,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

_PLAIN = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian)
_COMPRESSED = tuple(uid for uid in AllTransferSyntaxes if uid not in _PLAIN)

PREFERENCES = {
    "compressed": (*_COMPRESSED, *_PLAIN),
    "uncompressed": (*_PLAIN, *_COMPRESSED),
    "little": (ExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian, *_COMPRESSED),
    "big": (ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, *_COMPRESSED),
    "implicit": (ImplicitVRLittleEndian,),
}
"""Orders of choice by name; the last four are what DCMTK's storescp calls -x=, -xe, -xb and -xi."""


def acceptor_order(first_uids: Sequence[str], preference: str = "compressed") -> list[str]:
    """Transfer syntax UIDs in order of choice, each once: the given ones, then those of the preference.

    "implicit" accepts nothing else, whatever is given.
    """
    first = () if preference == "implicit" else first_uids
    return list(dict.fromkeys(str(uid) for uid in [*first, *PREFERENCES[preference]]))
