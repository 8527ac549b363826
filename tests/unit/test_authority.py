"""The lab's certificate authority: for the lab's names, renewed in time, keys for their owner's eyes only."""

import datetime
import re
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509

from lab.system import authority, settings
from lab.system.authority import NAMES
from lab.system.home import Home, sources

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, "tls-test")


def certificate(home: Home, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((home.tls_folder / f"{name}.pem").read_bytes())


def names_of(home: Home, host: str) -> list[str]:
    extension = certificate(home, host).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return extension.value.get_values_for_type(x509.DNSName)


def test_every_host_gets_a_certificate_for_its_own_names(home: Home) -> None:
    assert authority.ensure(home, NOW) == list(NAMES)
    for host, names in NAMES.items():
        assert names_of(home, host) == list(names)


def test_what_is_there_is_kept(home: Home) -> None:
    authority.ensure(home, NOW)
    before = certificate(home, "orthanc").serial_number
    assert authority.ensure(home, NOW) == []
    assert certificate(home, "orthanc").serial_number == before


def test_private_keys_are_for_their_owner_only(home: Home) -> None:
    authority.ensure(home, NOW)
    keys = list(home.tls_folder.glob("*.key"))
    assert len(keys) == len(NAMES) + 1
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


def test_a_certificate_that_ends_soon_is_issued_anew_by_the_same_authority(home: Home) -> None:
    authority.ensure(home, NOW)
    old = certificate(home, "ca").serial_number
    assert authority.ensure(home, NOW + (397 - 20) * DAY) == list(NAMES)
    assert certificate(home, "ca").serial_number == old


def test_an_authority_that_ends_takes_all_with_it(home: Home) -> None:
    authority.ensure(home, NOW)
    old = certificate(home, "ca").serial_number
    assert authority.ensure(home, NOW + (3650 - 5) * DAY) == list(NAMES)
    assert certificate(home, "ca").serial_number != old


@pytest.mark.parametrize(("name", "good"), [("orthanc", True), ("localhost", True), ("tester", False)])
@pytest.mark.long
def test_openssl_accepts_orthancs_certificate_for_its_names_only(home: Home, name: str, good: bool) -> None:
    authority.ensure(home, NOW)
    assert shakes_hands(home, "orthanc", name) == good


@pytest.mark.long
def test_the_authority_is_good_for_no_name_beside_the_labs(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.ensure(home, NOW)
    monkeypatch.setitem(NAMES, "orthanc", ("pacs.example",))
    (home.tls_folder / "orthanc.pem").unlink()
    authority.ensure(home, NOW)
    assert names_of(home, "orthanc") == ["pacs.example"]
    assert not shakes_hands(home, "orthanc", "pacs.example")


def shakes_hands(home: Home, host: str, called: str) -> bool:
    """In memory, as a client that trusts the authority and checks the name."""
    ours = home.tls_files(host)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(ours.certificate_file, ours.key_file)
    client = ssl.create_default_context(cafile=ours.ca_file)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = (
        client.wrap_bio(to_client, to_server, server_hostname=called),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    try:
        return all([_step(side) for _ in range(4) for side in sides][-2:])
    except ssl.SSLCertVerificationError:
        return False


def _step(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def test_compose_gets_certificates_and_keys_once_they_are_there(home: Home) -> None:
    settings.ensure(home)
    assert not [name for name in settings.environment(home) if name.startswith("LAB_TLS_")]
    authority.ensure(home, NOW)
    found = settings.environment(home)
    assert "BEGIN CERTIFICATE" in found["LAB_TLS_CA_CERTIFICATE"]
    assert "PRIVATE KEY" in found["LAB_TLS_ORTHANC_KEY"]
    assert found["LAB_PROJECT"] == "tls-test"


def test_compose_gets_no_key_that_its_files_do_not_name(home: Home) -> None:
    """The authority's, above all."""
    settings.ensure(home)
    authority.ensure(home, NOW)
    named = set(re.findall(r"LAB_TLS_\w+", (sources() / "compose/with-tls.yaml").read_text()))
    assert {name for name in settings.environment(home) if name.startswith("LAB_TLS_")} == named


def test_with_tls_orthanc_is_reached_by_https_until_it_is_up_without(home: Home) -> None:
    assert settings.ensure(home, tls=True).url.startswith("https://")
    again = settings.ensure(home)
    assert again.url.startswith("https://")
    assert again.tls is not None
    assert settings.ensure(home, tls=False).url.startswith("http://")
    assert settings.ensure(home).tls is None


def test_forgetting_the_settings_forgets_the_keys(home: Home) -> None:
    settings.ensure(home)
    authority.ensure(home, NOW)
    settings.forget(home)
    assert not home.tls_folder.exists()
