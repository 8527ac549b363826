"""Peers that break the rules, over real sockets: each loses its own association, and nobody else anything."""

import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.dicom import dimse
from lab.dicom.pdu import (
    A_RELEASE_RP,
    A_RELEASE_RQ,
    COMMAND,
    LAST,
    PDV_HEADER,
    AbortReason,
    AbortSource,
    PduType,
    a_abort,
    encode,
    p_data_tf,
)
from lab.inside.receiver import LOG_FILE
from lab.inside.sender import send
from lab.model.exchange import SendOrder
from tests.loopback.orders import receiver_order
from tests.loopback.receiving import Receiving, receiving
from tests.loopback.scripted import CT, StoreScu, read_pdu, uid

MAX_PDU_BYTES = 16382
ARTIM_S = 1
SILENCE_S = 5
STORE_RQ = dimse.c_store_rq(1, 1, CT, uid(0))
ECHO_RQ = dimse.c_echo_rq(1, 1)

INVALID = (AbortSource.SERVICE_PROVIDER, AbortReason.INVALID_PDU_PARAMETER_VALUE)
UNEXPECTED = (AbortSource.SERVICE_PROVIDER, AbortReason.UNEXPECTED_PDU)
UNRECOGNIZED = (AbortSource.SERVICE_PROVIDER, AbortReason.UNRECOGNIZED_PDU)
BY_DIMSE = (AbortSource.SERVICE_USER, AbortReason.NOT_SPECIFIED)

WITHIN_AN_ASSOCIATION = {
    "a P-DATA-TF longer than announced": (struct.pack(">BxI", 4, MAX_PDU_BYTES + 1), INVALID),
    "a P-DATA-TF of 4 GB": (struct.pack(">BxI", 4, 0xFFFFFFFF), INVALID),
    "a P-DATA-TF of nothing": (struct.pack(">BxI", 4, 0), INVALID),
    "a value longer than its PDU": (struct.pack(">BxIIBB", 4, 8, 5000, 1, 3), INVALID),
    "a value of length 0": (struct.pack(">BxIIBB", 4, 6, 0, 1, 3), INVALID),
    "a context that was not accepted": (p_data_tf(7, COMMAND | LAST, STORE_RQ[12:]), INVALID),
    "a PDU type that does not exist": (struct.pack(">BxI", 0x2A, 4) + bytes(4), UNRECOGNIZED),
    "a second A-ASSOCIATE-RQ": (encode(PduType.A_ASSOCIATE_RQ, bytes(100)), UNEXPECTED),
    "an A-RELEASE-RP to nothing": (A_RELEASE_RP, UNEXPECTED),
    "a release of the wrong length": (struct.pack(">BxI", 5, 5) + bytes(5), INVALID),
    "a Data Set without a command": (p_data_tf(1, LAST, bytes(10)), BY_DIMSE),
    "a command where data is due": (STORE_RQ + ECHO_RQ, BY_DIMSE),
    "a C-STORE-RQ without a Data Set": (
        dimse.command_pdu(
            1,
            dimse.us(dimse.COMMAND_FIELD, dimse.CommandField.C_STORE_RQ),
            dimse.us(dimse.MESSAGE_ID, 1),
            dimse.us(dimse.DATA_SET_TYPE, 0x0101),
        ),
        BY_DIMSE,
    ),
    "a command that ends in an element": (p_data_tf(1, COMMAND | LAST, STORE_RQ[12:-3]), BY_DIMSE),
    "a command that never ends": (p_data_tf(1, COMMAND, bytes(16000)) * 5, BY_DIMSE),
    "a SOP class UID of 20 kB": (
        dimse.command_pdu(
            1,
            dimse.raw(dimse.AFFECTED_SOP_CLASS_UID, b"\xff" * 20_000),
            dimse.us(dimse.COMMAND_FIELD, dimse.CommandField.C_STORE_RQ),
            dimse.us(dimse.MESSAGE_ID, 1),
            dimse.us(dimse.DATA_SET_TYPE, 0),
        )[: 6 + MAX_PDU_BYTES],
        INVALID,
    ),
    "a SOP instance UID of 66 bytes": (dimse.c_store_rq(1, 1, CT, "1" * 66), BY_DIMSE),
    "a response to nothing": (
        dimse.command_pdu(1, dimse.us(dimse.COMMAND_FIELD, 0x8001), dimse.us(dimse.DATA_SET_TYPE, 0x0101)),
        BY_DIMSE,
    ),
}


@pytest.fixture(scope="module")
def target() -> Iterator[Receiving]:
    """One receiver for all of them: what one peer breaks, the next would find broken."""
    order = receiver_order(max_pdu_bytes=MAX_PDU_BYTES, artim_s=ARTIM_S, silence_s=SILENCE_S, sink="discard")
    with receiving(order) as one:
        yield one


@pytest.fixture
def bystander(target: Receiving) -> Iterator[None]:
    """An honest association across the whole test."""
    scu = StoreScu(target.port)
    scu.send(1)
    assert scu.await_response() == 0
    yield
    scu.send(2)
    assert scu.await_response() == 0
    scu.release()


def is_closed(connection: socket.socket) -> bool:
    connection.settimeout(10)
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.usefixtures("bystander")
@pytest.mark.parametrize("name", WITHIN_AN_ASSOCIATION)
def test_what_breaks_the_rules_is_aborted_as_the_standard_asks(target: Receiving, name: str) -> None:
    sent, (source, reason) = WITHIN_AN_ASSOCIATION[name]
    scu = StoreScu(target.port)
    scu.connection.sendall(sent)
    assert read_pdu(scu.connection) == (PduType.A_ABORT, bytes((0, 0, source, reason)))
    scu.connection.shutdown(socket.SHUT_WR)
    assert is_closed(scu.connection)


@pytest.mark.usefixtures("bystander")
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(STORE_RQ, BY_DIMSE, id="data before an association"),
        pytest.param(encode(PduType.A_ASSOCIATE_RQ, bytes(30)), BY_DIMSE, id="half a request"),
        pytest.param(struct.pack(">BxI", 1, 1 << 30), BY_DIMSE, id="a request of 1 GB"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", BY_DIMSE, id="another protocol"),
        pytest.param(bytes(4096), BY_DIMSE, id="zeros"),
    ],
)
def test_what_is_no_association_is_aborted(target: Receiving, sent: bytes, expected: tuple[int, int]) -> None:
    """AA-1: before an association the abort is a user's, whatever was wrong (PS3.8 Table 9-10, Sta2)."""
    with socket.create_connection(("127.0.0.1", target.port), timeout=10) as connection:
        connection.sendall(sent)
        assert read_pdu(connection) == (PduType.A_ABORT, bytes((0, 0, *expected)))
        connection.shutdown(socket.SHUT_WR)
        assert is_closed(connection)


@pytest.mark.usefixtures("bystander")
def test_who_says_nothing_is_cut_off_when_artim_expires(target: Receiving) -> None:
    with socket.create_connection(("127.0.0.1", target.port), timeout=10) as connection:
        assert is_closed(connection)


def test_who_stops_in_the_middle_is_aborted_after_the_silence_allowed(target: Receiving) -> None:
    scu = StoreScu(target.port)
    scu.connection.sendall(STORE_RQ + scu.data[0][:1000])
    scu.connection.settimeout(10)
    assert read_pdu(scu.connection)[0] == PduType.A_ABORT
    scu.connection.close()


def test_who_is_told_to_go_and_stays_is_cut_off(target: Receiving) -> None:
    scu = StoreScu(target.port)
    scu.connection.sendall(A_RELEASE_RP)
    assert read_pdu(scu.connection)[0] == PduType.A_ABORT
    assert is_closed(scu.connection)


@pytest.mark.usefixtures("bystander")
def test_who_vanishes_within_an_image_leaves_nothing_of_it() -> None:
    with receiving(receiver_order()) as one:
        scu = StoreScu(one.port)
        scu.connection.sendall(STORE_RQ + scu.data[0])
        scu.connection.close()
        whole = StoreScu(one.port)
        whole.send(5)
        whole.await_response()
        whole.release()
        received = one.stop()
    assert received.arrivals.sop_instance_uids == [uid(5)]
    assert sorted(one.instances for one in received.associations) == [0, 1]
    troubles = {one.instances: one.trouble for one in received.associations}
    assert troubles[1] == ""
    assert "without a release" in troubles[0]


@pytest.mark.usefixtures("bystander")
def test_an_abort_ends_the_association_and_is_told_with_its_reason() -> None:
    with receiving(receiver_order()) as one:
        scu = StoreScu(one.port)
        scu.connection.sendall(a_abort(AbortSource.SERVICE_PROVIDER, AbortReason.UNEXPECTED_PDU))
        assert is_closed(scu.connection)
        received = one.stop()
    assert received.associations[0].trouble == "aborted by the peer's protocol layer: unexpected PDU"


def test_who_never_reads_its_responses_is_cut_off(target: Receiving) -> None:
    scu = StoreScu(target.port)
    scu.connection.settimeout(0.5)
    flood = ECHO_RQ * 1000
    with pytest.raises(OSError, match=r"timed out|reset|Broken pipe"):  # noqa: PT012
        for _ in range(1000):
            scu.connection.sendall(flood)
    scu.connection.close()
    test_who_says_nothing_is_cut_off_when_artim_expires(target)


def test_a_thousand_connections_that_say_nothing_keep_nobody_out(target: Receiving) -> None:
    silent = [socket.create_connection(("127.0.0.1", target.port), timeout=10) for _ in range(1000)]
    try:
        scu = StoreScu(target.port)
        scu.send(3)
        assert scu.await_response() == 0
        scu.release()
        assert all(is_closed(connection) for connection in silent)
    finally:
        for connection in silent:
            connection.close()


def test_more_associations_than_are_served_are_rejected_for_now() -> None:
    """PS3.8 Table 9-21: transient, by the presentation service, local limit exceeded."""
    with receiving(receiver_order()) as one:
        open_ones = [StoreScu(one.port) for _ in range(64)]
        one_too_many = StoreScu(one.port)
        assert one_too_many.answer == PduType.A_ASSOCIATE_RJ
        for scu in [*open_ones, one_too_many]:
            scu.connection.close()


def test_a_called_title_that_is_not_ours_is_rejected_when_that_is_checked() -> None:
    with receiving(receiver_order(check_called=True)) as one:
        assert StoreScu(one.port).answer == PduType.A_ASSOCIATE_AC
        assert StoreScu(one.port, called_ae_title="OTHER").answer == PduType.A_ASSOCIATE_RJ


def test_memory_is_bounded_whatever_a_peer_sends() -> None:
    """A Data Set of 400 MB in PDUs of one value of 2 MB, and associations beside it."""
    with receiving(receiver_order(max_pdu_bytes=0, sink="discard")) as one:
        scu = StoreScu(one.port)
        scu.connection.sendall(STORE_RQ)
        fragment = bytes(2_000_000)
        for number in range(200):
            last = LAST if number == 199 else 0
            length = len(fragment) + 2
            scu.connection.sendall(struct.pack(">BxI", 4, length + 4) + PDV_HEADER.pack(length, 1, last))
            scu.connection.sendall(fragment)
        assert scu.await_response() == 0
        received = one.stop()
    assert received.arrivals.dataset_bytes == [400_000_000]
    assert received.cost.peak_rss_bytes < 100_000_000


def test_what_cannot_be_kept_ends_its_association_and_no_other(tmp_path: Path) -> None:
    """A folder that is a file: as good as a full disk."""
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with receiving(receiver_order(sink="keep", keep_folder=str(in_the_way))) as one:
        first, second = StoreScu(one.port), StoreScu(one.port)
        first.connection.sendall(STORE_RQ)
        assert is_closed(first.connection)
        second.connection.sendall(ECHO_RQ)
        assert read_pdu(second.connection)[0] == PduType.P_DATA_TF
        second.release()
        received = one.stop()
    assert sorted("cannot be kept" in each.trouble for each in received.associations) == [False, True]


def test_an_image_that_is_under_way_at_the_end_leaves_no_part_of_a_file(tmp_path: Path) -> None:
    with receiving(receiver_order(sink="keep", keep_folder=str(tmp_path))) as one:
        scu = StoreScu(one.port)
        scu.send(1)
        assert scu.await_response() == 0
        scu.connection.sendall(STORE_RQ + scu.data[0])
        while one.receiver.received_bytes < 2 * len(scu.data[0]):
            time.sleep(0.05)
        received = one.stop()
    assert [path.name for path in tmp_path.iterdir()] == [f"{uid(1)}.dcm"]
    assert received.associations[0].trouble == "still open at the end"


def test_an_association_that_is_released_and_not_closed_was_in_order() -> None:
    with receiving(receiver_order()) as one:
        scu = StoreScu(one.port)
        scu.connection.sendall(A_RELEASE_RQ)
        assert read_pdu(scu.connection)[0] == PduType.A_RELEASE_RP
        received = one.stop()
    assert received.associations[0].trouble == ""


def test_a_receiving_process_that_vanishes_is_an_error_and_no_result() -> None:
    with receiving(receiver_order()) as one:
        subprocess.run(["pkill", "-KILL", "-P", str(os.getpid()), "-f", "lab.inside.worker"], check=True)
        with pytest.raises(ChildProcessError, match="receiving process"):
            one.stop()


def test_the_sender_of_pre_encoded_pdus_takes_images_of_many_pdus() -> None:
    """5 MB in PDUs of 4 KiB: more pieces than one system call takes."""
    with receiving(receiver_order(max_pdu_bytes=4096, sink="discard")) as one:
        order = SendOrder(
            host="127.0.0.1",
            port=one.port,
            called_ae_title="STORESCP",
            instances=3,
            dataset_bytes=5_000_000,
            max_pdu_bytes=4096,
        )
        sent = send(order)
        received = one.stop()
    assert sent.instances == 3
    assert received.arrivals.dataset_bytes == [5_000_000] * 3


def test_what_ended_an_association_is_a_log_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "log"
    monkeypatch.setenv(LOG_FILE, str(log))
    with (
        receiving(receiver_order(artim_s=ARTIM_S, sink="discard")) as one,
        socket.create_connection(("127.0.0.1", one.port), timeout=10) as silent,
    ):
        well = StoreScu(one.port)
        well.release()
        scu = StoreScu(one.port)
        scu.send(1)
        scu.await_response()
        scu.connection.sendall(p_data_tf(7, COMMAND | LAST, STORE_RQ[12:]))
        scu.connection.close()
        assert is_closed(silent)
        one.stop()
    broken, said_nothing = log.read_text().splitlines()
    assert "127.0.0.1 'SCRIPTED' after 1 instances: a fragment for presentation context 7" in broken
    assert "127.0.0.1 '' after 0 instances" in said_nothing
