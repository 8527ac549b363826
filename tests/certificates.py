"""Certificates for tests: an authority, what it issues and revokes. RSA keys: every profile takes them."""

import datetime
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)
PASSWORD = "correct-horse"
_WITH_SHA_1 = bytes.fromhex("2a864886f70d010105")  # sha1WithRSAEncryption (RFC 8017 A.2.4)
_WITH_SHA_256 = bytes.fromhex("2a864886f70d01010b")
_SEQUENCE, _BIT_STRING, _VERSION, _EXTENSIONS = 0x30, 0x03, 0xA0, 0xA3


@dataclass(frozen=True)
class Credential:
    """A certificate and its key, and how they are written."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    def write(self, folder: Path, name: str) -> None:
        """PEM, DER and encrypted: NAME.pem, NAME.key, NAME.der, NAME-key.der, NAME-locked.key."""
        (folder / f"{name}.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / f"{name}.der").write_bytes(self.certificate.public_bytes(Encoding.DER))
        locked = BestAvailableEncryption(PASSWORD.encode())
        for file, encoding, encryption in (
            (f"{name}.key", Encoding.PEM, NoEncryption()),
            (f"{name}-key.der", Encoding.DER, NoEncryption()),
            (f"{name}-locked.key", Encoding.PEM, locked),
            (f"{name}-locked-key.der", Encoding.DER, locked),
        ):
            (folder / file).write_bytes(self._key_bytes(encoding, encryption))

    def _key_bytes(self, encoding: Encoding, encryption: KeySerializationEncryption) -> bytes:
        return self.key.private_bytes(encoding, PrivateFormat.PKCS8, encryption)


@dataclass
class Authority:
    """Issues and revokes; itself a root, or issued by another."""

    credential: Credential
    revoked: list[int] = field(default_factory=list)

    @classmethod
    def root(cls, name: str) -> "Authority":
        key = _key()
        return cls(Credential(key, _certificate(name, key, None, is_authority=True)))

    def subordinate(self, name: str) -> "Authority":
        key = _key()
        return Authority(Credential(key, _certificate(name, key, self.credential, is_authority=True)))

    def issue(self, name: str, *, from_day: int = -1, to_day: int = 30) -> Credential:
        key = _key()
        return Credential(key, _certificate(name, key, self.credential, from_day=from_day, to_day=to_day))

    def revoke(self, credential: Credential) -> None:
        self.revoked.append(credential.certificate.serial_number)

    def write_crl(self, folder: Path, name: str, *, to_day: int = 30) -> None:
        """NAME.crl in PEM and NAME-crl.der."""
        own = self.credential
        builder = x509.CertificateRevocationListBuilder().issuer_name(own.certificate.subject)
        builder = builder.last_update(NOW - 2 * DAY).next_update(NOW + to_day * DAY)
        for serial in self.revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - DAY)
            builder = builder.add_revoked_certificate(entry.build())
        crl = builder.sign(own.key, hashes.SHA256())
        (folder / f"{name}.crl").write_bytes(crl.public_bytes(Encoding.PEM))
        (folder / f"{name}-crl.der").write_bytes(crl.public_bytes(Encoding.DER))


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _certificate(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: Credential | None,
    *,
    is_authority: bool = False,
    from_day: int = -10,
    to_day: int = 30,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + from_day * DAY)
        .not_valid_after(NOW + to_day * DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(issuer.key if issuer else key, hashes.SHA256())


def version_1(credential: Credential, issuer: Credential) -> Credential:
    """The same as X.509 version 1 has it: without a version and extensions (RFC 5280 4.1)."""
    fields = [one for one in _fields(credential) if one[0] not in (_VERSION, _EXTENSIONS)]
    return _signed(credential, fields, issuer, hashes.SHA256())


def with_sha_1(credential: Credential, issuer: Credential) -> Credential:
    """The same, signed over its SHA-1."""
    fields = [one.replace(_WITH_SHA_256, _WITH_SHA_1) for one in _fields(credential)]
    return _signed(credential, fields, issuer, hashes.SHA1())


def _signed(
    credential: Credential, fields: list[bytes], issuer: Credential, algorithm: hashes.HashAlgorithm
) -> Credential:
    signed = _element(_SEQUENCE, b"".join(fields))
    identifier = next(one for one in fields if _WITH_SHA_1 in one or _WITH_SHA_256 in one)
    signature = _element(_BIT_STRING, b"\0" + issuer.key.sign(signed, padding.PKCS1v15(), algorithm))
    whole = _element(_SEQUENCE, signed + identifier + signature)
    return Credential(credential.key, x509.load_der_x509_certificate(whole))


def _fields(credential: Credential) -> list[bytes]:
    """Elements of its TBSCertificate, in DER."""
    content = credential.certificate.tbs_certificate_bytes[4:]  # over 255 bytes long, under 65536
    found = []
    while content:
        size = _size_of_element(content)
        found.append(content[:size])
        content = content[size:]
    return found


def _size_of_element(content: bytes) -> int:
    """X.690 8.1.3."""
    if content[1] < 0x80:
        return 2 + content[1]
    count = content[1] & 0x7F
    return 2 + count + int.from_bytes(content[2 : 2 + count])


def _element(tag: int, content: bytes) -> bytes:
    size = len(content).to_bytes(2)
    return bytes((tag, 0x82)) + size + content


def write_all(folder: Path) -> None:
    """What the tests of TLS need, in one folder."""
    root, stranger = Authority.root("Test root"), Authority.root("Another root")
    between = root.subordinate("Test intermediate")
    root.credential.write(folder, "ca")
    stranger.credential.write(folder, "stranger-ca")
    between.credential.write(folder, "between")
    for name in ("localhost", "client", "revoked"):
        credential = root.issue(name)
        credential.write(folder, name)
    root.revoke(credential)
    root.issue("localhost", from_day=-5, to_day=-1).write(folder, "expired")
    stranger.issue("client").write(folder, "stranger")
    deep = between.issue("localhost")
    deep.write(folder, "deep")
    chain = [deep.certificate, between.credential.certificate]
    (folder / "deep-chain.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    write_old(folder, root.credential)
    root.write_crl(folder, "ca")
    between.write_crl(folder, "between")
    root.write_crl(folder, "stale", to_day=-1)


def write_old(folder: Path, issuer: Credential) -> None:
    """As devices of long ago have them: version 1, signed over SHA-1, by nobody but themselves."""
    own, leaf = Authority.root("Old root").credential, Authority(issuer).issue("localhost")
    old = version_1(own, own)
    old.write(folder, "v1-ca")
    Authority(old).issue("localhost").write(folder, "of-v1")
    with_sha_1(own, own).write(folder, "sha1-ca")
    version_1(leaf, issuer).write(folder, "v1")
    with_sha_1(leaf, issuer).write(folder, "sha1")
    for name, to_day in (("alone", 30), ("alone-expired", -1)):
        Credential(leaf.key, _certificate("localhost", leaf.key, None, to_day=to_day)).write(folder, name)
