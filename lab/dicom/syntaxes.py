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


def acceptor_order(preferred_uids: Sequence[str]) -> list[str]:
    """Every known transfer syntax UID once: the preferred ones, then compressed, then plain."""
    compressed = [uid for uid in AllTransferSyntaxes if uid not in _PLAIN]
    return list(dict.fromkeys(str(uid) for uid in [*preferred_uids, *compressed, *_PLAIN]))
