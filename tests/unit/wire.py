"""What goes over the wire, in memory: fed as a network would bring it, and read by pynetdicom's classes."""

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pynetdicom.dimse_messages import DIMSEMessage
from pynetdicom.dsutils import encode as write_by_pydicom
from pynetdicom.pdu import P_DATA_TF

from lab.dicom.acceptor import Acceptor, Sink
from lab.dicom.association import Association
from lab.dicom.negotiation import Context, Offer, Proposal
from lab.dicom.pdu import HEADER, PDV_HEADER, PduType, encode
from lab.dicom.proposing import encode_request
from lab.dicom.requester import Requester
from lab.dicom.states import State

VERIFICATION = "1.2.840.10008.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
JPEG_2000 = "1.2.840.10008.1.2.4.90"

A_ABORT_OF_USER = bytes.fromhex(
    "07 00 00000004"  # A-ABORT, 4 bytes follow
    "00 00 00 00"  # reserved, reserved, source: service user, reason: not significant
)
A_ABORT_UNRECOGNIZED = bytes.fromhex("07 00 00000004 00 00 02 01")  # source: provider, unrecognized PDU
A_ABORT_UNEXPECTED = bytes.fromhex("07 00 00000004 00 00 02 02")  # unexpected PDU
A_ABORT_INVALID = bytes.fromhex("07 00 00000004 00 00 02 06")  # invalid PDU parameter value
A_RELEASE_RQ = bytes.fromhex("05 00 00000004 00000000")
A_RELEASE_RP = bytes.fromhex("06 00 00000004 00000000")


def proposal(*contexts: Context, called: str = "LAB", max_pdu_bytes: int = 16384) -> Proposal:
    """From a PACS."""
    return Proposal(
        called_ae_title=called, calling_ae_title="PACS", contexts=contexts, max_pdu_bytes=max_pdu_bytes
    )


def context(context_id: int, abstract_syntax: str, *transfer_syntaxes: str) -> Context:
    """Proposed or accepted."""
    return Context(
        context_id=context_id, abstract_syntax=abstract_syntax, transfer_syntaxes=transfer_syntaxes
    )


def p_data(*values: tuple[int, int, bytes]) -> bytes:
    """A P-DATA-TF of any number of presentation data values: context ID, control header, fragment."""
    body = b"".join(PDV_HEADER.pack(len(value[2]) + 2, *value[:2]) + value[2] for value in values)
    return encode(PduType.P_DATA_TF, body)


def element(number: int, value: bytes) -> bytes:
    """Of a command set: group 0000 in Implicit VR Little Endian."""
    return bytes(2) + number.to_bytes(2, "little") + len(value).to_bytes(4, "little") + value


def command_set(**values: Any) -> bytes:
    """Of these keywords, as pydicom writes it."""
    command = Dataset()
    for keyword, value in values.items():
        setattr(command, keyword, value)
    body = write_by_pydicom(command, True, True) or b""
    command.CommandGroupLength = len(body)
    return write_by_pydicom(command, True, True) or b""


def acceptance(result: int = 0, max_pdu_bytes: int = 16384) -> bytes:
    """The A-ASSOCIATE-AC of a PACS for the one context of a Requester, in Implicit VR Little Endian."""
    return encode(
        PduType.A_ASSOCIATE_AC,
        b"\x00\x01\x00\x00"  # protocol version 1
        + b"PACS            "
        + b"LAB             "
        + bytes(32)
        + b"\x10\x00\x00\x15"
        + b"1.2.840.10008.3.1.1.1"  # application context
        + b"\x21\x00\x00\x19"
        + bytes((1, 0, result, 0))  # answer to context 1
        + b"\x40\x00\x00\x11"
        + b"1.2.840.10008.1.2"  # transfer syntax
        + b"\x50\x00\x00\x08"  # user information
        + b"\x51\x00\x00\x04"
        + max_pdu_bytes.to_bytes(4),
    )


OFFER = Offer(
    ae_title="LAB", check_called=False, max_pdu_bytes=65536, transfer_syntaxes=(JPEG_2000, EXPLICIT, IMPLICIT)
)
REQUEST = encode_request(
    proposal(
        context(1, CT, EXPLICIT),
        context(3, MR, IMPLICIT, JPEG_2000),
        context(5, VERIFICATION, IMPLICIT),
        context(7, FIND, IMPLICIT),  # which no Acceptor takes
    )
)


def acceptor(sink: Sink | None = None) -> Acceptor:
    """Associated with a PACS that proposed ``REQUEST``."""
    associated = Acceptor(OFFER, sink)
    feed(associated, REQUEST)
    assert associated.state is State.STA6
    associated.outgoing.clear()
    return associated


def requester() -> Requester:
    """That has proposed already."""
    proposing = Requester(
        calling_ae_title="LAB", called_ae_title="PACS", abstract_syntax=FIND, max_pdu_bytes=65536
    )
    proposing.outgoing.clear()
    return proposing


def associated_requester(max_pdu_bytes: int = 16384) -> Requester:
    """Whose context a PACS accepted."""
    associated = requester()
    feed(associated, acceptance(max_pdu_bytes=max_pdu_bytes))
    assert associated.state is State.STA6
    return associated


def feed(association: Association, data: bytes, *, now_s: float = 1.0, step: int = 0) -> None:
    """``step`` bytes a read, all at once if 0, through a buffer that is written over after each."""
    for start in range(0, len(data), step or len(data) or 1):
        buffer = bytearray(data[start : start + step] if step else data)
        association.receive(memoryview(buffer), now_s)
        buffer[:] = b"\xee" * len(buffer)


def said(association: Association) -> bytes:
    """What it wants sent, taken from it."""
    data = b"".join(association.outgoing)
    association.outgoing.clear()
    return data


def pdus(data: bytes) -> Iterator[bytes]:
    """Whole PDUs, one after the other."""
    while data:
        stop = HEADER.size + HEADER.unpack_from(data)[1]
        yield data[:stop]
        data = data[stop:]


def messages(data: bytes) -> list[DIMSEMessage]:
    """The DIMSE messages that pynetdicom reads from P-DATA-TF PDUs."""
    complete, message = [], DIMSEMessage()
    for encoded in pdus(data):
        assert encoded[0] == PduType.P_DATA_TF, encoded.hex(" ")
        pdu = P_DATA_TF()
        pdu.decode(encoded)
        if message.decode_msg(pdu.to_primitive()):
            complete.append(message)
            message = DIMSEMessage()
    return complete


def peak_bytes(call: Callable[[], object]) -> int:
    """The most memory that was held at once while ``call`` ran, beyond what was held before."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def reads(data: bytes) -> st.SearchStrategy[list[bytes]]:
    """``data`` cut at any byte boundaries."""
    cuts = st.lists(st.integers(0, len(data)), max_size=8).map(sorted)
    return cuts.map(
        lambda inner: [data[start:stop] for start, stop in zip([0, *inner], [*inner, len(data)], strict=True)]
    )


uids = st.lists(st.integers(0, 10**9), min_size=1, max_size=5).map(
    lambda numbers: ".".join(["1.2", *map(str, numbers)])
)
titles = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="\\"), min_size=1, max_size=16
).filter(lambda title: title == title.strip())
