"""DICOM TLS of the instrument over real sockets: it delivers as without, and trusts nobody unknown."""

import io
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pynetdicom import AE, evt

from lab.bench.proof import prove
from lab.data.synth import instance
from lab.inside.requests import STUDY_ROOT_MOVE, VERIFICATION, Scu
from lab.inside.secured import acceptor_context
from lab.inside.tls import tls_context
from lab.model.exchange import Accepted, MoveOutcome
from lab.model.tls import Certified, TlsFiles, TlsParameters, TlsProfile
from lab.model.tls_profiles import AES, RFC_8996
from tests import certificates
from tests.loopback.orders import moved, receiver_order
from tests.loopback.ports import free_port
from tests.loopback.receiving import receiving
from tests.loopback.test_moves import STUDY, _context
from tests.unit.studies import SMALL

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
NAME = "localhost"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tls")
    certificates.write_all(made)
    return made


def files(folder: Path, name: str, authority: str = "ca") -> TlsFiles:
    return TlsFiles(
        key_file=str(folder / f"{name}.key"),
        certificate_file=str(folder / f"{name}.pem"),
        ca_file=str(folder / f"{authority}.pem"),
    )


def context(
    of: TlsFiles | None, *, server_side: bool = False, profile: TlsProfile = RFC_8996
) -> ssl.SSLContext:
    """Of a peer that looks at nobody's certificate, so that what refuses is ours."""
    own = (
        Certified(key_file=Path(of.key_file), certificate_file=Path(of.certificate_file), password="")
        if of
        else None
    )
    parameters = TlsParameters(profile=profile, own=own, verify_peer=False)
    return tls_context(parameters, lambda _: "", server_side=server_side)


@contextmanager
def pacs(
    its: TlsFiles,
    destination_port: int = 0,
    profile: TlsProfile = RFC_8996,
    when_asked: Callable[[], None] = lambda: None,
) -> Iterator[int]:
    """Echoes, and moves the whole small study, all by TLS; yields its port."""

    def sends_all(_: Any) -> Iterator[Any]:
        when_asked()
        secured = context(its), NAME
        yield (
            "127.0.0.1",
            destination_port,
            {"contexts": [_context(SMALL.sop_class_uid)], "tls_args": secured},
        )
        yield SMALL.instances
        for index in range(SMALL.instances):
            yield 0xFF00, pydicom.dcmread(io.BytesIO(instance(SMALL, index)[0]))

    ae = AE("ORTHANC")
    ae.add_supported_context(STUDY_ROOT_MOVE)
    ae.add_supported_context(VERIFICATION)
    port = free_port()
    server: Any = ae.start_server(
        ("127.0.0.1", port),
        block=False,
        evt_handlers=[(evt.EVT_C_MOVE, sends_all)],
        ssl_context=context(its, server_side=True, profile=profile),
    )
    try:
        yield port
    finally:
        server.shutdown()


def moved_by_tls(folder: Path, max_pdu_bytes: int) -> MoveOutcome:
    ours = files(folder, NAME)
    receiver = receiver_order(tls=ours, max_pdu_bytes=max_pdu_bytes)
    with pacs(files(folder, NAME), receiver.port) as port:
        return moved(port, receiver, pacs_host=NAME, tls=ours)


@pytest.mark.parametrize("max_pdu_bytes", [0, 4096, 131072])
def test_a_move_by_tls_is_received_hashed_and_proved(folder: Path, max_pdu_bytes: int) -> None:
    outcome = moved_by_tls(folder, max_pdu_bytes)
    prove(outcome, STUDY)
    assert outcome.suboperations.completed == SMALL.instances
    assert [one.trouble for one in outcome.associations] == [""]


def test_by_tls_nobody_knows_how_late_a_read_was(folder: Path) -> None:
    assert moved_by_tls(folder, 16384).arrivals.late_s == []


def received_from(folder: Path, client: ssl.SSLContext | None) -> list[Accepted]:
    """What the receiver says of a client that shakes hands like that; None is a client without TLS."""
    with receiving(receiver_order(tls=files(folder, NAME))) as receiver:
        connection = socket.create_connection(("127.0.0.1", receiver.port), timeout=10)
        try:
            if client is None:
                connection.sendall(b"\1\0" + bytes(200))
                connection.recv(1)
            else:
                with client.wrap_socket(connection, server_hostname=NAME) as secured:
                    secured.recv(1)  # under TLS 1.3 a refusal shows at the first read
        except OSError:
            pass
        finally:
            connection.close()
        return receiver.stop().associations


REFUSED = {
    "stranger": "the peer's certificate is not accepted",
    "expired": "it has expired",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_client_that_is_not_to_be_trusted_is_refused_and_told_of(
    folder: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    received_from(folder, context(files(folder, name)))
    assert REFUSED[name] in capfd.readouterr().err


@pytest.mark.parametrize(
    ("client", "why"),
    [
        ("nothing to show", "shows no certificate"),
        ("TLS 1.0", "TLS version"),
        ("no TLS", "does not speak TLS"),
    ],
)
def test_a_client_that_does_not_do_as_it_must_is_refused_and_told_of(
    folder: Path, client: str, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    clients = {"nothing to show": lambda: context(None), "TLS 1.0": lambda: _only_tls_1_0(folder)}
    received_from(folder, clients.get(client, lambda: None)())
    assert why in capfd.readouterr().err


def _only_tls_1_0(folder: Path) -> ssl.SSLContext:
    old = context(files(folder, "client"), profile=AES)
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.maximum_version = ssl.TLSVersion.TLSv1
    return old


def asked(folder: Path, port: int, host: str = NAME) -> int:
    scu = Scu(
        host,
        port,
        called_ae_title="ORTHANC",
        calling_ae_title="DICOMLAB",
        abstract_syntax=VERIFICATION,
        tls=files(folder, "client"),
    )
    status = scu.echo()
    scu.release()
    return status


def test_a_pacs_with_the_right_certificate_is_asked(folder: Path) -> None:
    with pacs(files(folder, NAME)) as port:
        assert asked(folder, port) == 0


@pytest.mark.parametrize(
    ("name", "host", "why"),
    [
        ("stranger", NAME, "certificate is not accepted"),
        ("expired", NAME, "it has expired"),
        ("client", NAME, "it is for another name"),
    ],
)
def test_a_pacs_that_is_not_to_be_trusted_is_not_asked(folder: Path, name: str, host: str, why: str) -> None:
    with pacs(files(folder, name)) as port, pytest.raises(ConnectionError, match=why):
        asked(folder, port, host)


def test_a_pacs_without_tls_is_told_from_one_that_refuses(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer() -> None:
            connection, _ = plain.accept()
            connection.sendall(b"\7\0\0\0\0\4\0\0\2\0")
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ConnectionError, match=r"does not speak TLS|closed the connection within"):
            asked(folder, plain.getsockname()[1])


@contextmanager
def joined(folder: Path) -> Iterator[tuple[ssl.SSLSocket, ssl.SSLSocket]]:
    """A client whose handshake is done, and the instrument's side of it, non-blocking."""
    client, server = socket.socketpair()
    server.setblocking(False)
    ours = acceptor_context(files(folder, "localhost")).wrap_socket(
        server, server_side=True, do_handshake_on_connect=False
    )
    made: list[ssl.SSLSocket] = []
    shaking = threading.Thread(
        target=lambda: made.append(context(files(folder, "localhost")).wrap_socket(client))
    )
    shaking.start()
    while shaking.is_alive():
        with suppress(BlockingIOError):
            ours.recv_into(bytearray(1))
    try:
        yield made[0], ours
    finally:
        made[0].close()
        ours.close()


def test_all_records_that_have_come_are_one_read(folder: Path) -> None:
    with joined(folder) as (client, ours):
        for letter in (b"a", b"b", b"c"):
            client.sendall(letter * 20_000)
        time.sleep(0.1)
        buffer = bytearray(256 << 10)
        assert ours.recv_into(memoryview(buffer)) == 60_000
        assert buffer[:60_000] == b"a" * 20_000 + b"b" * 20_000 + b"c" * 20_000
        with pytest.raises(BlockingIOError):
            ours.recv_into(memoryview(buffer))


def test_a_buffer_without_room_for_a_record_leaves_it_to_the_kernel(folder: Path) -> None:
    """Inside the TLS library it would wake nobody."""
    with joined(folder) as (client, ours):
        client.sendall(b"a" * 40_000)
        time.sleep(0.1)
        buffer = bytearray(40_000)
        counts: list[int] = []
        while sum(counts) < 40_000:
            assert select.select([ours], [], [], 2)[0], counts
            counts.append(ours.recv_into(memoryview(buffer)))
        assert ours.pending() == 0


def test_what_came_before_a_record_that_is_none_is_read_whole(folder: Path) -> None:
    with joined(folder) as (client, ours):
        client.sendall(b"a" * 50_000)
        os.write(client.fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))
        time.sleep(0.1)
        assert ours.recv_into(memoryview(bytearray(256 << 10))) == 50_000
        with pytest.raises(ssl.SSLError):
            ours.recv_into(memoryview(bytearray(256 << 10)))


def test_the_end_of_a_connection_is_read_after_what_came_before(folder: Path) -> None:
    with joined(folder) as (client, ours):
        client.sendall(b"a" * 50_000)
        socket.socket(fileno=client.detach()).close()  # without TLS's own farewell
        time.sleep(0.1)
        reads = [ours.recv_into(memoryview(bytearray(256 << 10))) for _ in range(2)]
        assert reads == [50_000, 0]
