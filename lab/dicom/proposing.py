"""The requestor's side of setting an association up, through pynetdicom's PDU classes: no clock runs yet."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pynetdicom import _config
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RJ, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
)
from pynetdicom.presentation import PresentationContext

from lab.dicom.negotiation import (
    ACCEPTANCE,
    APPLICATION_CONTEXT,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    Acceptance,
    Context,
    Proposal,
    Rejection,
)
from lab.dicom.pdu import PduType, ProtocolViolation, encode

_config.LOG_HANDLER_LEVEL = "none"
Pdu = TypeVar("Pdu", A_ASSOCIATE_AC, A_ASSOCIATE_RJ)


def encode_request(proposal: Proposal) -> bytes:
    """An A-ASSOCIATE-RQ."""
    primitive = A_ASSOCIATE()
    primitive.application_context_name = APPLICATION_CONTEXT
    primitive.calling_ae_title = proposal.calling_ae_title
    primitive.called_ae_title = proposal.called_ae_title
    primitive.user_information = _user_information(proposal.max_pdu_bytes)
    primitive.presentation_context_definition_list = [_item(context) for context in proposal.contexts]
    rq = A_ASSOCIATE_RQ()
    rq.from_primitive(primitive)
    encoded: bytes = rq.encode()
    return encoded


def decode_acceptance(body: bytes, proposed: Sequence[Context]) -> Acceptance:
    """An A-ASSOCIATE-AC's variable field. Raises ProtocolViolation."""
    ac = _decoded(A_ASSOCIATE_AC(), PduType.A_ASSOCIATE_AC, body)
    try:
        length = ac.user_information.maximum_length if ac.user_information else 0
        by_id = {context.context_id: context for context in proposed}
        results: list[Any] = [item for item in ac.presentation_context if item.result == ACCEPTANCE]
        for item in results:
            if item.transfer_syntax not in by_id[item.context_id].transfer_syntaxes:
                raise ValueError  # PS3.8 9.3.3.2: one of those proposed for this context
        accepted = {
            item.context_id: Context(
                context_id=item.context_id,
                abstract_syntax=by_id[item.context_id].abstract_syntax,
                transfer_syntaxes=(str(item.transfer_syntax),),
            )
            for item in results
        }
        return Acceptance(contexts=accepted, max_pdu_bytes=int(length or 0))
    except _GARBAGE as error:
        raise _unreadable(PduType.A_ASSOCIATE_AC) from error


def decode_rejection(body: bytes) -> Rejection:
    """An A-ASSOCIATE-RJ's variable field of four bytes."""
    pdu = _decoded(A_ASSOCIATE_RJ(), PduType.A_ASSOCIATE_RJ, body)
    return Rejection(result=pdu.result or 0, source=pdu.source or 0, reason=pdu.reason_diagnostic or 0)


# Whatever pynetdicom's classes raise on bytes that are no such PDU.
_GARBAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, NotImplementedError)


def _decoded(pdu: Pdu, pdu_type: PduType, body: bytes) -> Pdu:
    try:
        pdu.decode(encode(pdu_type, body))
    except Exception as error:
        raise _unreadable(pdu_type) from error
    return pdu


def _unreadable(pdu_type: PduType) -> ProtocolViolation:
    return ProtocolViolation(f"an {pdu_type.name.replace('_', '-')} that cannot be read")


def _item(context: Context) -> PresentationContext:
    item = PresentationContext()
    item.context_id = context.context_id
    item.abstract_syntax = context.abstract_syntax
    item.transfer_syntax = list(context.transfer_syntaxes)
    return item


def _user_information(max_pdu_bytes: int) -> list[Any]:
    length = MaximumLengthNotification()
    length.maximum_length_received = max_pdu_bytes
    implementation = ImplementationClassUIDNotification()
    implementation.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    version = ImplementationVersionNameNotification()
    version.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    return [length, implementation, version]
