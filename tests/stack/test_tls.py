"""DICOM TLS and HTTPS in the lab: everything goes by it, and who is not to be trusted is refused, by name."""

import base64
import dataclasses
import os
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lab.system.settings import IN_CONTAINERS
from tests.certificates import Authority, Credential
from tests.stack.lab import NOTHING, Lab, docker, ours
from tests.stack.receiving import receiving
from tests.stack.waiting_lab import waiting_lab

INSTANCES = 48
OWN = ["+tls", "/etc/lab-tls/key.pem", "/etc/lab-tls/certificate.pem"]
TRUSTED = ["+cf", "/etc/lab-tls/ca.pem"]


@pytest.fixture(scope="module")
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab of its own that is up with TLS, with the quick study seeded by HTTPS."""
    request.getfixturevalue("engine")
    lab = Lab(tmp_path_factory.mktemp("lab"), f"labtls-{os.getpid()}")
    lab.root.chmod(0o755)
    try:
        lab("up", "--with", "tls")
        lab("data", "make", "quick")
        lab("seed", "quick", "--via", "rest")
        yield lab
    finally:
        lab("down", "--volumes")
        lab("images", "remove")
        assert ours(lab.project) == NOTHING


def own_files(lab: Lab) -> Path:
    return lab.root / "projects" / lab.project / "tls"


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of an authority that the lab does not know."""
    folder = tmp_path_factory.mktemp("others")
    stranger = Authority.root("Another root")
    stranger.credential.write(folder, "ca")
    stranger.issue("dcmtk").write(folder, "stranger")
    for file in folder.iterdir():
        file.chmod(0o644)
    return folder


@pytest.fixture(scope="module")
def expired(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the lab's own authority that has ended."""
    folder = tmp_path_factory.mktemp("expired")
    key = load_pem_private_key((own_files(lab) / "ca.key").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    certificate = x509.load_pem_x509_certificate((own_files(lab) / "ca.pem").read_bytes())
    authority = Authority(Credential(key, certificate))
    authority.issue("dcmtk", from_day=-5, to_day=-1).write(folder, "expired")
    for file in folder.iterdir():
        file.chmod(0o644)
    return folder


@pytest.fixture(scope="module")
def _in_the_tools_container(lab: Lab, others: Path, expired: Path) -> None:
    """Both under /tmp/others."""
    docker("exec", lab.container("dcmtk"), "mkdir", "-p", "/tmp/others")
    for folder in (others, expired):
        docker("cp", f"{folder}/.", f"{lab.container('dcmtk')}:/tmp/others")


def echo_words(lab: Lab, folder: Path, name: str, authority: Path, *more: str) -> list[str]:
    host, port = lab.json("status")["orthanc"]["dicom"].partition("@")[2].split(":")
    files = [str(folder / f"{name}.key"), str(folder / f"{name}.pem")]
    return ["echo", "-aec", "ORTHANC", "+tls", *files, "+cf", str(authority), *more, host, port]


def test_orthanc_is_echoed_by_tls(lab: Lab) -> None:
    lab(*echo_words(lab, own_files(lab), "labhost", own_files(lab) / "ca.pem", "--check-name"))


def test_a_study_is_moved_by_tls_and_the_record_says_so(lab: Lab) -> None:
    run = lab.json("bench", "move", "quick", "--runs", "2", "--warmup", "0")["runs"][0]
    assert (run["instances"], run["tls"]) == (INSTANCES, True)
    assert run["receiver"]["late_p99_ms"] is None
    assert run["hosts"].keys() == {"orthanc", "dcmtk", "tester"}


def test_a_study_is_moved_in_parallel_by_tls_the_query_before_it_too(lab: Lab) -> None:
    run = lab.json("bench", "move", "quick", "--parallel", "2", "--runs", "1", "--warmup", "0")["runs"][0]
    assert (run["instances"], run["requests"], run["tls"]) == (INSTANCES, 2, True)


PLAN = """
description = "with TLS and without"
source = "a test"
studies = ["quick"]
profiles = ["baseline"]
methods = ["c-move"]

[knobs]
tls = [false, true]

[repeats]
warmup = 0
at_least = 1
at_most = 1
"""


def test_what_tls_costs_is_a_knob_of_a_plan(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    found = lab.json("bench", "run", str(tmp_path / "plan.toml"), "--save", str(tmp_path / "records"))
    assert {(one["case"]["tls"], one["runs"][0]["tls"]) for one in found} == {(False, False), (True, True)}
    plain = next((tmp_path / "records").glob("case-001-*.json"))
    again = lab.json("bench", "rerun", str(plain), "--save", str(tmp_path / "again"))
    assert [(again["case"]["tls"], run["tls"]) for run in again["runs"]] == [(False, False)]
    lab(*echo_words(lab, own_files(lab), "labhost", own_files(lab) / "ca.pem"))


def test_a_study_is_stored_by_tls_by_each_method(lab: Lab) -> None:
    runs = lab.json("bench", "store", "quick", "--runs", "1", "--warmup", "0")["runs"]
    assert {run["method"]: run["stored"] for run in runs} == dict.fromkeys(
        ("lab", "storescu", "rest"), INSTANCES
    )


def test_a_study_is_seeded_by_storescu_over_tls(lab: Lab) -> None:
    lab("seed", "quick", "--via", "storescu")


def test_the_web_side_is_https_with_the_labs_certificate_and_no_other(lab: Lab) -> None:
    url = lab.json("status")["orthanc"]["url"]
    assert url.startswith("https://127.0.0.1:")
    assert orthanc(lab, "/system")["DicomAet"] == "ORTHANC"
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(url, timeout=10)


def test_nobody_outside_its_container_gets_in_at_orthancs_plain_web_side(lab: Lab) -> None:
    known = lab.json("status")["orthanc"]
    credentials = base64.b64encode(f"{known['user']}:{known['password']}".encode()).decode()
    get = ["python3", "-c", _GET, "orthanc", credentials]
    assert docker("exec", lab.container("tester"), *get) in ("401", "403")


_GET = (
    "import sys, http.client as h; c = h.HTTPConnection(sys.argv[1], 8041, timeout=5); "
    "c.request('GET', '/system', headers={'Authorization': 'Basic ' + sys.argv[2]}); "
    "print(c.getresponse().status)"
)


ORTHANC, TESTER = ("orthanc", "4242"), ("tester", "9999")


def echoscu(lab: Lab, *words: str, peer: tuple[str, str] = ORTHANC) -> subprocess.CompletedProcess[str]:
    return waiting_lab().run(lab.argv("exec", "dcmtk", "echoscu", "-v", *words, *peer))


def test_dcmtks_echoscu_gets_in_with_the_labs_certificate(lab: Lab) -> None:
    ended = echoscu(lab, *OWN, *TRUSTED)
    assert ended.returncode == 0, ended.stderr


STRANGER = ["+tls", "/tmp/others/stranger.key", "/tmp/others/stranger.pem", *TRUSTED]
EXPIRED = ["+tls", "/tmp/others/expired.key", "/tmp/others/expired.pem", *TRUSTED]
KEPT_OUT = {
    "who does not trust orthanc": [*OWN, "+cf", "/tmp/others/ca.pem"],
    "another authority": STRANGER,
    "expired": EXPIRED,
    "no certificate": ["+tla", *TRUSTED],
    "no TLS": ["-ta", "5"],
}


@pytest.mark.usefixtures("_in_the_tools_container")
@pytest.mark.parametrize("words", KEPT_OUT.values(), ids=KEPT_OUT)
def test_dcmtks_echoscu_is_kept_out_as_ours_is(lab: Lab, words: list[str]) -> None:
    assert echoscu(lab, *words).returncode == 1


@pytest.mark.usefixtures("_in_the_tools_container")
def test_our_receiver_lets_dcmtk_in_and_the_testers_log_says_why_it_keeps_others_out(lab: Lab) -> None:
    with receiving(lab, tls=dataclasses.asdict(IN_CONTAINERS)):
        assert echoscu(lab, *OWN, *TRUSTED, peer=TESTER).returncode == 0
        for words in (STRANGER, EXPIRED, ["+tla", *TRUSTED], ["-ta", "5"]):
            assert echoscu(lab, *words, peer=TESTER).returncode == 1
    logged = lab("logs", "tester")
    said = logged.stdout + logged.stderr
    for why in ("its issuer is not known here", "it has expired", "shows no certificate", "not speak TLS"):
        assert why in said


def test_any_tool_of_dcmtks_gets_in_with_it_from_the_current_folder(lab: Lab, tmp_path: Path) -> None:
    argv = lab.argv("dcmtk", "echoscu", *OWN, *TRUSTED, "-aec", "ORTHANC", "orthanc", "4242")
    ended = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr


def test_dcmtks_storescp_receives_what_orthanc_sends_by_tls(lab: Lab) -> None:
    container = lab.container("dcmtk")
    docker("exec", "-d", container, "storescp", "-od", "/tmp", *OWN, *TRUSTED, "+xa", "11112")
    try:
        orthanc(lab, "/modalities/dcmtk/store", {"Resources": orthanc(lab, "/studies"), "Synchronous": True})
        assert int(docker("exec", container, "sh", "-c", "ls /tmp | grep -c '^CT'")) == INSTANCES
    finally:
        docker("exec", container, "sh", "-c", "kill $(pidof storescp); rm -f /tmp/CT*", check=False)


def test_orthanc_does_not_send_to_a_storescp_of_another_authority(lab: Lab, others: Path) -> None:
    container = lab.container("dcmtk")
    for name in ("stranger.key", "stranger.pem"):
        docker("cp", str(others / name), f"{container}:/tmp/{name}")
    strangers = ["+tls", "/tmp/stranger.key", "/tmp/stranger.pem", *TRUSTED]
    docker("exec", "-d", container, "storescp", "-od", "/tmp", *strangers, "+xa", "11112")
    try:
        with pytest.raises(requests.HTTPError):
            orthanc(
                lab, "/modalities/dcmtk/store", {"Resources": orthanc(lab, "/studies"), "Synchronous": True}
            )
    finally:
        docker("exec", container, "sh", "-c", "kill $(pidof storescp)", check=False)


def orthanc(lab: Lab, path: str, body: Any = None) -> Any:
    """GET, or POST when there is something to say."""
    known = lab.json("status")["orthanc"]
    answer = requests.request(
        "GET" if body is None else "POST",
        known["url"] + path,
        json=body,
        auth=(known["user"], known["password"]),
        verify=str(own_files(lab) / "ca.pem"),
        timeout=60,
    )
    answer.raise_for_status()
    return answer.json()


def test_who_shows_a_certificate_of_another_authority_is_refused(lab: Lab, others: Path) -> None:
    said = lab(*echo_words(lab, others, "stranger", own_files(lab) / "ca.pem"), code=1).stderr
    assert "does not accept the certificate of this side" in said


def test_who_shows_an_expired_certificate_is_refused(lab: Lab, expired: Path) -> None:
    said = lab(*echo_words(lab, expired, "expired", own_files(lab) / "ca.pem"), code=1).stderr
    assert "does not accept the certificate of this side" in said


def test_an_orthanc_of_another_authority_is_refused(lab: Lab, others: Path) -> None:
    said = lab(*echo_words(lab, own_files(lab), "labhost", others / "ca.pem"), code=1).stderr
    assert "the peer's certificate is not accepted" in said


def test_a_plain_client_at_the_tls_port_is_refused(lab: Lab) -> None:
    host, port = lab.json("status")["orthanc"]["dicom"].partition("@")[2].split(":")
    said = lab("echo", "-aec", "ORTHANC", "-ta", "5", host, port, code=1).stderr
    assert re.search("answers in TLS|a TLS port that is spoken to plainly", said)


def test_who_shows_no_certificate_is_refused(lab: Lab) -> None:
    host, port = lab.json("status")["orthanc"]["dicom"].partition("@")[2].split(":")
    authority = str(own_files(lab) / "ca.pem")
    said = lab("echo", "-aec", "ORTHANC", "+tla", "+cf", authority, host, port, code=1).stderr
    assert re.search("wants a certificate|certificate is missing", said)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_old_tls_is_refused_by_orthanc(lab: Lab, version: ssl.TLSVersion) -> None:
    files = own_files(lab)
    old = ssl.create_default_context(cafile=str(files / "ca.pem"))
    old.load_cert_chain(files / "labhost.pem", files / "labhost.key")
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version = old.maximum_version = version
    host, port = lab.json("status")["orthanc"]["dicom"].partition("@")[2].split(":")
    with (
        socket.create_connection((host, int(port)), timeout=10) as connection,
        pytest.raises(ssl.SSLError, match=r"PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|HANDSHAKE_FAILURE"),
    ):
        old.wrap_socket(connection, server_hostname="localhost").close()


def address_of_orthanc(lab: Lab) -> str:
    """On the lab's network, by which no certificate knows it."""
    return next(str(one["address"]) for one in lab.json("status")["services"] if one["service"] == "orthanc")


def test_a_name_that_is_not_in_the_certificate_is_refused(lab: Lab) -> None:
    words = echo_words(lab, own_files(lab), "labhost", own_files(lab) / "ca.pem", "--check-name")
    words[-2:] = [address_of_orthanc(lab), "4242"]
    assert "certificate is not accepted: it is for another" in lab(*words, code=1).stderr


def test_keys_are_for_their_owner_only(lab: Lab) -> None:
    modes = {file.name: file.stat().st_mode & 0o777 for file in own_files(lab).glob("*.key")}
    assert set(modes.values()) == {0o600}


def test_without_tls_again_everything_is_plain(lab: Lab) -> None:
    lab("up")
    assert lab.json("status")["orthanc"]["url"].startswith("http://")
    host, port = lab.json("status")["orthanc"]["dicom"].partition("@")[2].split(":")
    lab("echo", "-aec", "ORTHANC", host, port)
    run: Any = lab.json("bench", "move", "quick", "--runs", "1", "--warmup", "0")["runs"][0]
    assert (run["instances"], run["tls"]) == (INSTANCES, False)
