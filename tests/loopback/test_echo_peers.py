"""C-ECHO to programs of others: pynetdicom, plain and in TLS, and DCMTK's storescp where it is installed."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from pynetdicom import AE
from pynetdicom.sop_class import CTImageStorage, Verification  # type: ignore[attr-defined]

from tests.conftest import cannot_run
from tests.loopback.echo_endings import server
from tests.loopback.echoing import lab_echo
from tests.loopback.ports import free_port

JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"


@contextmanager
def pynetdicom_scp(
    context: ssl.SSLContext | None = None, sop_class: str = Verification, syntaxes: list[str] | None = None
) -> Iterator[int]:
    ae = AE(ae_title="PYNETDICOM")
    ae.require_called_aet = True
    ae.add_supported_context(sop_class, syntaxes or ["1.2.840.10008.1.2"])
    port = free_port()
    running = ae.start_server(("127.0.0.1", port), block=False, ssl_context=context)
    assert running is not None
    try:
        yield port
    finally:
        running.shutdown()


def test_pynetdicom_answers() -> None:
    with pynetdicom_scp() as port:
        ran = lab_echo("-v", "-aec", "PYNETDICOM", "-pts", 52, "-ppc", 128, "localhost", port)
    assert (ran.code, "status 0x0000" in ran.stderr) == (0, True)


def test_pynetdicom_answers_in_tls_to_whom_it_knows(pki: Path) -> None:
    with pynetdicom_scp(server(wants_certificate=True)(pki)) as port:
        trusting = ["+cf", pki / "ca.pem", "-aec", "PYNETDICOM", "localhost", port]
        assert lab_echo("+tls", pki / "client.key", pki / "client.pem", *trusting).code == 0
        unknown = lab_echo("+tla", *trusting)
        assert (unknown.code, "certificate" in unknown.stderr) == (1, True)


def test_pynetdicom_rejects_a_title_that_is_not_its_own() -> None:
    with pynetdicom_scp() as port:
        ran = lab_echo("localhost", port)
    assert (ran.code, "called AE title not recognized" in ran.stderr) == (1, True)
    assert "-aec" in ran.stderr


def test_a_peer_without_verification_accepts_no_context() -> None:
    with pynetdicom_scp(sop_class=CTImageStorage) as port:
        ran = lab_echo("-aec", "PYNETDICOM", "localhost", port)
    assert (ran.code, "no presentation context" in ran.stderr) == (1, True)


def test_a_peer_with_another_transfer_syntax_is_reached_when_it_is_proposed() -> None:
    with pynetdicom_scp(syntaxes=[JPEG_LOSSLESS]) as port:
        assert lab_echo("-aec", "PYNETDICOM", "localhost", port).code == 1
        assert lab_echo("-aec", "PYNETDICOM", "-pts", 22, "localhost", port).code == 0


@contextmanager
def storescp(folder: Path, *words: str, **environment: str) -> Iterator[int]:
    program = shutil.which("storescp")
    if (
        not program
        or "dcmtk" not in subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    ):
        cannot_run("no storescp here: Debian has it in dcmtk")
    port = free_port()
    argv = [program, "--fork", "-od", str(folder), *words, str(port)]
    env = {**os.environ, **environment}
    running = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    try:
        _await_listener(port)
        yield port
    finally:
        running.terminate()
        running.wait(10)


def _await_listener(port: int) -> None:
    deadline_s = time.monotonic() + 10
    while time.monotonic() < deadline_s:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.05)
    pytest.fail("storescp does not listen")


def test_dcmtk_answers(tmp_path: Path) -> None:
    with storescp(tmp_path) as port:
        assert lab_echo("--repeat", 3, "-pts", 38, "-ppc", 5, "localhost", port).code == 0


def test_dcmtk_that_refuses_is_told_as_such(tmp_path: Path) -> None:
    with storescp(tmp_path, "--refuse") as port:
        ran = lab_echo("localhost", port)
    assert (ran.code, "refuses the association" in ran.stderr) == (1, True)


@pytest.mark.parametrize("profile", ["+px", "+py", "+pz", "+pa"])
def test_dcmtk_answers_in_tls_by_each_profile(profile: str, pki: Path, tmp_path: Path) -> None:
    peers = ["+tls", f"{pki}/localhost.key", f"{pki}/localhost.pem", "+cf", f"{pki}/ca.pem"]
    with storescp(tmp_path, *peers, profile) as port:
        own = ["+tls", pki / "client.key", pki / "client.pem", "+cf", pki / "ca.pem", profile]
        assert lab_echo(*own, "localhost", port).code == 0
        assert lab_echo("+tla", "+cf", pki / "ca.pem", profile, "localhost", port).code == 1
        assert lab_echo("localhost", port).code == 1
