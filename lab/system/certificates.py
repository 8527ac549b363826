"""Certificates looked at without a connection: would this one be accepted, is it a root?

The chain is built and checked by the cryptography package (RFC 5280 6), without its demands on names and
extensions, which are the Web's and not DICOM's. Revocation lists are looked up here.
"""

import datetime
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from lab.errors import LabError
from lab.model.tls import FileFormat, Revocation, TlsParameters

Certificate = x509.Certificate


def verify(path: Path, trust: TlsParameters) -> str:
    """Why a peer with this certificate would not be accepted; "" when it would.

    Raises LabError when a file that it is held against cannot be read.
    """
    try:
        leaf, *between = _certificates(path, trust.file_format)
    except LabError as error:
        return error.message
    known = [one for file in _trusted_files(trust) for one in _certificates(file, trust.file_format)]
    roots = [one for one in known if _is_self_signed(one)]
    if dated := _out_of_date(leaf):
        return dated
    if not roots:
        return "no root certificate is trusted: +tla +cf FILE names one"
    try:
        chain = _chain(leaf, [*between, *(one for one in known if one not in roots)], roots)
    except VerificationError as error:
        return f"no chain from it to a trusted root holds ({str(error).removeprefix('validation failed: ')})"
    return _revoked(chain, trust)


def is_root(path: Path, file_format: FileFormat) -> str:
    """Why this is no self-signed root certificate; "" when it is."""
    try:
        certificate = _certificates(path, file_format)[0]
    except LabError as error:
        return error.message
    if not _is_self_signed(certificate):
        return "it is not signed with its own key"
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return "it does not say that it is an authority's (Basic Constraints)"
    if dated := _out_of_date(certificate):
        return dated
    return "" if constraints.ca else "it is not an authority's (Basic Constraints)"


def _certificates(path: Path, file_format: FileFormat) -> list[Certificate]:
    try:
        content = path.read_bytes()
        if file_format is FileFormat.DER:
            return [x509.load_der_x509_certificate(content)]
        return x509.load_pem_x509_certificates(content)
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise LabError(msg, "check the name and who may read it") from error
    except ValueError as error:
        msg = f"{path} holds no certificate in {file_format.value}"
        raise LabError(msg, "-pem and -der say how files are encoded") from error


def _trusted_files(trust: TlsParameters) -> list[Path]:
    hashed = [file for folder in trust.ca_directories for file in folder.glob("????????.[0-9]*")]
    return [*trust.ca_files, *hashed]


def _is_self_signed(certificate: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _chain(
    leaf: Certificate, between: Sequence[Certificate], roots: list[Certificate]
) -> Sequence[Certificate]:
    """From the certificate to a root. Raises VerificationError."""
    anything = ExtensionPolicy.permit_all()
    authority = anything.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    if leaf in roots:
        return [leaf]
    policy = PolicyBuilder().store(Store(roots)).extension_policies(ca_policy=authority, ee_policy=anything)
    return policy.build_client_verifier().verify(leaf, list(between)).chain


def _out_of_date(certificate: Certificate) -> str:
    now = datetime.datetime.now(datetime.UTC)
    if now < certificate.not_valid_before_utc:
        return f"it is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    if now > certificate.not_valid_after_utc:
        return f"it expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
    return ""


def _revoked(chain: Sequence[Certificate], trust: TlsParameters) -> str:
    """Why the chain is not accepted by its revocation lists; "" when it is, or when none are asked for."""
    if trust.revocation is Revocation.NONE:
        return ""
    lists = [_crl(path, trust.file_format) for path in trust.crl_files]
    looked_at = chain[:1] if trust.revocation is Revocation.LEAF else chain
    issuers = [*chain[1:], chain[-1]]
    for certificate, issuer in zip(looked_at, issuers, strict=False):
        if trouble := _listed(certificate, issuer, lists):
            return trouble
    return ""


def _listed(
    certificate: Certificate, issuer: Certificate, lists: Sequence[x509.CertificateRevocationList]
) -> str:
    name = certificate.subject.rfc4514_string()
    key = issuer.public_key()
    own = [one for one in lists if one.issuer == certificate.issuer and one.is_signature_valid(key)]  # type: ignore[arg-type]
    now = datetime.datetime.now(datetime.UTC)
    current = [one for one in own if one.next_update_utc is None or one.next_update_utc >= now]
    if not current:
        return f"{name}: " + (
            "its revocation list has expired" if own else "no revocation list of its issuer"
        )
    revoked = any(one.get_revoked_certificate_by_serial_number(certificate.serial_number) for one in current)
    return f"{name}: it has been revoked" if revoked else ""


def _crl(path: Path, file_format: FileFormat) -> x509.CertificateRevocationList:
    load = x509.load_der_x509_crl if file_format is FileFormat.DER else x509.load_pem_x509_crl
    try:
        return load(path.read_bytes())
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise LabError(msg, "check the name and who may read it") from error
    except ValueError as error:
        msg = f"{path} holds no revocation list in {file_format.value}"
        raise LabError(msg, "-pem and -der say how files are encoded") from error
