"""A TCP connection to a peer, wrapped in TLS when that is asked for."""

import socket
import ssl

from lab.errors import VerificationError
from lab.inside import tcp
from lab.inside.tls_failures import explained
from lab.model.echo import EchoOrder, IpVersion, Level, Say
from lab.model.tls import TlsParameters

_FAMILIES = {
    IpVersion.V4: socket.AF_INET,
    IpVersion.V6: socket.AF_INET6,
    IpVersion.EITHER: socket.AF_UNSPEC,
}
LONGEST_WAIT_S = 2_000_000.0
"""Python's sockets take no timeout of more than 2**31 milliseconds."""


def connected(order: EchoOrder, context: ssl.SSLContext | None, say: Say) -> socket.socket:
    """Connected, and secured. Raises VerificationError."""
    connection = _tcp(order, say)
    if context is None or order.tls is None:
        return connection
    try:
        return _secured(order, order.tls, connection, context, say)
    except BaseException:
        connection.close()
        raise


def limit_s(wait_s: float | None) -> float | None:
    """As settimeout takes it."""
    return None if wait_s is None else min(wait_s, LONGEST_WAIT_S)


def _tcp(order: EchoOrder, say: Say) -> socket.socket:
    where = f"{order.host}:{order.port}"
    trouble: OSError | None = None
    for family, kind, protocol, _, address in _addresses(order):
        connection = socket.socket(family, kind, protocol)
        try:
            say(Level.DEBUG, f"connecting to {address[0]} port {order.port}")
            connection.settimeout(limit_s(order.connect_timeout_s))
            connection.connect(address)
            connection.settimeout(limit_s(order.socket_timeout_s))
            tcp.send_at_once(connection)
            return connection
        except OSError as error:
            connection.close()
            trouble = error
    raise _unconnected(where, order, trouble)


def _addresses(order: EchoOrder) -> list[tuple[int, int, int, str, tuple[str | int, ...]]]:
    version = order.ip_version.value
    try:
        found = socket.getaddrinfo(order.host, order.port, _FAMILIES[order.ip_version], socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        msg = f"the host {order.host!r} has no {version} address that this machine can find"
        raise VerificationError(msg, "check the name; -i0 tries IPv4 and IPv6, -i6 IPv6 alone") from error
    return [(*one[:4], tuple(one[4])) for one in found]


def _unconnected(where: str, order: EchoOrder, error: OSError | None) -> VerificationError:
    if isinstance(error, TimeoutError):
        after = f" within {order.connect_timeout_s:g} s" if order.connect_timeout_s else ""
        msg = f"{where} does not answer{after}: the connection timed out"
        return VerificationError(
            msg, "is the machine up, and does a firewall drop what is sent to this port?"
        )
    if isinstance(error, ConnectionRefusedError):
        msg = f"{where} refuses the connection: nothing listens on this port"
        return VerificationError(msg, "is the peer running, and is this its DICOM port?")
    words = (error.strerror or str(error)) if error else "it has no address"
    return VerificationError(f"{where} cannot be connected to: {words}", "is there a route to it?")


def _secured(
    order: EchoOrder, tls: TlsParameters, connection: socket.socket, context: ssl.SSLContext, say: Say
) -> ssl.SSLSocket:
    where = f"{order.host}:{order.port}"
    name = tls.server_name or (order.host if tls.check_name else None)
    try:
        secured = context.wrap_socket(connection, server_hostname=name)
    except TimeoutError as error:
        msg = f"{where}: the peer did not take part in the TLS handshake within {order.socket_timeout_s:g} s"
        raise VerificationError(
            msg, "is this its plain port? then leave TLS off; -ts sets the limit"
        ) from error
    except (OSError, ValueError) as error:
        text, remedy = explained(error) if isinstance(error, OSError) else (str(error), "")
        msg = f"{where}: {text}"
        raise VerificationError(msg, remedy) from error
    cipher = secured.cipher()
    say(Level.INFO, f"secured by {secured.version()}, {cipher[0] if cipher else 'no cipher'}")
    return secured
