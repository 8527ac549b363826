"""DICOM TLS for the instrument (PS3.15 B.12): its sockets, secured as its order says.

Both sides of a connection show a certificate, and trust those of one authority. The kernel does not know
where a Data Set ends within TLS: there are no stamps of arrival, so how late a read was is not known.
"""

import socket
import ssl
from contextlib import suppress
from pathlib import Path

from lab.inside.tls import tls_context
from lab.inside.tls_failures import explained
from lab.model.tls import Certified, TlsFiles, TlsParameters
from lab.model.tls_profiles import RFC_8996

_RECORD_BYTES = 1 << 14  # at most, of plain text (RFC 8446 5.1)


class NotSecured(ConnectionError):
    """The two sides do not agree on TLS, or on each other's certificates."""


class SecuredSocket(ssl.SSLSocket):
    """As a non-blocking socket without TLS would: reading shakes hands first, and nothing to read is said."""

    _shaken = False
    _end: OSError | None = None

    def recv_into(self, buffer, nbytes=None, flags=0):  # type: ignore[no-untyped-def]
        """All records there are and room is for. Raises BlockingIOError until there is something.

        What ended the reading after some came is raised by the next call: 0 is read again, an error kept.
        """
        if self._end:
            raise self._end
        try:
            if not self._shaken:
                self.do_handshake()
                self._shaken = True
            count = super().recv_into(buffer, nbytes, flags)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            raise BlockingIOError from error
        return count + self._records_into(memoryview(buffer)[count:]) if count else 0

    def _records_into(self, room: memoryview) -> int:
        """Whole ones only: what stayed behind in here would wake nobody."""
        count = 0
        with suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            while len(room) - count >= _RECORD_BYTES:
                try:
                    more = super().recv_into(room[count:])
                except OSError as error:
                    if isinstance(error, ssl.SSLWantReadError | ssl.SSLWantWriteError):
                        raise
                    self._end = error
                    break
                if not more:
                    break
                count += more
        return count

    def send(self, data, flags=0):  # type: ignore[no-untyped-def]
        """Raises BlockingIOError when nothing can be."""
        try:
            return super().send(data, flags)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            raise BlockingIOError from error


def acceptor_context(files: TlsFiles) -> ssl.SSLContext:
    """For whoever is connected to. Raises LabError naming the file that will not do."""
    context = _context(files, server_side=True, check_name=False)
    context.sslsocket_class = SecuredSocket
    return context


def requestor_context(files: TlsFiles, *, check_name: bool = True) -> ssl.SSLContext:
    """For whoever connects; the name that is called must be in the certificate."""
    return _context(files, server_side=False, check_name=check_name)


def secured(connection: socket.socket, context: ssl.SSLContext, name: str) -> ssl.SSLSocket:
    """A connection with its handshake done.

    Raises NotSecured in words; ConnectionError when the peer goes silent or is gone.
    """
    try:
        return context.wrap_socket(connection, server_hostname=name)
    except OSError as error:
        connection.close()
        words, remedy = explained(error)
        kind = NotSecured if isinstance(error, ssl.SSLError | ConnectionError) else ConnectionError
        raise kind(f"{words} ({remedy})" if remedy else words) from error


def _context(files: TlsFiles, *, server_side: bool, check_name: bool) -> ssl.SSLContext:
    own = Certified(key_file=Path(files.key_file), certificate_file=Path(files.certificate_file), password="")
    parameters = TlsParameters(
        profile=RFC_8996,
        own=own,
        ca_files=(Path(files.ca_file),),
        verify_peer=not files.any_peer,
        check_name=check_name,
    )
    return tls_context(parameters, lambda _: "", server_side=server_side)
