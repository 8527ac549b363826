"""The requesting side of an association over a socket: opened, read, released or aborted."""

import socket
import ssl
import time
from contextlib import suppress

from lab.dicom.pdu import AbortReason, AbortSource, a_abort
from lab.dicom.requester import Requester
from lab.dicom.states import Event
from lab.inside import tcp
from lab.inside.secured import NotSecured, requestor_context, secured
from lab.inside.tls_failures import broken
from lab.model.tls import TlsFiles

_BUFFER_BYTES = 64 << 10
CONNECT_TIMEOUT_S = 10.0
_RELEASE_TIMEOUT_S = 5.0


class AssociationRefused(ConnectionError):
    """The peer answered what was proposed, and does not want it."""


class NotOffered(ConnectionError):
    """The peer accepts the association, and not what was to be asked for on it."""


class Requesting:
    """One association as its requestor, set up at once. Close it when done.

    Args:
        host, port: of the acceptor.
        association: what is proposed.
        silence_s: longest wait for anything from the peer.
        connect_timeout_s: longest wait for the TCP connection, and for the TLS handshake.
        tls: with what to secure it; None is plain.

    Attributes:
        associate_s: TCP connect to A-ASSOCIATE-AC, TLS handshake included.
        last_read_s: when the last read returned (monotonic).

    Raises:
        AssociationRefused: the association is rejected (PS3.8 9.3.4).
        NotSecured: the peer speaks no TLS, or its certificate or this side's is not accepted.
        ConnectionError: nobody listens, or nobody answers.
    """

    def __init__(
        self,
        host: str,
        port: int,
        association: Requester,
        silence_s: float,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        tls: TlsFiles | None = None,
    ) -> None:
        self.last_read_s = 0.0
        self._timed_out = self._has_answered = False
        self._where = f"the PACS at {host}:{port}"
        self._buffer = memoryview(bytearray(_BUFFER_BYTES))
        self._association = association
        context = requestor_context(tls) if tls else None
        begun_s = time.monotonic()
        self._connection = self._connected(host, port, connect_timeout_s)
        if context:
            self._secure(context, host)
        self._connection.settimeout(silence_s)
        try:
            self._associate()
        except BaseException:
            self._connection.close()
            raise
        self.associate_s = time.monotonic() - begun_s

    def fileno(self) -> int:
        """For a selector."""
        return self._connection.fileno()

    @property
    def lost(self) -> str:
        """Why the association is over, "" while it lasts."""
        return self._association.trouble or ("released" if self._association.has_ended else "")

    def read(self) -> None:
        """Read once, blocking, and answer what the protocol asks to."""
        association = self._association
        try:
            count = self._connection.recv_into(self._buffer)
        except OSError as error:
            self._timed_out = isinstance(error, TimeoutError)
            association.happened(Event.TRANSPORT_CLOSED, broken(error))
            return
        self.last_read_s = time.monotonic()
        if not count:
            association.happened(Event.TRANSPORT_CLOSED, "the connection was closed")
            return
        self._has_answered = True
        association.receive(self._buffer[:count], self.last_read_s)
        try:
            self._flush()  # an A-RELEASE-RP or an A-ABORT, as the state table has it
            tcp.acknowledge_at_once(self._connection)
        except OSError as error:
            association.happened(Event.TRANSPORT_CLOSED, f"the connection broke: {error.strerror or error}")

    def release(self) -> None:
        """In good order when it still can be (PS3.8 9.3.6); closed in any case."""
        try:
            if self._association.is_established:
                self._connection.settimeout(_RELEASE_TIMEOUT_S)
                self._association.release()
                self._flush()
                while not self._association.is_over and not self._association.trouble:
                    self.read()
        except OSError:
            pass  # the peer is gone: that is as good
        finally:
            self._connection.close()

    def hang_up(self) -> None:
        """Abort if it still lasts (PS3.8 9.3.8), and close; when it is closed already, nothing."""
        try:
            if self._connection.fileno() >= 0 and self._association.is_established:
                self._connection.sendall(a_abort(AbortSource.SERVICE_USER, AbortReason.NOT_SPECIFIED))
        except OSError:
            pass  # it is gone already
        finally:
            self._connection.close()

    def _ended(self) -> ConnectionError:
        return ConnectionError(f"{self._where} ended the association: {self.lost}")

    def _connected(self, host: str, port: int, connect_timeout_s: float) -> socket.socket:
        try:
            connection = socket.create_connection((host, port), connect_timeout_s)
        except OSError as error:
            msg = f"{self._where} cannot be connected to: {error.strerror or error}"
            raise ConnectionError(msg) from error
        tcp.send_at_once(connection)
        return connection

    def _secure(self, context: ssl.SSLContext, name: str) -> None:
        try:
            self._connection = secured(self._connection, context, name)
        except ConnectionError as error:
            msg = f"{self._where}: {error}"
            raise type(error)(msg) from error

    def _associate(self) -> None:
        with suppress(ConnectionError, ssl.SSLError):  # why the peer takes nothing is in what it said
            self._flush()
        while not self._association.is_established:
            if self.lost:
                raise self._unassociated()
            self.read()

    def _unassociated(self) -> ConnectionError:
        """Under TLS 1.3 a peer that does not accept this side's certificate hangs up only now."""
        msg = f"{self._where} did not accept the association: {self.lost}"
        if self._association.rejection:
            return AssociationRefused(msg)
        hung_up = not self._has_answered and not self._timed_out
        secured = isinstance(self._connection, ssl.SSLSocket)
        return NotSecured(msg) if secured and hung_up else ConnectionError(msg)

    def _flush(self) -> None:
        data = b"".join(self._association.outgoing)
        self._association.outgoing.clear()
        if data:
            self._connection.sendall(data)
