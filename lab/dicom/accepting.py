"""The acceptor's side of setting an association up: A-ASSOCIATE-RQ in, A-ASSOCIATE-AC or -RJ out.

    body of an A-ASSOCIATE-RQ (PS3.8 Table 9-11)
    offset  0   protocol version    2 bytes, a bit per version
            4   called AE title     16 bytes
           20   calling AE title    16 bytes
           68   items               type 1 byte, reserved 1, length 2 (big endian), content

Ours and not pynetdicom's because it is part of the time to the first image: a PACS that proposes 128
presentation contexts waits 0.6 ms for this and 7.5 ms for pynetdicom's classes, which check every UID with
regular expressions. A test holds both against each other.
"""

import struct
from collections.abc import Iterator

from lab.dicom.negotiation import (
    ABSTRACT_SYNTAX_NOT_SUPPORTED,
    ACCEPTANCE,
    APPLICATION_CONTEXT,
    CALLED_AE_TITLE_NOT_RECOGNIZED,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    NO_SUCH_APPLICATION_CONTEXT,
    PROTOCOL_VERSION_NOT_SUPPORTED,
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
    Acceptance,
    Context,
    Offer,
    Proposal,
    Rejection,
)
from lab.dicom.pdu import PduType, ProtocolViolation, encode
from lab.dicom.services import NOT_OF_STORAGE

_FIXED = struct.Struct(">H2x16s16s32x")
_ITEM = struct.Struct(">BxH")
_MAXIMUM_LENGTH = struct.Struct(">I")
_PROTOCOL_VERSION_1 = 0x0001

# PS3.8 Tables 9-12 to 9-16 and 9-18, PS3.7 Tables D.3-1 to D.3-3: item types
_APPLICATION_CONTEXT_ITEM = 0x10
_PROPOSED_CONTEXT_ITEM = 0x20
_ANSWERED_CONTEXT_ITEM = 0x21
_ABSTRACT_SYNTAX_ITEM = 0x30
_TRANSFER_SYNTAX_ITEM = 0x40
_USER_INFORMATION_ITEM = 0x50
_MAXIMUM_LENGTH_ITEM = 0x51
_IMPLEMENTATION_CLASS_UID_ITEM = 0x52
_IMPLEMENTATION_VERSION_NAME_ITEM = 0x55
_CONTEXT_HEADER_BYTES = 4

VERIFICATION = "1.2.840.10008.1.1"


def decode_request(body: bytes) -> Proposal | Rejection:
    """An A-ASSOCIATE-RQ's variable field; a Rejection when it must be answered so whatever it proposes.

    Items of unknown types are ignored (PS3.8 9.3.1). Raises ProtocolViolation when it does not parse.
    """
    if len(body) < _FIXED.size:
        msg = f"an A-ASSOCIATE-RQ of {len(body)} bytes"
        raise ProtocolViolation(msg)
    version, called, calling = _FIXED.unpack_from(body)
    if not version & _PROTOCOL_VERSION_1:
        return PROTOCOL_VERSION_NOT_SUPPORTED  # what follows may be of another layout
    application_context, max_pdu_bytes = "", 0
    contexts: list[Context] = []
    for item_type, content in _items(body[_FIXED.size :]):
        if item_type == _PROPOSED_CONTEXT_ITEM:
            contexts.append(_proposed(content))
        elif item_type == _APPLICATION_CONTEXT_ITEM:
            application_context = _text(content)
        elif item_type == _USER_INFORMATION_ITEM:
            max_pdu_bytes = _maximum_length(content)
    _check_context_ids(contexts)
    if application_context != APPLICATION_CONTEXT:
        return NO_SUCH_APPLICATION_CONTEXT
    return Proposal(
        called_ae_title=_text(called),
        calling_ae_title=_text(calling),
        contexts=tuple(contexts),
        max_pdu_bytes=max_pdu_bytes,
    )


def answer(proposal: Proposal, offer: Offer) -> tuple[Acceptance | Rejection, bytes]:
    """What an acceptor says to a proposal, as a value and as a PDU."""
    if offer.check_called and proposal.called_ae_title != offer.ae_title:
        return CALLED_AE_TITLE_NOT_RECOGNIZED, encode_rejection(CALLED_AE_TITLE_NOT_RECOGNIZED)
    answered = [(context, *_result(context, offer)) for context in proposal.contexts]
    accepted = {
        context.context_id: Context(
            context_id=context.context_id,
            abstract_syntax=context.abstract_syntax,
            transfer_syntaxes=(chosen,),
        )
        for context, result, chosen in answered
        if result == ACCEPTANCE
    }
    items = [_item(_APPLICATION_CONTEXT_ITEM, APPLICATION_CONTEXT.encode())]
    items += [_answered(context.context_id, result, chosen) for context, result, chosen in answered]
    items.append(_user_information(offer.max_pdu_bytes))
    titles = (_padded(proposal.called_ae_title), _padded(proposal.calling_ae_title))
    body = _FIXED.pack(_PROTOCOL_VERSION_1, *titles) + b"".join(items)
    acceptance = Acceptance(contexts=accepted, max_pdu_bytes=proposal.max_pdu_bytes)
    return acceptance, encode(PduType.A_ASSOCIATE_AC, body)


def encode_rejection(rejection: Rejection) -> bytes:
    """PS3.8 Table 9-21."""
    body = bytes((0, rejection.result, rejection.source, rejection.reason))
    return encode(PduType.A_ASSOCIATE_RJ, body)


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    position, end = 0, len(data)
    while position < end:
        start = position + _ITEM.size
        if start > end:
            msg = "an A-ASSOCIATE-RQ that ends within an item"
            raise ProtocolViolation(msg)
        item_type, length = _ITEM.unpack_from(data, position)
        position = start + length
        if position > end:
            msg = f"an A-ASSOCIATE-RQ with an item of {length} bytes where {end - start} are left"
            raise ProtocolViolation(msg)
        yield item_type, data[start:position]


def _proposed(content: bytes) -> Context:
    """PS3.8 Table 9-13."""
    abstract_syntax, transfer_syntaxes = "", []
    for item_type, value in _items(content[_CONTEXT_HEADER_BYTES:]):
        if item_type == _TRANSFER_SYNTAX_ITEM:
            transfer_syntaxes.append(_text(value))
        elif item_type == _ABSTRACT_SYNTAX_ITEM:
            abstract_syntax = _text(value)
    if len(content) < _CONTEXT_HEADER_BYTES or not abstract_syntax or not transfer_syntaxes:
        msg = "a presentation context without an abstract or a transfer syntax"
        raise ProtocolViolation(msg)
    return Context(
        context_id=content[0], abstract_syntax=abstract_syntax, transfer_syntaxes=tuple(transfer_syntaxes)
    )


def _check_context_ids(contexts: list[Context]) -> None:
    """PS3.8 9.3.2.2: odd, and unique within the association."""
    ids = [context.context_id for context in contexts]
    if len(set(ids)) < len(ids) or not all(context_id % 2 for context_id in ids):
        msg = "an A-ASSOCIATE-RQ with presentation context IDs that are even or not unique"
        raise ProtocolViolation(msg)


def _maximum_length(content: bytes) -> int:
    """PS3.8 Table D.1-1; absent or 0 is no limit."""
    for item_type, value in _items(content):
        if item_type == _MAXIMUM_LENGTH_ITEM:
            if len(value) != _MAXIMUM_LENGTH.size:
                msg = f"a Maximum Length item of {len(value)} bytes"
                raise ProtocolViolation(msg)
            return int(_MAXIMUM_LENGTH.unpack(value)[0])
    return 0


def _result(context: Context, offer: Offer) -> tuple[int, str]:
    """PS3.8 Table 9-18: the result, and the transfer syntax, which only counts when it is accepted."""
    offered = context.transfer_syntaxes
    chosen = next((uid for uid in offer.transfer_syntaxes if uid in offered), "")
    if not _is_taken(context.abstract_syntax, offer):
        return ABSTRACT_SYNTAX_NOT_SUPPORTED, offered[0]
    if not chosen:
        return TRANSFER_SYNTAXES_NOT_SUPPORTED, offered[0]
    return ACCEPTANCE, chosen


def _is_taken(abstract_syntax: str, offer: Offer) -> bool:
    """Every storage SOP class, and private ones, which no dictionary knows; Verification if wanted."""
    if abstract_syntax == VERIFICATION:
        return offer.verification
    return abstract_syntax not in NOT_OF_STORAGE


def _answered(context_id: int, result: int, transfer_syntax: str) -> bytes:
    """PS3.8 Table 9-18."""
    chosen = _item(_TRANSFER_SYNTAX_ITEM, transfer_syntax.encode("ascii"))
    return _item(_ANSWERED_CONTEXT_ITEM, bytes((context_id, 0, result, 0)) + chosen)


def _user_information(max_pdu_bytes: int) -> bytes:
    return _item(
        _USER_INFORMATION_ITEM,
        _item(_MAXIMUM_LENGTH_ITEM, _MAXIMUM_LENGTH.pack(max_pdu_bytes))
        + _item(_IMPLEMENTATION_CLASS_UID_ITEM, IMPLEMENTATION_CLASS_UID.encode())
        + _item(_IMPLEMENTATION_VERSION_NAME_ITEM, IMPLEMENTATION_VERSION_NAME.encode()),
    )


def _item(item_type: int, content: bytes) -> bytes:
    return _ITEM.pack(item_type, len(content)) + content


def _text(value: bytes) -> str:
    """A UID or a title without its padding. Raises ProtocolViolation when it is not ASCII."""
    try:
        return value.decode("ascii").strip("\0 ")
    except UnicodeDecodeError:
        msg = "an A-ASSOCIATE-RQ with a UID or title that is not ASCII"
        raise ProtocolViolation(msg) from None


def _padded(title: str) -> bytes:
    return title.encode("ascii").ljust(16)
