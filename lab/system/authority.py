"""The lab's own certificate authority: what its hosts show each other under DICOM TLS and HTTPS.

Made at first use, in the project's folder, keys readable by their owner only. The authority is good for the
lab's names and no others (RFC 5280 4.2.1.10); what it issued is issued anew before it ends.
"""

import datetime
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.system.files import write_private, write_public
from lab.system.home import AUTHORITY, Home

NAMES = {
    "orthanc": ("orthanc", "localhost"),
    "tester": ("tester",),
    "dcmtk": ("dcmtk",),
    "labhost": ("labhost", "localhost"),
}
_LOOPBACK = IPv4Address("127.0.0.1")
_AUTHORITY_DAYS, _HOST_DAYS = 3650, 397
_RENEWED_BEFORE_DAYS = 30
_KEY_BITS = 2048  # the retired profiles with RSA key exchange work too, for comparison


@dataclass(frozen=True)
class _Issuer:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def ensure(home: Home, now: datetime.datetime) -> list[str]:
    """Have an authority and a certificate for every host; the names of those that were issued now."""
    anew = not _lasts(home.tls_folder, AUTHORITY, now)
    if anew:
        _make_authority(home.tls_folder, now)
    issuer = _issuer(home.tls_folder)
    due = [host for host in NAMES if anew or not _lasts(home.tls_folder, host, now)]
    for host in due:
        _issue(home.tls_folder, host, issuer, now)
    return due


def _lasts(folder: Path, name: str, now: datetime.datetime) -> bool:
    """Whether it is there, key and all, and does not end soon."""
    certificate = folder / f"{name}.pem"
    if not certificate.exists() or not (folder / f"{name}.key").exists():
        return False
    ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    return ends - now > datetime.timedelta(days=_RENEWED_BEFORE_DAYS)


def _make_authority(folder: Path, now: datetime.datetime) -> None:
    key = _new_key()
    builder = _certificate("DICOM lab", "DICOM lab", key, now, _AUTHORITY_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(is_authority=True), critical=True)
    permitted: list[x509.GeneralName] = [x509.DNSName(name) for name in _all_names()]
    permitted.append(x509.IPAddress(IPv4Network(f"{_LOOPBACK}/32")))
    builder = builder.add_extension(x509.NameConstraints(permitted, None), critical=True)
    _write(folder, AUTHORITY, key, builder.sign(key, hashes.SHA256()))


def _issue(folder: Path, host: str, issuer: _Issuer, now: datetime.datetime) -> None:
    key = _new_key()
    subject = issuer.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    builder = _certificate(host, str(subject), key, now, _HOST_DAYS)
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in NAMES[host]]
    if "localhost" in NAMES[host]:
        names.append(x509.IPAddress(_LOOPBACK))
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(both), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    _write(folder, host, key, builder.sign(issuer.key, hashes.SHA256()))


def _certificate(
    subject: str, issuer: str, key: rsa.RSAPrivateKey, now: datetime.datetime, days: int
) -> x509.CertificateBuilder:
    """An hour from the past on, for clocks differ."""
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _key_usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=not is_authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _issuer(folder: Path) -> _Issuer:
    certificate = x509.load_pem_x509_certificate((folder / f"{AUTHORITY}.pem").read_bytes())
    key = load_pem_private_key((folder / f"{AUTHORITY}.key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return _Issuer(certificate, key)


def _write(folder: Path, name: str, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(folder / f"{name}.key", private.decode())
    write_public(folder / f"{name}.pem", certificate.public_bytes(Encoding.PEM).decode())


def _all_names() -> list[str]:
    return sorted({name for names in NAMES.values() for name in names})


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, _KEY_BITS)
