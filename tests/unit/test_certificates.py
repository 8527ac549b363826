"""Certificates looked at without a connection."""

from pathlib import Path

import pytest

from lab.errors import LabError
from lab.model.tls import FileFormat, Revocation, TlsParameters
from lab.model.tls_profiles import RFC_8996
from lab.system.certificates import is_root, verify
from tests.certificates import Authority

LEAF, CHAIN = Revocation.LEAF, Revocation.CHAIN


def judged(
    pki: Path, name: str, trusted: str, lists: str = "", revocation: Revocation = Revocation.NONE
) -> str:
    trust = TlsParameters(
        profile=RFC_8996,
        ca_files=tuple(pki / one for one in trusted.split()),
        crl_files=tuple(pki / one for one in lists.split()),
        revocation=revocation,
        file_format=FileFormat.DER if name.endswith(".der") else FileFormat.PEM,
    )
    return verify(pki / name, trust)


@pytest.mark.parametrize(
    ("name", "trusted", "lists", "revocation"),
    [
        ("localhost.pem", "ca.pem", "", Revocation.NONE),
        ("localhost.der", "ca.der", "", Revocation.NONE),
        ("localhost.pem", "stranger-ca.pem ca.pem", "", Revocation.NONE),
        ("ca.pem", "ca.pem", "", Revocation.NONE),
        ("deep.pem", "ca.pem between.pem", "", Revocation.NONE),
        ("deep-chain.pem", "ca.pem", "", Revocation.NONE),
        ("revoked.pem", "ca.pem", "", Revocation.NONE),
        ("localhost.pem", "ca.pem", "ca.crl", LEAF),
        ("deep-chain.pem", "ca.pem", "between.crl", LEAF),
        ("deep-chain.pem", "ca.pem", "between.crl ca.crl", CHAIN),
        ("v1.pem", "ca.pem", "", Revocation.NONE),
        ("of-v1.pem", "v1-ca.pem", "", Revocation.NONE),
        ("sha1.pem", "ca.pem", "", Revocation.NONE),
        ("alone.pem", "alone.pem", "", Revocation.NONE),
    ],
)
@pytest.mark.long
def test_a_certificate_with_a_chain_to_a_root_is_accepted(
    name: str, trusted: str, lists: str, revocation: Revocation, pki: Path
) -> None:
    assert judged(pki, name, trusted, lists, revocation) == ""


@pytest.mark.parametrize(
    ("name", "trusted", "lists", "revocation", "says"),
    [
        ("localhost.pem", "", "", Revocation.NONE, "no authority is trusted"),
        ("localhost.pem", "localhost.pem", "", Revocation.NONE, "its issuer is not known here"),
        ("deep.pem", "between.pem", "", Revocation.NONE, "CN=Test intermediate: its issuer is not known"),
        ("localhost.pem", "stranger-ca.pem", "", Revocation.NONE, "its issuer is not known here"),
        ("deep.pem", "ca.pem", "", Revocation.NONE, "its issuer is not known here"),
        ("expired.pem", "ca.pem", "", Revocation.NONE, "it has expired"),
        ("revoked.pem", "ca.pem", "ca.crl", LEAF, "has been revoked"),
        ("localhost.pem", "ca.pem", "", LEAF, "no revocation list of its issuer"),
        ("localhost.pem", "ca.pem", "between.crl", LEAF, "no revocation list of its issuer"),
        ("localhost.pem", "ca.pem", "stale.crl", LEAF, "revocation list has expired"),
        ("deep-chain.pem", "ca.pem", "between.crl", CHAIN, "no revocation list of its issuer"),
        ("nosuch", "ca.pem", "", Revocation.NONE, "cannot be read"),
        ("ca.key", "ca.pem", "", Revocation.NONE, "holds no certificate"),
    ],
)
def test_one_without_is_not_and_it_is_said_why(
    name: str, trusted: str, lists: str, revocation: Revocation, says: str, pki: Path
) -> None:
    assert says in judged(pki, name, trusted, lists, revocation)


def test_a_list_that_another_authority_signed_in_the_issuers_name_is_none(pki: Path, tmp_path: Path) -> None:
    forger = Authority.root("Test root")
    forger.write_crl(tmp_path, "forged")
    lists = f"{tmp_path}/forged.crl"
    assert "list is not signed by" in judged(pki, "localhost.pem", "ca.pem", lists, LEAF)


def test_a_certificate_that_another_authority_signed_in_the_issuers_name_is_not_accepted(
    pki: Path, tmp_path: Path
) -> None:
    Authority.root("Test root").issue("localhost").write(tmp_path, "forged")
    assert "its signature is not that" in judged(pki, f"{tmp_path}/forged.pem", "ca.pem")


@pytest.mark.parametrize(("trusted", "lists"), [("nosuch", ""), ("ca.key", ""), ("ca.pem", "nosuch")])
def test_what_it_is_held_against_must_load(trusted: str, lists: str, pki: Path) -> None:
    with pytest.raises(LabError):
        judged(pki, "localhost.pem", trusted, lists, LEAF)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ca.pem", ""),
        ("v1-ca.pem", ""),
        ("sha1-ca.pem", ""),
        ("alone.pem", ""),
        ("alone-expired.pem", "it has expired"),
        ("localhost.pem", "not signed with its own key"),
        ("between.pem", "not signed with its own key"),
        ("ca.key", "holds no certificate"),
        ("nosuch", "cannot be read"),
    ],
)
def test_a_root_is_signed_with_its_own_key_and_valid(name: str, says: str, pki: Path) -> None:
    trouble = is_root(pki / name, FileFormat.PEM)
    assert says in trouble
    assert bool(says) == bool(trouble)
