"""What is agreed on when an association is set up (PS3.8 9.3.2 to 9.3.4), as values.

lab/dicom/accepting.py has the acceptor's side as bytes, lab/dicom/proposing.py the requestor's.
"""

from dataclasses import dataclass

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"  # PS3.7 Annex A
IMPLEMENTATION_CLASS_UID = "2.25.97229841462164836906106735478102375843"
IMPLEMENTATION_VERSION_NAME = "DICOMLAB"

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
        verification: whether Verification is among what it agrees to.
    """

    ae_title: str
    check_called: bool
    max_pdu_bytes: int
    transfer_syntaxes: tuple[str, ...]
    verification: bool = True
