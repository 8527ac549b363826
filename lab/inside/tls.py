"""An ssl context for one side of a DICOM TLS connection (PS3.15 Annex B), from its parameters.

Python's ssl reads keys from files only, and in PEM only: what is in DER is written anew beside nothing else,
readable by its owner alone, for as long as it takes to load it.
"""

import ssl
import tempfile
from base64 import encodebytes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.errors import LabError
from lab.inside.der import key_label
from lab.model.tls import Certified, FileFormat, Revocation, TlsParameters, TlsProfile
from lab.model.tls_profiles import SUITES

Ask = Callable[[Path], str]
"""Asks for the password of a key file."""

_VERSIONS = {
    "1.0": ssl.TLSVersion.MINIMUM_SUPPORTED,  # Python has SSL 3.0 off in any case
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
_REVOCATION = {
    Revocation.NONE: ssl.VerifyFlags(0),
    Revocation.LEAF: ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF,
    Revocation.CHAIN: ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN,
}


def tls_context(parameters: TlsParameters, ask: Ask, *, server_side: bool = False) -> ssl.SSLContext:
    """What wraps the sockets of this side. Raises LabError naming the file or the suite that will not do."""
    protocol = ssl.PROTOCOL_TLS_SERVER if server_side else ssl.PROTOCOL_TLS_CLIENT
    context = ssl.SSLContext(protocol)
    context.check_hostname = parameters.check_name
    context.verify_mode = ssl.CERT_REQUIRED if parameters.verify_peer else ssl.CERT_NONE
    context.verify_flags |= _REVOCATION[parameters.revocation]
    _choose_suites(context, parameters)
    _trust(context, parameters)
    if parameters.own:
        _certify(context, parameters.own, parameters.file_format, ask)
    return context


def suites_here() -> list[str]:
    """IANA names of the suites of TLS 1.2 and older that this Python's OpenSSL has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    found = {cipher["name"] for cipher in context.get_ciphers()}
    return [name for name, openssl_name in SUITES.items() if openssl_name in found]


def suites_13_left_out(profile: TlsProfile) -> tuple[str, ...]:
    """TLS 1.3 suites of the profile that this Python cannot offer: before 3.15 it has no choice of them."""
    if hasattr(ssl.SSLContext, "set_ciphersuites"):
        return ()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found = {cipher["name"] for cipher in context.get_ciphers()}
    return tuple(suite for suite in profile.suites_13 if suite not in found)


def offered(parameters: TlsParameters) -> tuple[str, ...]:
    """The profile's suites, then those added, the last named first, as DCMTK does it."""
    added = tuple(suite for suite in reversed(parameters.suites) if suite not in parameters.profile.suites)
    return tuple(dict.fromkeys((*parameters.profile.suites, *added)))


def _choose_suites(context: ssl.SSLContext, parameters: TlsParameters) -> None:
    profile = parameters.profile
    names = [SUITES[suite] for suite in offered(parameters)]
    if profile.oldest < "1.2":
        names.append("@SECLEVEL=0")  # OpenSSL 3 has SHA-1 signatures, and so TLS 1.0, below level 1
    try:
        context.set_ciphers(":".join(names))
    except ssl.SSLError as error:
        msg = f"this Python's {ssl.OPENSSL_VERSION} has no cipher suite of the profile {profile.title}"
        raise LabError(msg, "`lab echo +cc` lists those it has; choose another profile") from error
    if missing := set(parameters.suites) - set(suites_here()):
        msg = f"this Python's {ssl.OPENSSL_VERSION} does not have {', '.join(sorted(missing))}"
        raise LabError(msg, "`lab echo +cc` lists those it has")
    context.minimum_version = _VERSIONS[profile.oldest]
    context.maximum_version = _VERSIONS[profile.newest]
    if profile.suites_13 and hasattr(context, "set_ciphersuites"):
        context.set_ciphersuites(":".join(profile.suites_13))


def _trust(context: ssl.SSLContext, parameters: TlsParameters) -> None:
    for path in parameters.ca_files:
        with _loading(path, "certificate", parameters.file_format):
            if parameters.file_format is FileFormat.DER:
                context.load_verify_locations(cadata=path.read_bytes())
            else:
                context.load_verify_locations(cafile=path)
    for path in parameters.ca_directories:
        if not any(path.glob("????????.[0-9]*")):
            msg = f"{path}: no certificate under the hash of its subject there"
            raise LabError(msg, f"`openssl rehash {path}` names them so; or name each file")
        context.load_verify_locations(capath=path)
    for path in parameters.crl_files:
        with (
            _loading(path, "revocation list", parameters.file_format),
            _in_pem(path, "X509 CRL", parameters.file_format) as pem,
        ):
            context.load_verify_locations(cafile=pem)


def _certify(context: ssl.SSLContext, own: Certified, file_format: FileFormat, ask: Ask) -> None:
    def password() -> str:
        return ask(own.key_file) if own.password is None else own.password

    label = key_label(_read(own.key_file)) if file_format is FileFormat.DER else ""
    try:
        with (
            _in_pem(own.key_file, label, file_format) as key,
            _in_pem(own.certificate_file, "CERTIFICATE", file_format) as certificate,
        ):
            context.load_cert_chain(certificate, key, password)
    except (ssl.SSLError, ValueError) as error:
        raise _uncertified(own, file_format, error) from error


def _uncertified(own: Certified, file_format: FileFormat, error: Exception) -> LabError:
    reason = getattr(error, "reason", None) or ""
    if reason == "KEY_VALUES_MISMATCH":
        msg = f"the key {own.key_file} is not that of the certificate {own.certificate_file}"
        return LabError(msg, "name the key first, then the certificate that was issued for it")
    if file_format is FileFormat.PEM and b"PRIVATE KEY" not in _read(own.key_file):
        return _unreadable(own.key_file, "private key", file_format)
    if file_format is FileFormat.PEM and b"BEGIN CERTIFICATE" not in _read(own.certificate_file):
        return _unreadable(own.certificate_file, "certificate", file_format)
    msg = (
        f"the key {own.key_file} does not open with this password, or is damaged ({reason or 'no more said'})"
    )
    return LabError(msg, "+ps asks for the password, +pw PASSWORD names it; check that the file is whole")


@contextmanager
def _loading(path: Path, what: str, file_format: FileFormat) -> Iterator[None]:
    _read(path)
    try:
        yield
    except ssl.SSLError as error:
        raise _unreadable(path, what, file_format) from error


def _unreadable(path: Path, what: str, file_format: FileFormat) -> LabError:
    other = "PEM" if file_format is FileFormat.DER else "DER"
    msg = f"{path} holds no {what} in {file_format.value}"
    return LabError(msg, f"is it in {other}? then say so; all files of a command are in one format")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise LabError(msg, "check the name and who may read it") from error


@contextmanager
def _in_pem(path: Path, label: str, file_format: FileFormat) -> Iterator[Path]:
    """The file as it is, or what it holds in PEM while the block lasts."""
    content = _read(path)
    if file_format is FileFormat.PEM:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:  # mode 0700
        pem = Path(folder) / "pem"
        text = encodebytes(content).decode()
        pem.write_text(f"-----BEGIN {label}-----\n{text}-----END {label}-----\n")
        yield pem
