"""One association on which C-ECHO is asked for, over a connection that stands.

What went wrong is put into words, and given echoscu's exit code, in lab/system/verification_failures.py.
"""

import select
import socket
import ssl
import time
from contextlib import suppress

from lab.dicom import dimse
from lab.dicom.echo_proposal import verification_contexts
from lab.dicom.pdu import AbortReason, AbortSource, a_abort
from lab.dicom.requester import Requester
from lab.dicom.states import Event
from lab.errors import VerificationError
from lab.model.echo import EchoOrder, Level, Say
from lab.system.connecting import limit_s
from lab.system.verification_failures import (
    answered_otherwise,
    ended_before,
    ended_within,
    in_words,
    no_context,
    not_answered,
    not_associated,
    not_sent,
)

_BUFFER_BYTES = 64 << 10
_ALERT_WAIT_S = 0.2


class Verification:
    """Associated at once. Raises VerificationError."""

    def __init__(self, order: EchoOrder, connection: socket.socket, say: Say) -> None:
        self._order = order
        self._connection = connection
        self._say = say
        self._where = f"{order.host}:{order.port}"
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._first = b""
        self._message_id = 0
        self._association = Requester(
            calling_ae_title=order.calling_ae_title,
            called_ae_title=order.called_ae_title,
            max_pdu_bytes=order.max_pdu_bytes,
            contexts=verification_contexts(order.contexts, order.transfer_syntaxes),
        )
        try:
            self._context_id = self._associated()
        except BaseException:
            connection.close()
            raise

    def echo(self) -> tuple[float, int]:
        """The round trip in milliseconds, and the status. Closed when it raises VerificationError."""
        self._look()
        self._message_id = self._message_id % 0xFFFF + 1
        self._say(Level.INFO, f"sending C-ECHO-RQ, message {self._message_id}")
        self._association.ask(dimse.c_echo_rq(self._context_id, self._message_id))
        try:
            self._flush("C-ECHO-RQ")
            sent_s = time.monotonic()
            status = self._answered()
        except BaseException:
            self.abort()
            raise
        rtt_ms = (self._association.now_s - sent_s) * 1e3
        self._say(Level.INFO, f"received C-ECHO-RSP, status 0x{status:04X}, after {rtt_ms:.3g} ms")
        return rtt_ms, status

    def end(self) -> None:
        """Release, or abort when that was asked for (PS3.8 9.3.6, 9.3.8). Raises VerificationError."""
        if self._order.abort:
            self._say(Level.INFO, "aborting the association")
            self.abort()
            return
        self._say(Level.INFO, "releasing the association")
        try:
            self._release()
        finally:
            self._connection.close()

    # Setting up

    def _associated(self) -> int:
        order, association = self._order, self._association
        self._say(Level.INFO, f"requesting an association with {order.called_ae_title} at {self._where}")
        self._say(
            Level.DEBUG,
            f"as {order.calling_ae_title}: {order.contexts} presentation contexts of "
            f"{order.transfer_syntaxes} transfer syntaxes, PDUs up to {order.max_pdu_bytes} bytes",
        )
        self._flush("A-ASSOCIATE-RQ")
        deadline_s = time.monotonic() + order.acse_timeout_s
        while not association.is_established and not association.has_ended:
            if not self._read(deadline_s):
                msg = f"{self._where} did not answer the A-ASSOCIATE-RQ within {order.acse_timeout_s:g} s"
                raise VerificationError(msg, "is this a DICOM port, and without TLS? -ta sets the limit")
        if not association.is_established:
            raise not_associated(order, association, self._first)
        return self._accepted_context()

    def _accepted_context(self) -> int:
        acceptance = self._association.acceptance
        contexts = acceptance.contexts if acceptance else {}
        if not contexts or acceptance is None:
            self._end_quietly()
            raise no_context(self._where)
        syntaxes = sorted({context.transfer_syntaxes[0] for context in contexts.values()})
        longest = f"{acceptance.max_pdu_bytes} bytes" if acceptance.max_pdu_bytes else "any length"
        self._say(Level.INFO, f"association accepted; the peer takes PDUs of {longest}")
        self._say(Level.DEBUG, f"{len(contexts)} contexts accepted, in {', '.join(syntaxes)}")
        return min(contexts)

    # Asking

    def _look(self) -> None:
        """Whether the peer ended it meanwhile."""
        if select.select([self._connection], [], [], 0)[0]:
            self._read(time.monotonic())
        if self._association.has_ended:
            self._connection.close()
            raise ended_before(self._where, self._association)

    def _answered(self) -> int:
        order, association = self._order, self._association
        wait_s = order.dimse_timeout_s or order.socket_timeout_s
        deadline_s = time.monotonic() + wait_s if wait_s else None
        while not association.responses:
            if association.has_ended:
                raise ended_within(self._where, association)
            if not self._read(deadline_s):
                raise not_answered(self._where, order, wait_s)
        command = association.responses.pop(0).command
        status = command.us_or_none(dimse.STATUS)
        answers = command.us_or_none(dimse.MESSAGE_ID_RESPONDED_TO)
        if command.field != dimse.CommandField.C_ECHO_RSP or answers != self._message_id or status is None:
            raise answered_otherwise(self._where, self._message_id, command)
        return status

    # Ending

    def _release(self) -> None:
        association, limit = self._association, self._order.acse_timeout_s
        association.release()
        self._flush("A-RELEASE-RQ")
        deadline_s = time.monotonic() + limit
        while not association.has_ended:
            if not self._read(deadline_s):
                msg = f"{self._where} did not answer the A-RELEASE-RQ within {limit:g} s"
                raise VerificationError(msg, "every C-ECHO was answered; -ta sets the limit")
        if not association.released:
            msg = f"{self._where} did not release the association: {association.trouble}"
            raise VerificationError(msg, "every C-ECHO was answered; look into the peer's log")

    def _end_quietly(self) -> None:
        with suppress(VerificationError):
            self._release()

    def abort(self) -> None:
        """Abort what still lasts (PS3.8 9.3.8), and close."""
        with suppress(OSError):
            if self._association.is_established:
                self._connection.sendall(a_abort(AbortSource.SERVICE_USER, AbortReason.NOT_SPECIFIED))
        self._connection.close()

    # Bytes

    def _read(self, deadline_s: float | None) -> bool:
        """Read once, and answer what the protocol asks to; False when time was up first."""
        left_s = None if deadline_s is None else max(0.001, deadline_s - time.monotonic())
        try:
            self._connection.settimeout(limit_s(left_s))
            count = self._connection.recv_into(self._buffer)
        except TimeoutError:
            return False
        except OSError as error:
            self._association.happened(Event.TRANSPORT_CLOSED, in_words(error))
            return True
        if not count:
            self._association.happened(Event.TRANSPORT_CLOSED, "the peer closed the connection")
            return True
        self._first = self._first or bytes(self._buffer[: min(count, 2)])
        self._association.receive(self._buffer[:count], time.monotonic())
        with suppress(VerificationError):
            self._flush("answer")
        return True

    def _flush(self, what: str) -> None:
        data = b"".join(self._association.outgoing)
        self._association.outgoing.clear()
        try:
            self._connection.settimeout(limit_s(self._order.socket_timeout_s))
            if data:
                self._connection.sendall(data)
        except OSError as error:
            raise not_sent(self._where, what, self._alert() or error, self._order) from error

    def _alert(self) -> OSError | None:
        """What the peer said before it closed: its judgement of our certificate comes this late (TLS 1.3)."""
        try:
            self._connection.settimeout(_ALERT_WAIT_S)
            self._connection.recv(1)
        except ssl.SSLError as error:
            return error
        except OSError:
            pass
        return None
