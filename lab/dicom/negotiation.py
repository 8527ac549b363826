"""Setting an association up (PS3.8 9.3.2 to 9.3.4, PS3.7 Annex D), through pynetdicom's PDU classes.

Not on the hot path: a few PDUs per association. Bytes in, values out, and back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
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
from pynetdicom.service_class import ServiceClass, StorageServiceClass, VerificationServiceClass
from pynetdicom.sop_class import uid_to_service_class

from lab.dicom.pdu import PduType, ProtocolViolation, encode

_config.LOG_HANDLER_LEVEL = "none"

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"  # PS3.7 Annex A
IMPLEMENTATION_CLASS_UID = "2.25.97229841462164836906106735478102375843"
IMPLEMENTATION_VERSION_NAME = "DICOMLAB"
_PROTOCOL_VERSION_1 = 0x0001

# PS3.8 Table 9-18: result
ACCEPTANCE = 0
ABSTRACT_SYNTAX_NOT_SUPPORTED = 3
TRANSFER_SYNTAXES_NOT_SUPPORTED = 4


@dataclass(frozen=True, kw_only=True)
class Context:
    """A presentation context: proposed, with every transfer syntax offered; accepted, with the one chosen."""

    context_id: int
    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An A-ASSOCIATE-RQ. ``max_pdu_bytes`` is the longest P-DATA-TF the requestor takes; 0 is no limit."""

    called_ae_title: str
    calling_ae_title: str
    contexts: tuple[Context, ...]
    max_pdu_bytes: int


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """An A-ASSOCIATE-AC: the contexts accepted, by ID, and the longest P-DATA-TF its sender takes."""

    contexts: dict[int, Context]
    max_pdu_bytes: int


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """An A-ASSOCIATE-RJ (PS3.8 Table 9-21)."""

    result: int
    source: int
    reason: int

    @property
    def text(self) -> str:
        """In the words of the standard."""
        again = " for now" if self.result == REJECTED_TRANSIENT else ""
        words = _REASONS.get((self.source, self.reason), "reason unknown to the standard")
        return f"rejected{again}: {words} (source {self.source}, reason {self.reason})"


REJECTED_PERMANENT = 1
REJECTED_TRANSIENT = 2
_REASONS = {
    (1, 1): "no reason given",
    (1, 2): "application context name not supported",
    (1, 3): "calling AE title not recognized",
    (1, 7): "called AE title not recognized",
    (2, 1): "no reason given by the provider",
    (2, 2): "protocol version not supported",
    (3, 1): "temporary congestion",
    (3, 2): "local limit exceeded",
}
NO_SUCH_APPLICATION_CONTEXT = Rejection(result=REJECTED_PERMANENT, source=1, reason=2)
CALLED_AE_TITLE_NOT_RECOGNIZED = Rejection(result=REJECTED_PERMANENT, source=1, reason=7)
PROTOCOL_VERSION_NOT_SUPPORTED = Rejection(result=REJECTED_PERMANENT, source=2, reason=2)
LOCAL_LIMIT_EXCEEDED = Rejection(result=REJECTED_TRANSIENT, source=3, reason=2)


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What an acceptor agrees to.

    Attributes:
        ae_title: its own.
        check_called: reject whoever calls another title.
        max_pdu_bytes: longest P-DATA-TF it announces; 0 is no limit (PS3.8 D.1).
        transfer_syntaxes: in its order of choice; the acceptor chooses (PS3.8 9.3.3.2).
    """

    ae_title: str
    check_called: bool
    max_pdu_bytes: int
    transfer_syntaxes: tuple[str, ...]


def decode_request(body: bytes) -> Proposal | Rejection:
    """An A-ASSOCIATE-RQ's variable field; a Rejection when it must be answered so whatever it proposes.

    Raises ProtocolViolation when it does not parse.
    """
    rq = _decoded(A_ASSOCIATE_RQ(), PduType.A_ASSOCIATE_RQ, body)
    try:
        if not rq.protocol_version & _PROTOCOL_VERSION_1:  # PS3.8 Table 9-11: one bit per version
            return PROTOCOL_VERSION_NOT_SUPPORTED
        if rq.application_context_name != APPLICATION_CONTEXT:
            return NO_SUCH_APPLICATION_CONTEXT
        return Proposal(
            called_ae_title=_title(rq.called_ae_title),
            calling_ae_title=_title(rq.calling_ae_title),
            contexts=tuple(_proposed(item) for item in rq.presentation_context),
            max_pdu_bytes=_maximum_length(rq),
        )
    except _GARBAGE as error:
        raise _unreadable(PduType.A_ASSOCIATE_RQ) from error


def answer(proposal: Proposal, offer: Offer) -> tuple[Acceptance | Rejection, bytes]:
    """What an acceptor says to a proposal, as a value and as a PDU."""
    if offer.check_called and proposal.called_ae_title != offer.ae_title:
        return CALLED_AE_TITLE_NOT_RECOGNIZED, encode_rejection(CALLED_AE_TITLE_NOT_RECOGNIZED)
    results = [_result(context, offer) for context in proposal.contexts]
    accepted = {
        context.context_id: Context(
            context_id=context.context_id,
            abstract_syntax=context.abstract_syntax,
            transfer_syntaxes=(str(result.transfer_syntax[0]),),
        )
        for context, result in zip(proposal.contexts, results, strict=True)
        if result.result == ACCEPTANCE
    }
    primitive = _primitive(proposal.calling_ae_title, proposal.called_ae_title, offer.max_pdu_bytes)
    primitive.result, primitive.result_source = ACCEPTANCE, 1
    primitive.presentation_context_definition_results_list = results
    ac = A_ASSOCIATE_AC()
    ac.from_primitive(primitive)
    return Acceptance(contexts=accepted, max_pdu_bytes=proposal.max_pdu_bytes), ac.encode()


def encode_rejection(rejection: Rejection) -> bytes:
    """PS3.8 Table 9-21."""
    body = bytes((0, rejection.result, rejection.source, rejection.reason))
    return encode(PduType.A_ASSOCIATE_RJ, body)


def encode_request(proposal: Proposal) -> bytes:
    """An A-ASSOCIATE-RQ."""
    primitive = _primitive(proposal.calling_ae_title, proposal.called_ae_title, proposal.max_pdu_bytes)
    primitive.presentation_context_definition_list = [_item(context) for context in proposal.contexts]
    rq = A_ASSOCIATE_RQ()
    rq.from_primitive(primitive)
    encoded: bytes = rq.encode()
    return encoded


def decode_acceptance(body: bytes, proposed: Sequence[Context]) -> Acceptance:
    """An A-ASSOCIATE-AC's variable field. Raises ProtocolViolation."""
    ac = _decoded(A_ASSOCIATE_AC(), PduType.A_ASSOCIATE_AC, body)
    try:
        by_id = {context.context_id: context for context in proposed}
        results: list[Any] = [item for item in ac.presentation_context if item.result == ACCEPTANCE]
        accepted = {
            item.context_id: Context(
                context_id=item.context_id,
                abstract_syntax=by_id[item.context_id].abstract_syntax,
                transfer_syntaxes=(str(item.transfer_syntax),),
            )
            for item in results
        }
        return Acceptance(contexts=accepted, max_pdu_bytes=_maximum_length(ac))
    except _GARBAGE as error:
        raise _unreadable(PduType.A_ASSOCIATE_AC) from error


def decode_rejection(body: bytes) -> Rejection:
    """An A-ASSOCIATE-RJ's variable field of four bytes."""
    pdu = _decoded(A_ASSOCIATE_RJ(), PduType.A_ASSOCIATE_RJ, body)
    return Rejection(result=pdu.result or 0, source=pdu.source or 0, reason=pdu.reason_diagnostic or 0)


# Whatever pynetdicom's classes raise on bytes that are no such PDU; they check with all of these.
_GARBAGE = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, NotImplementedError)


Pdu = TypeVar("Pdu", A_ASSOCIATE_RQ, A_ASSOCIATE_AC, A_ASSOCIATE_RJ)


def _decoded(pdu: Pdu, pdu_type: PduType, body: bytes) -> Pdu:
    try:
        pdu.decode(encode(pdu_type, body))
    except Exception as error:
        raise _unreadable(pdu_type) from error
    return pdu


def _unreadable(pdu_type: PduType) -> ProtocolViolation:
    return ProtocolViolation(f"an {pdu_type.name.replace('_', '-')} that cannot be read")


def _title(value: object) -> str:
    return (value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)).strip()


def _maximum_length(pdu: Any) -> int:
    """The Maximum Length Sub-item; absent or 0 is no limit (PS3.8 D.1.1)."""
    item = pdu.user_information
    return int(item.maximum_length or 0) if item is not None else 0


def _proposed(item: Any) -> Context:
    return Context(
        context_id=item.context_id,
        abstract_syntax=str(item.abstract_syntax),
        transfer_syntaxes=tuple(str(uid) for uid in item.transfer_syntax),
    )


def _result(context: Context, offer: Offer) -> PresentationContext:
    """One proposed context answered (PS3.8 Table 9-18)."""
    chosen = next((uid for uid in offer.transfer_syntaxes if uid in context.transfer_syntaxes), None)
    result = _item(context)
    if not _is_taken(context.abstract_syntax):
        result.result = ABSTRACT_SYNTAX_NOT_SUPPORTED
    elif chosen is None:
        result.result = TRANSFER_SYNTAXES_NOT_SUPPORTED
    else:
        result.result = ACCEPTANCE
    result.transfer_syntax = [chosen or context.transfer_syntaxes[0]]
    return result


@cache
def _is_taken(abstract_syntax: str) -> bool:
    """Verification, every storage SOP class, and private ones, which the dictionary does not know."""
    service = uid_to_service_class(abstract_syntax)
    return service in (StorageServiceClass, VerificationServiceClass, ServiceClass)


def _item(context: Context) -> PresentationContext:
    item = PresentationContext()
    item.context_id = context.context_id
    item.abstract_syntax = context.abstract_syntax
    item.transfer_syntax = list(context.transfer_syntaxes)
    return item


def _primitive(calling_ae_title: str, called_ae_title: str, max_pdu_bytes: int) -> A_ASSOCIATE:
    primitive = A_ASSOCIATE()
    primitive.application_context_name = APPLICATION_CONTEXT
    primitive.calling_ae_title = calling_ae_title
    primitive.called_ae_title = called_ae_title
    length = MaximumLengthNotification()
    length.maximum_length_received = max_pdu_bytes
    implementation = ImplementationClassUIDNotification()
    implementation.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    version = ImplementationVersionNameNotification()
    version.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    primitive.user_information = [length, implementation, version]
    return primitive
