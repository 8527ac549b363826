"""Certificates looked at without a connection: would this one be accepted, is it a root?

OpenSSL tells, asked as echoscu asks it (X509_verify_cert(3)): signatures, dates, which issuers are
authorities and for which names, revocation lists. What a certificate may be used for and how strong its key
is, a TLS handshake looks at besides.
"""

import re
from pathlib import Path

from cryptography import x509
from OpenSSL.crypto import (
    FILETYPE_ASN1,
    FILETYPE_PEM,
    X509,
    Error,
    X509Store,
    X509StoreContext,
    X509StoreContextError,
    X509StoreFlags,
    load_certificate,
)

from lab.errors import LabError
from lab.inside.tls_failures import unverified
from lab.model.tls import FileFormat, Revocation, TlsParameters

_PEM = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----.*?-----END [A-Z0-9 ]+-----", re.DOTALL)
_FLAGS = {
    Revocation.NONE: 0,
    Revocation.LEAF: X509StoreFlags.CRL_CHECK,
    Revocation.CHAIN: X509StoreFlags.CRL_CHECK | X509StoreFlags.CRL_CHECK_ALL,
}
_ISSUED_BY_ANOTHER = (2, 20, 21)  # X509_V_ERR_UNABLE_TO_...: there is no issuer in the store


def verify(path: Path, trust: TlsParameters) -> str:
    """Why a peer with this certificate would not be accepted; "" when it would.

    Raises LabError when a file that it is held against cannot be read.
    """
    try:
        leaf, *between = _certificates(path, trust.file_format)
    except LabError as error:
        return error.message
    store = _store(trust)
    if not (trust.ca_files or trust.ca_directories):
        return "no authority is trusted: +tla +cf FILE names one"
    failure = _failure(store, leaf, between)
    return _in_words(failure, leaf) if failure else ""


def is_root(path: Path, file_format: FileFormat) -> str:
    """Why this is no self-signed certificate that is valid now; "" when it is."""
    try:
        certificate = _certificates(path, file_format)[0]
    except LabError as error:
        return error.message
    store = X509Store()
    store.add_cert(certificate)
    failure = _failure(store, certificate, [])
    if failure and failure.errors[0] in _ISSUED_BY_ANOTHER:
        return "it is not signed with its own key"
    return _in_words(failure, certificate) if failure else ""


def _store(trust: TlsParameters) -> X509Store:
    """Everything that a certificate is held against. Raises LabError."""
    store = X509Store()
    store.set_flags(_FLAGS[trust.revocation])
    for path in trust.ca_files:
        for one in _certificates(path, trust.file_format):
            store.add_cert(one)
    for path in trust.ca_directories:
        store.load_locations(None, str(path))
    for path in trust.crl_files:
        store.add_crl(_revocation_list(path, trust.file_format))
    return store


def _failure(store: X509Store, leaf: X509, between: list[X509]) -> X509StoreContextError | None:
    try:
        X509StoreContext(store, leaf, between).verify_certificate()
    except X509StoreContextError as failure:
        return failure
    return None


def _in_words(failure: X509StoreContextError, leaf: X509) -> str:
    """Naming the certificate, where it is another one of the chain."""
    code, _, message = failure.errors
    words, _ = unverified(code, message)
    wrong = failure.certificate.to_cryptography()
    return words if wrong == leaf.to_cryptography() else f"{wrong.subject.rfc4514_string()}: {words}"


def _certificates(path: Path, file_format: FileFormat) -> list[X509]:
    """One at least."""
    content = _content(path)
    try:
        if file_format is FileFormat.DER:
            return [load_certificate(FILETYPE_ASN1, content)]
        found = [load_certificate(FILETYPE_PEM, block) for block in _PEM.findall(content)]
    except Error as error:
        raise _unreadable(path, "certificate", file_format) from error
    if not found:
        raise _unreadable(path, "certificate", file_format)
    return found


def _revocation_list(path: Path, file_format: FileFormat) -> x509.CertificateRevocationList:
    load = x509.load_der_x509_crl if file_format is FileFormat.DER else x509.load_pem_x509_crl
    try:
        return load(_content(path))
    except ValueError as error:
        raise _unreadable(path, "revocation list", file_format) from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise LabError(msg, "check the name and who may read it") from error


def _unreadable(path: Path, what: str, file_format: FileFormat) -> LabError:
    msg = f"{path} holds no {what} in {file_format.value}"
    return LabError(msg, "-pem and -der say how files are encoded")
