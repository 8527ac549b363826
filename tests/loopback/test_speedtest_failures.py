"""`lab speedtest` when no number comes of it: what is said, what is advised, which exit code."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from pynetdicom import AE

from lab.dicom.pdu import PduType, encode
from lab.inside.requests import STUDY_ROOT_MOVE
from tests.loopback.ports import free_port
from tests.loopback.scripted import Request, Script, StoreScu, read_pdu
from tests.loopback.speedtesting import answers_with, delivers, measured, speedtest, stores


def responds(status: int, *, completed: int = 0, failed: int = 0) -> Script:
    return lambda request: request.respond(status, completed=completed, failed=failed)


def test_a_run_that_lost_an_instance_is_no_number() -> None:
    port = free_port()

    def script(request: Request) -> None:
        stores(port, 1)
        request.respond(0, completed=2)

    said = "the PACS says it sent 2 images, and 1 image came"
    fails(measured(script, port, "-td", "0.5"), 6, said, advised=False)


def test_failed_sub_operations_are_no_number_whatever_the_final_status_says() -> None:
    port = free_port()

    def script(request: Request) -> None:
        stores(port, 1)
        request.respond(0, completed=1, failed=2)

    said = "2 failed and 0 warned sub-operations; 1 image came"
    fails(measured(script, port), 6, said, advised=False)


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        (responds(0xA801), 1, r"no image came: .* does not know the move destination \(status 0xA801\)"),
        (responds(0xB000, failed=3), 6, r"no image came, 3 failed: .* failed sub-operations"),
        (responds(0xA702, failed=3), 6, "could not perform the sub-operations"),
        (responds(0xC000), 1, "unable to process"),
        (responds(0), 1, "there was nothing to send"),
        (responds(0, completed=3), 6, "says it sent 3 images, and no image came"),
        (lambda _: time.sleep(2), 4, r"timed out: .* for 0.5 s \(-td\), after no image"),
        (lambda request: request.connection.close(), 4, "ended the association before its final response"),
    ],
)
def test_no_image_is_said_with_what_went_wrong_and_what_to_check(
    script: Script, code: int, said: str
) -> None:
    port = free_port()
    result = measured(script, port, "-td", "0.5", "-aet", "DRIMBOX")
    fails(result, code, said)
    if "final response" not in said:
        assert "check that the PACS has DRIMBOX as a move destination" in result.stderr
        assert f"at this machine's address and port {port}" in result.stderr


ADVICE = """\
Something went wrong, no images received. Aborting Speedtest.
Please make sure connection with the PACS is properly configured
and that the Speedtest C-STORE AET is declared on the PACS.
Error: """


def fails(result: Result, code: int, said: str, *, advised: bool = True) -> None:
    """The original's advice, and then what went wrong, unless images came or nothing was asked for."""
    assert re.search(said, result.stderr), result.stderr
    assert result.exit_code == code
    assert result.stdout == ""
    assert (ADVICE in result.stderr) == advised


def test_an_identifier_that_the_pacs_does_not_take_points_to_the_other_level() -> None:
    result = measured(responds(0xA900), free_port())
    fails(result, 1, "does not match the SOP class")
    assert "--level study" in result.stderr


def test_a_pacs_that_connects_and_stores_nothing_points_to_its_syntaxes() -> None:
    port = free_port()

    def script(request: Request) -> None:
        StoreScu(port).release()
        request.respond(0xB000, failed=1)

    result = measured(script, port)
    fails(result, 6, "1 failed")
    assert "the PACS connected and stored nothing" in result.stderr


def test_nobody_listening_is_unhealthy() -> None:
    result = speedtest(free_port(), free_port())
    fails(result, 4, "cannot be connected to: Connection refused")
    assert "check HOST and PORT" in result.stderr


def test_a_rejected_association_is_told_in_the_standards_words() -> None:
    reject = encode(PduType.A_ASSOCIATE_RJ, bytes((0, 1, 1, 3)))
    with answers_with(reject, []) as port:
        result = speedtest(port, free_port())
    fails(result, 1, "rejected: calling AE title not recognized")
    assert "that the PACS lets MOVESCU retrieve" in result.stderr


def test_a_pacs_without_the_patient_root_model_points_to_the_other_level() -> None:
    accepts = AE("ORTHANC")
    accepts.add_supported_context(STUDY_ROOT_MOVE)
    port = free_port()
    server: Any = accepts.start_server(("127.0.0.1", port), block=False)
    try:
        result = speedtest(port, free_port())
    finally:
        server.shutdown()
    fails(result, 1, "does not offer 1.2.840.10008.5.1.4.1.2.1.2")
    assert "--level study" in result.stderr


def test_a_system_without_epoll_is_not_begun_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("select.epoll")
    fails(speedtest(free_port(), free_port()), 3, "the receiver needs Linux", advised=False)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_who_is_interrupted_leaves_nothing_behind(sent: signal.Signals) -> None:
    """Neither a process nor the port."""
    own_port, heard = free_port(), list[bytes]()
    with answers_with(b"", heard) as port:
        argv = [str(Path(sys.executable).with_name("speedtest")), "127.0.0.1", str(port), "AEC"]
        child = subprocess.Popen(
            [*argv, "-p", str(own_port)],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=heed_ctrl_c,
        )
        while not heard and child.poll() is None:
            time.sleep(0.05)
        os.killpg(child.pid, sent)
        _, said = child.communicate(timeout=20)
    assert (child.returncode, said.splitlines()[-1]) == (130, "Error: interrupted")
    socket.create_server(("", own_port)).close()


def heed_ctrl_c() -> None:
    """Whoever runs the tests in the background ignores SIGINT, and what they start would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_pacs_that_never_answers_the_association_is_left_after_the_acse_timeout() -> None:
    """Of 30 s as it stands: long before that, however slow the machine."""
    begun_s = time.monotonic()
    with answers_with(b"", []) as port:
        fails(speedtest(port, free_port(), "-ta", "0.3"), 4, "did not accept the association: .*timed out")
    assert time.monotonic() - begun_s < 25


def test_a_pacs_that_goes_silent_within_a_storage_association_is_aborted_after_the_network_timeout() -> None:
    port = free_port()

    def script(request: Request) -> None:
        scu = StoreScu(port)
        scu.send(0)
        scu.await_response()
        pdu_type, _ = read_pdu(scu.connection)
        assert pdu_type == PduType.A_ABORT
        request.respond(0xB000, completed=1, failed=1)

    said = "storage association: nothing came for 0.5 s"
    fails(measured(script, port, "-tn", "0.5"), 6, said, advised=False)


def test_a_folder_that_cannot_be_made_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    asked: list[Request] = []
    result = measured(asked.append, free_port(), "--save", str(tmp_path / "file"))
    fails(result, 2, "file: File exists", advised=False)
    assert "--save" in result.stderr
    assert asked == []


def test_a_record_that_cannot_be_written_is_said_after_its_result(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "records"

    def script(request: Request) -> None:
        folder.rmdir()
        folder.touch()
        delivers(port)(request)

    result = measured(script, port, "--save", str(folder))
    assert result.stdout.startswith("-----RESULTS---")
    assert result.exit_code == 1
    assert "records: File exists" in result.stderr


def test_a_port_that_is_taken_is_named() -> None:
    with closing(socket.create_server(("", 0))) as taken:
        port = taken.getsockname()[1]
        result = speedtest(free_port(), port)
    fails(result, 1, f"port {port}: Address already in use", advised=False)
    assert "-p, with a port" in result.stderr


def test_an_address_of_another_machine_is_named() -> None:
    result = speedtest(free_port(), free_port(), "-ba", "192.0.2.1")
    fails(result, 1, "at 192.0.2.1: Cannot assign", advised=False)


def test_it_listens_on_the_address_it_is_told_only() -> None:
    port = free_port()
    reached: list[bool] = []

    def script(request: Request) -> None:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=2)
        socket.create_connection(("127.0.0.2", port), timeout=2).close()
        reached.append(True)
        request.respond(0)

    measured(script, port, "-ba", "127.0.0.2")
    assert reached == [True]


def test_quiet_leaves_the_exit_code_to_speak() -> None:
    result = speedtest(free_port(), free_port(), "-q")
    assert (result.exit_code, result.stdout, result.stderr) == (4, "", "")


def test_a_second_run_that_fails_is_the_whole_tests_failure() -> None:
    port = free_port()
    asked: list[Request] = []

    def script(request: Request) -> None:
        asked.append(request)
        (delivers(port) if len(asked) == 1 else responds(0xC000))(request)

    fails(measured(script, port, "--runs", "2"), 1, "unable to process")
