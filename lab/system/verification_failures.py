"""Why a C-ECHO did not come about, one line and one exit code each.

The exit codes were found by running echoscu 3.6.9; docs/echo.md has the table.
"""

import ssl

from lab.dicom import dimse
from lab.dicom.dimse import Command
from lab.dicom.requester import Requester
from lab.dicom.states import State
from lab.errors import VerificationError
from lab.inside.tls_failures import explained
from lab.model.echo import EchoOrder

_TLS_ALERT = b"\x15\x03"
_PEER_ENDED_IT = 0
_ABORTED = 70
_LOG = "look into the peer's log"
_BY_REASON = {
    (1, 3): "-aet is the title this side calls itself by: name one that the peer's configuration has",
    (1, 7): "-aec is the title of the peer: name it as the peer's configuration has it",
    (3, 1): "try again later",
    (3, 2): "it has all the associations it allows: try again later",
}
_LATE = (
    "under TLS 1.3 a peer closes only now when this side's certificate is missing or not trusted by it: "
    "+tls KEY CERTIFICATE"
)
_PLAIN = "is this a DICOM port? a TLS port that is spoken to plainly closes at once: +tla, +tls"


def not_associated(order: EchoOrder, association: Requester, first: bytes) -> VerificationError:
    """No A-ASSOCIATE-AC came; ``first`` are the first bytes of what did."""
    where, rejection = f"{order.host}:{order.port}", association.rejection
    if rejection:
        remedy = _BY_REASON.get((rejection.source, rejection.reason), _LOG)
        return VerificationError(f"{where} refuses the association: {rejection.text}", remedy)
    if first.startswith(_TLS_ALERT):
        return VerificationError(f"{where} answers in TLS", "speak TLS to it: +tla, or +tls KEY CERTIFICATE")
    msg = f"{where} did not accept the association: {association.trouble}"
    return VerificationError(msg, _LATE if order.tls else _PLAIN)


def not_sent(where: str, what: str, error: OSError, order: EchoOrder) -> VerificationError:
    """The peer no longer takes anything."""
    if isinstance(error, ssl.SSLError) and error.reason:
        text, remedy = explained(error)
        return VerificationError(f"{where}: {text}", remedy)
    msg = f"{where}: the {what} could not be sent: {in_words(error)}"
    return VerificationError(msg, _LATE if order.tls else f"the peer has closed the connection; {_LOG}")


def ended_before(where: str, association: Requester) -> VerificationError:
    """The association ended between two C-ECHOs."""
    msg = f"{where} ended the association between two C-ECHOs: {association.trouble or 'released'}"
    return VerificationError(msg, f"it may close idle associations; {_LOG}")


def no_context(where: str) -> VerificationError:
    """Accepted, but nothing to ask on (PS3.8 9.3.3.2)."""
    msg = f"{where} accepts the association, and no presentation context for Verification"
    return VerificationError(msg, "it has no Verification SCP, or none of the transfer syntaxes: try -pts")


def not_answered(where: str, order: EchoOrder, wait_s: float | None) -> VerificationError:
    """No C-ECHO-RSP in time."""
    code, option = (_ABORTED, "-td") if order.dimse_timeout_s else (_PEER_ENDED_IT, "-ts")
    msg = f"{where} did not answer the C-ECHO within {wait_s or 0:g} s ({option})"
    return VerificationError(msg, "the peer is busy or stuck, or the limit too tight for the link", code)


def answered_otherwise(where: str, message_id: int, command: Command) -> VerificationError:
    """A response that answers something else, or has no status (PS3.7 9.3.5.2)."""
    to = command.us_or_none(dimse.MESSAGE_ID_RESPONDED_TO)
    msg = f"{where} answered C-ECHO {message_id} with response 0x{command.field:04X} to message {to}"
    if command.us_or_none(dimse.STATUS) is None:
        msg += ", without a status"
    return VerificationError(msg, f"the peer breaks PS3.7 9.3.5.2; {_LOG}", _ABORTED)


def ended_within(where: str, association: Requester) -> VerificationError:
    """The association ended while a C-ECHO was being asked for."""
    if association.released:
        msg = f"{where} released the association instead of answering the C-ECHO"
        return VerificationError(msg, _LOG, _ABORTED)
    msg = f"{where} ended the association within the C-ECHO: {association.trouble}"
    by_the_peer = association.state is State.STA1  # an A-ABORT of its, or the end of the connection
    return VerificationError(msg, _LOG, _PEER_ENDED_IT if by_the_peer else _ABORTED)


def in_words(error: OSError) -> str:
    """What the socket says of it."""
    if isinstance(error, ssl.SSLEOFError):
        return "the peer closed the connection"
    if isinstance(error, ssl.SSLError):
        text, remedy = explained(error)
        return f"{text}; {remedy}" if remedy else text
    return f"the connection broke: {error.strerror or error}"
