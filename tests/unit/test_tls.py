"""An ssl context from TLS parameters: what it offers, whom it trusts, what it refuses to load."""

import ssl
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lab.errors import LabError
from lab.inside.der import key_label
from lab.inside.tls import offered, suites_13_left_out, suites_here, tls_context
from lab.model.tls import Certified, FileFormat, Revocation, TlsParameters
from lab.model.tls_profiles import (
    AES,
    BCP_195,
    BCP_195_EXTENDED,
    NULL,
    PROFILES,
    RFC_8996,
    RFC_8996_MODIFIED,
    SUITES,
    may_be_added,
)
from tests.certificates import PASSWORD

P = ssl.TLSVersion


def nobody(_: Path) -> str:
    pytest.fail("asked for a password")


def context(parameters: TlsParameters) -> ssl.SSLContext:
    return tls_context(parameters, nobody)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_profile_is_its_versions_and_its_suites(profile: object) -> None:
    made = context(TlsParameters(profile=profile))  # type: ignore[arg-type]
    names = [cipher["name"] for cipher in made.get_ciphers() if not cipher["name"].startswith("TLS_")]
    assert names == [SUITES[suite] for suite in profile.suites]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("profile", "oldest", "newest"),
    [
        (RFC_8996, P.TLSv1_2, P.TLSv1_3),
        (BCP_195, P.MINIMUM_SUPPORTED, P.TLSv1_3),
        (BCP_195_EXTENDED, P.TLSv1_2, P.TLSv1_2),
        (AES, P.MINIMUM_SUPPORTED, P.TLSv1_2),
        (NULL, P.MINIMUM_SUPPORTED, P.TLSv1_2),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_versions_are_those_of_the_profile(profile: object, oldest: P, newest: P) -> None:
    made = context(TlsParameters(profile=profile))  # type: ignore[arg-type]
    assert (made.minimum_version, made.maximum_version) in {
        (oldest, newest),
        (oldest, P.MAXIMUM_SUPPORTED if newest is P.TLSv1_3 else newest),
    }


def test_every_suite_of_every_profile_is_one_we_know() -> None:
    assert {suite for profile in PROFILES for suite in profile.suites} <= set(SUITES)
    assert set(suites_here()) <= set(SUITES)


def test_added_suites_come_after_the_profiles_the_last_named_first() -> None:
    added = ("TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", RFC_8996.suites[0])
    assert offered(TlsParameters(profile=RFC_8996, suites=added)) == (*RFC_8996.suites, added[1], added[0])


def test_a_profile_says_what_may_be_added() -> None:
    allowed = {profile.name: sum(may_be_added(suite, profile) for suite in SUITES) for profile in PROFILES}
    assert allowed == {
        "8996": 27,
        "8996-mod": 0,
        "bcp195-nd": 43,
        "bcp195": 43,
        "bcp195-ex": 0,
        "aes": 43,
        "null": 44,
    }


def test_suites_of_tls_1_3_that_python_cannot_choose_are_named() -> None:
    assert suites_13_left_out(RFC_8996) == ()
    expected = ("TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256")
    assert suites_13_left_out(RFC_8996_MODIFIED) in ((), expected)


def test_the_peer_is_verified_and_its_name_is_not_unless_asked() -> None:
    made = context(TlsParameters(profile=RFC_8996))
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, False)
    assert context(TlsParameters(profile=RFC_8996, check_name=True)).check_hostname
    assert context(TlsParameters(profile=RFC_8996, verify_peer=False)).verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize("file_format", FileFormat)
def test_trust_and_revocation_are_loaded_in_either_format(file_format: FileFormat, pki: Path) -> None:
    ca, crl = ("ca.pem", "ca.crl") if file_format is FileFormat.PEM else ("ca.der", "ca-crl.der")
    made = context(
        TlsParameters(
            profile=RFC_8996,
            ca_files=(pki / ca,),
            crl_files=(pki / crl,),
            revocation=Revocation.CHAIN,
            file_format=file_format,
        )
    )
    assert made.cert_store_stats() == {"x509": 1, "crl": 1, "x509_ca": 1}
    assert made.verify_flags & ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN


def own(pki: Path, key: str, certificate: str, password: str | None = None) -> Certified:
    return Certified(key_file=pki / key, certificate_file=pki / certificate, password=password)


@pytest.mark.parametrize("file_format", FileFormat)
def test_a_locked_key_asks_for_its_password_once_and_a_plain_one_never(
    file_format: FileFormat, pki: Path
) -> None:
    asked: list[Path] = []

    def ask(key_file: Path) -> str:
        asked.append(key_file)
        return PASSWORD

    names = (
        ("client-{}key.der", "client.der")
        if file_format is FileFormat.DER
        else ("client{}.key", "client.pem")
    )
    locked = names[0].format("locked-" if file_format is FileFormat.DER else "-locked")
    for key in (names[0].format(""), locked):
        certified = own(pki, key, names[1])
        tls_context(TlsParameters(profile=RFC_8996, own=certified, file_format=file_format), ask)
    assert asked == [pki / locked]


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"ca_files": ["nosuch"]}, "nosuch cannot be read"),
        ({"ca_files": ["client.key"]}, "client.key holds no certificate in PEM"),
        ({"ca_files": ["ca.der"]}, "ca.der holds no certificate in PEM"),
        ({"crl_files": ["nosuch"]}, "nosuch cannot be read"),
        ({"crl_files": ["client.key"]}, "client.key holds no revocation list in PEM"),
        ({"ca_directories": ["."]}, "no certificate under the hash"),
        ({"own": ["nosuch", "client.pem"]}, "nosuch cannot be read"),
        ({"own": ["client.key", "nosuch"]}, "nosuch cannot be read"),
        ({"own": ["client.pem", "client.pem"]}, "client.pem holds no private key"),
        ({"own": ["client.key", "client.key"]}, "client.key holds no certificate"),
        ({"own": ["client.key", "localhost.pem"]}, "is not that of the certificate"),
        ({"own": ["client-locked.key", "client.pem", "wrong"]}, "does not open with this password"),
    ],
)
def test_a_file_that_will_not_do_is_named(parameters: dict[str, list[str]], says: str, pki: Path) -> None:
    made: dict[str, object] = {
        name: tuple(pki / value for value in values) for name, values in parameters.items() if name != "own"
    }
    if "own" in parameters:
        key, certificate, *password = parameters["own"]
        made["own"] = own(pki, key, certificate, *password or [""])
    with pytest.raises(LabError, match=says) as caught:
        context(TlsParameters(profile=RFC_8996, **made))  # type: ignore[arg-type]
    assert caught.value.remedy


def test_a_suite_that_this_openssl_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.inside.tls.suites_here", list[str])
    added = ("TLS_RSA_WITH_AES_128_GCM_SHA256",)
    with pytest.raises(LabError, match="does not have TLS_RSA_WITH_AES_128_GCM_SHA256"):
        context(TlsParameters(profile=RFC_8996, suites=added))


def test_both_sides_are_made_of_the_same_parameters(pki: Path) -> None:
    """In memory: the context of an acceptor that wants a certificate, and that of a requestor with one."""
    acceptor = TlsParameters(
        profile=RFC_8996, own=own(pki, "localhost.key", "localhost.pem", ""), ca_files=(pki / "ca.pem",)
    )
    requestor = TlsParameters(
        profile=RFC_8996, own=own(pki, "client.key", "client.pem", ""), ca_files=(pki / "ca.pem",)
    )
    to_acceptor, to_requestor = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        tls_context(acceptor, nobody, server_side=True).wrap_bio(to_acceptor, to_requestor, server_side=True),
        context(requestor).wrap_bio(to_requestor, to_acceptor),
    ]
    for _ in range(3):
        for end in reversed(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert ends[0].version() == ends[1].version() == "TLSv1.3"
    assert ends[0].getpeercert()


def test_the_kind_of_a_der_key_is_told_by_its_shape() -> None:
    numbers = rsa.generate_private_key(65537, 2048)
    curve = ec.generate_private_key(ec.SECP256R1())
    old, new = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8
    for key, form in ((numbers, old), (curve, old), (numbers, new), (curve, new)):
        pem = key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
        label = pem.splitlines()[0].removeprefix("-----BEGIN ").removesuffix("-----")
        assert key_label(b64decode("".join(pem.splitlines()[1:-1]))) == label


@pytest.mark.parametrize("content", [b"", b"0", b"\x30\x80", b"-----BEGIN", b"\x30\x03\x02\x01\x00"])
def test_what_is_no_der_key_gets_a_label_all_the_same(content: bytes) -> None:
    assert key_label(content).endswith("PRIVATE KEY")
