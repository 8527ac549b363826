"""What both sides of an association share: PDUs to actions by the state table, fragments to messages.

Bytes and times in, bytes out (``outgoing``); no sockets, no clock. After a violation the stream cannot be
followed any further: whatever else comes until the connection ends is ignored (PS3.8 Table 9-8, AA-6).
"""

from lab.dicom.dimse import LARGEST_COMMAND_BYTES, Command, decode
from lab.dicom.negotiation import Acceptance, Context
from lab.dicom.pdu import (
    A_RELEASE_RP,
    COMMAND,
    LAST,
    AbortReason,
    AbortSource,
    PduType,
    ProtocolViolation,
    a_abort,
    broken_message,
)
from lab.dicom.states import TABLE, Action, Event, State
from lab.dicom.stream import PduStream

_ABORT_SOURCES = {0: "the peer's program", 2: "the peer's protocol layer"}
_ABORT_REASONS = {
    0: "no reason given",
    1: "unrecognized PDU",
    2: "unexpected PDU",
    4: "unrecognized PDU parameter",
    5: "unexpected PDU parameter",
    6: "invalid PDU parameter value",
}


class Association:
    """One association, either side.

    Attributes:
        state: where in PS3.8's state machine it is.
        outgoing: PDUs to be sent, in order; whoever sends them empties it.
        trouble: why it ended other than by a release; "" otherwise.
        released: it ended in good order.
        acceptance: what was agreed on, once it is established.
    """

    def __init__(self, state: State, max_pdu_bytes: int) -> None:
        self.state = state
        self.outgoing: list[bytes] = []
        self.trouble = ""
        self.released = False
        self.acceptance: Acceptance | None = None
        self.now_s = 0.0
        self._contexts: dict[int, Context] = {}
        self._stream = PduStream(self, max_pdu_bytes)
        self._deaf = False
        self._ignoring = False
        self._command_set = bytearray()
        self._command: Command | None = None  # complete, and its Data Set not yet
        self._context_id = 0
        self._is_command = False
        self._is_last = False

    @property
    def has_ended(self) -> bool:
        """Nothing more can be asked or stored, whether or not the peer has closed the connection."""
        return self.state in (State.STA1, State.STA13)

    @property
    def is_over(self) -> bool:
        """Nothing more is to be read: close the transport connection."""
        return self.state is State.STA1

    def receive(self, data: memoryview, now_s: float) -> None:
        """Bytes came; the read returned at ``now_s``."""
        self.now_s = now_s
        if self._deaf:
            return
        try:
            self._stream.feed(data)
        except ProtocolViolation as violation:
            self._deaf = True
            self._violated(violation)

    def happened(self, event: Event, text: str) -> None:
        """The transport connection ended, or time is up; ``text`` says it in words."""
        self._act(_action(self.state, event), text, reason=AbortReason.NOT_SPECIFIED)

    # The stream's handler

    def pdu(self, pdu_type: PduType, body: bytes) -> None:
        """A whole PDU other than P-DATA-TF."""
        if pdu_type is PduType.A_ABORT:
            source, reason = body[2], body[3]
            who = _ABORT_SOURCES.get(source, "the peer")
            text = f"aborted by {who}: {_ABORT_REASONS.get(reason, f'reason {reason}')}"
        else:
            text = f"{pdu_type.name.replace('_', '-')} while {self.state.value}"
        self._act(_action(self.state, pdu_type), text, body)

    def begin(self, context_id: int, control: int) -> None:
        """A presentation data value of a P-DATA-TF begins."""
        if self.state is not State.STA6:
            self._act(_action(self.state, PduType.P_DATA_TF), f"P-DATA-TF while {self.state.value}")
            self._ignoring = self.state is not State.STA7  # AR-6: there data is still taken
            if self._ignoring:
                return
        if context_id not in self._contexts:
            msg = f"a fragment for presentation context {context_id}, which was not accepted"
            raise ProtocolViolation(msg)
        self._is_last = bool(control & LAST)
        self._is_command = bool(control & COMMAND)
        if self._is_command is (self._command is not None):
            raise _out_of_order(self._is_command)
        if context_id != self._context_id:
            if self._command is not None or self._command_set:
                msg = f"a message on contexts {self._context_id} and {context_id}"
                raise broken_message(msg)  # PS3.8 Annex E: a message is on one context
            self._context_id = context_id

    def piece(self, data: memoryview) -> None:
        """Some of it."""
        if self._ignoring:
            return
        if not self._is_command:
            self._data(data)
        elif len(self._command_set) + len(data) > LARGEST_COMMAND_BYTES:
            msg = f"a command set of more than {LARGEST_COMMAND_BYTES} bytes"
            raise broken_message(msg)
        else:
            self._command_set += data

    def end(self) -> None:
        """The presentation data value is complete."""
        if self._ignoring or not self._is_last:
            return
        if self._is_command:
            command = decode(bytes(self._command_set))
            self._command_set.clear()
            if command.has_data_set:
                self._command = command
                self._data_set_begins(command)
            else:
                self._bare_command(command)
        elif self._command is not None:
            command, self._command = self._command, None
            self._data_set_ends(command)

    # For either side to fill in

    def _data_set_begins(self, command: Command) -> None:
        """The command of a message is complete, its Data Set is due on ``self._context_id``."""

    def _data(self, piece: memoryview) -> None:
        """Some of the Data Set."""

    def _data_set_ends(self, command: Command) -> None:
        """A message with a Data Set is complete."""

    def _bare_command(self, command: Command) -> None:
        """A message without one is complete."""

    def _request_came(self, body: bytes) -> None:
        """AE-6: an A-ASSOCIATE-RQ (PS3.8 Table 9-6)."""

    def _acceptance_came(self, body: bytes) -> None:
        """AE-3: an A-ASSOCIATE-AC."""

    def _rejection_came(self, body: bytes) -> None:
        """AE-4: an A-ASSOCIATE-RJ."""

    def _ending(self) -> None:
        """The association is over for this side: whatever was under way will not be completed."""

    # Actions (PS3.8 Tables 9-6 to 9-9)

    def _violated(self, violation: ProtocolViolation) -> None:
        action = _action(self.state, Event.INVALID_PDU)
        self._act(action, str(violation), source=violation.source, reason=violation.reason)

    def _act(
        self,
        action: Action,
        text: str,
        body: bytes = b"",
        *,
        source: AbortSource = AbortSource.SERVICE_PROVIDER,
        reason: AbortReason = AbortReason.UNEXPECTED_PDU,
    ) -> None:
        match action:
            case Action.ANSWER_REQUEST:
                self._request_came(body)
            case Action.CONFIRM_ACCEPTANCE:
                self._acceptance_came(body)
            case Action.CONFIRM_REJECTION:
                self._rejection_came(body)
            case Action.RELEASE:
                self.outgoing.append(A_RELEASE_RP)
                self._end(State.STA13, "")
            case Action.RELEASE_COLLISION:
                self.outgoing.append(A_RELEASE_RP)
                self.state = State.STA11
            case Action.CONFIRM_RELEASE:
                self._end(State.STA1, "")
            case Action.ABORT_AS_USER:
                self._abort(text, AbortSource.SERVICE_USER, AbortReason.NOT_SPECIFIED)
            case Action.ABORT_AS_PROVIDER:
                self._abort(text, source, reason)
            case Action.ABORT_AGAIN:
                self.outgoing.append(a_abort(source, reason))
            case Action.CLOSE | Action.END if self.state is State.STA13:
                self.state = State.STA1  # why it ended was said when it did
            case (
                Action.CLOSE
                | Action.END
                | Action.END_ABORTED
                | Action.END_LOST
                | Action.END_BEFORE_ASSOCIATION
            ):
                self._end(State.STA1, text)
            case Action.TAKE_DATA | Action.TAKE_DATA_IN_RELEASE | Action.IGNORE:
                pass

    def _abort(self, text: str, source: AbortSource, reason: AbortReason) -> None:
        """AA-1 or AA-8: say so, then wait for the peer to close (ARTIM runs)."""
        self.outgoing.append(a_abort(source, reason))
        self._end(State.STA13, text)

    def _end(self, state: State, trouble: str) -> None:
        within = self._command is not None or self._command_set
        self.trouble = self.trouble or trouble or ("released within a message" if within else "")
        self.released = not self.trouble
        self.state = state
        self._ignoring = True  # what is left of a presentation data value that was under way
        self._command = None
        self._command_set.clear()
        self._ending()


def _out_of_order(is_command: bool) -> ProtocolViolation:
    """A message is its command, then its Data Set if it has one (PS3.8 Annex E)."""
    if is_command:
        return broken_message("a command where the Data Set of the one before is due")
    return broken_message("a Data Set without a command before it")


def _action(state: State, event: PduType | Event) -> Action:
    """By the table; where it is blank nothing is to be done."""
    return TABLE.get(state, {}).get(event, Action.IGNORE)
