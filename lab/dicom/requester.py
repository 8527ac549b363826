"""The requesting side of an association: C-ECHO, C-STORE, C-FIND and C-MOVE as an SCU (PS3.4 A.4, B, C.4)."""

from dataclasses import dataclass

from lab.dicom.association import Association
from lab.dicom.dimse import RESPONSE, Command
from lab.dicom.negotiation import Context, Proposal, Rejection
from lab.dicom.pdu import A_RELEASE_RQ, broken_message, data_set_pdus
from lab.dicom.proposing import decode_acceptance, decode_rejection, encode_request
from lab.dicom.states import State

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
_CONTEXT_ID = 1
_LARGEST_IDENTIFIER_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True)
class Response:
    """One response; ``identifier`` is its encoded Data Set, empty when it has none."""

    command: Command
    identifier: bytes


class Requester(Association):
    """Proposes one abstract syntax and asks on it; or, to store, the presentation contexts it is given.

    Of one abstract syntax, Implicit VR Little Endian alone is proposed: every SCP must accept it
    (PS3.5 10.1), and its 32-bit lengths let one identifier hold as many UIDs as a study has.

    Attributes:
        rejection: the A-ASSOCIATE-RJ, when that was the answer.
        responses: those that came and were not taken yet.
    """

    def __init__(
        self,
        *,
        calling_ae_title: str,
        called_ae_title: str,
        max_pdu_bytes: int,
        abstract_syntax: str = "",
        contexts: tuple[Context, ...] = (),
    ) -> None:
        super().__init__(State.STA5, max_pdu_bytes)
        context = Context(
            context_id=_CONTEXT_ID,
            abstract_syntax=abstract_syntax,
            transfer_syntaxes=(IMPLICIT_VR_LITTLE_ENDIAN,),
        )
        self.abstract_syntax = abstract_syntax
        self.rejection: Rejection | None = None
        self.responses: list[Response] = []
        self._identifier = bytearray()
        self._proposal = Proposal(
            called_ae_title=called_ae_title,
            calling_ae_title=calling_ae_title,
            contexts=contexts or (context,),
            max_pdu_bytes=max_pdu_bytes,
        )
        self.outgoing.append(encode_request(self._proposal))

    @property
    def is_established(self) -> bool:
        """Accepted; ``acceptance`` says whether our context was."""
        return self.state is State.STA6

    def ask(self, command_pdu: bytes, identifier: bytes = b"") -> None:
        """A request: its command as a P-DATA-TF, then its identifier if it has one."""
        self.outgoing.append(command_pdu)
        if identifier:
            limit = self.acceptance.max_pdu_bytes if self.acceptance else 0
            self.outgoing += data_set_pdus(_CONTEXT_ID, identifier, limit)

    def release(self) -> None:
        """Ask for the release (PS3.8 9.3.6, AR-1); nothing when there is nothing to be released."""
        if not self.is_established:
            return
        self.outgoing.append(A_RELEASE_RQ)
        self.state = State.STA7

    @property
    def context_id(self) -> int:
        """Of the one context there is, when none were given."""
        return _CONTEXT_ID

    def _rejection_came(self, body: bytes) -> None:
        self.rejection = decode_rejection(body)
        self._end(State.STA1, self.rejection.text)

    def _acceptance_came(self, body: bytes) -> None:
        self.acceptance = decode_acceptance(body, self._proposal.contexts)
        self._contexts = self.acceptance.contexts
        self.state = State.STA6

    def _data_set_begins(self, _: Command) -> None:
        self._identifier.clear()

    def _data(self, piece: memoryview) -> None:
        if len(self._identifier) + len(piece) > _LARGEST_IDENTIFIER_BYTES:
            msg = f"a response with an identifier of more than {_LARGEST_IDENTIFIER_BYTES} bytes"
            raise broken_message(msg)
        self._identifier += piece

    def _data_set_ends(self, command: Command) -> None:
        self._responded(command, bytes(self._identifier))

    def _bare_command(self, command: Command) -> None:
        self._responded(command, b"")

    def _responded(self, command: Command, identifier: bytes) -> None:
        if not command.field & RESPONSE:
            msg = f"a request 0x{command.field:04X} to a side that only asks"
            raise broken_message(msg)
        self.responses.append(Response(command=command, identifier=identifier))
