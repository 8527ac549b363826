"""What a Storage SCU proposes, how it cuts a Data Set, what it is answered (PS3.4 Annex B). No sockets."""

from collections.abc import Iterable, Sequence

from lab.dicom.negotiation import Context
from lab.dicom.pdu import HEADER, LARGEST_MAX_PDU_BYTES, LAST, PDV_HEADER, PDV_OVERHEAD_BYTES, PduType

MOST_CONTEXTS = 128  # odd IDs from 1 to 255 (PS3.8 9.3.2.2)

_MEANINGS = {
    0x0110: "processing failure",
    0x0112: "no such SOP instance",
    0x0117: "invalid SOP instance",
    0x0122: "SOP class not supported",
    0x0124: "not authorized",
    0x0211: "unrecognized operation",
    0xB000: "stored, with data elements coerced",
    0xB006: "stored, with elements discarded",
    0xB007: "stored, though the Data Set does not match the SOP class",
}
_MEANINGS_OF_FAMILY = {
    0xA7: "refused: out of resources",
    0xA9: "the Data Set does not match the SOP class",
}


def contexts_of(pairs: Iterable[tuple[str, str]]) -> tuple[Context, ...]:
    """A presentation context for each (SOP class, transfer syntax), so that the PACS cannot choose.

    Raises ValueError for more than an association can have.
    """
    distinct = list(dict.fromkeys(pairs))
    if len(distinct) > MOST_CONTEXTS:
        msg = (
            f"{len(distinct)} pairs of SOP class and transfer syntax; an association can propose"
            f" {MOST_CONTEXTS} (PS3.8 9.3.2.2)"
        )
        raise ValueError(msg)
    return tuple(
        Context(context_id=2 * number + 1, abstract_syntax=sop_class_uid, transfer_syntaxes=(syntax_uid,))
        for number, (sop_class_uid, syntax_uid) in enumerate(distinct)
    )


def fragment_bytes(max_pdu_bytes: int) -> int:
    """Longest even fragment of a Data Set for a peer that announced so much; 0 is no limit (PS3.8 D.1)."""
    length = min(max_pdu_bytes or LARGEST_MAX_PDU_BYTES, LARGEST_MAX_PDU_BYTES)
    return max(2, (length - PDV_HEADER.size) // 2 * 2)


def shorter(announced_bytes: int, wanted_bytes: int) -> int:
    """The shorter of two maximum lengths, of which 0 is none (PS3.8 D.1)."""
    return min((length for length in (announced_bytes, wanted_bytes) if length), default=0)


def data_set_buffers(context_id: int, fragments: Sequence[bytes], *, ends: bool) -> list[bytes]:
    """Each fragment with the headers of its P-DATA-TF before it; ``ends``: the last is the Data Set's last.

    Headers and fragments stay apart, to be gathered by the kernel (PS3.8 9.3.5).
    """
    last = len(fragments) - 1
    buffers: list[bytes] = []
    for number, fragment in enumerate(fragments):
        length = len(fragment) + PDV_OVERHEAD_BYTES
        control = LAST if ends and number == last else 0
        header = HEADER.pack(PduType.P_DATA_TF, length + 4) + PDV_HEADER.pack(length, context_id, control)
        buffers += (header, fragment)
    return buffers


def status_text(status: int, comment: str = "") -> str:
    """A C-STORE status other than Success in words (PS3.4 B.2.3, PS3.7 Annex C), its comment after it."""
    family = "the PACS cannot understand it" if status >> 12 == 0xC else "unknown to the standard"
    meaning = _MEANINGS.get(status) or _MEANINGS_OF_FAMILY.get(status >> 8, family)
    return f"status 0x{status:04X}: {meaning}" + (f" ({comment})" if comment else "")
