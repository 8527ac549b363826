"""`lab speedtest` against a PACS whose every step is known: what is printed, what is asked for."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import Result

from lab.data.speedtest import group_2_bytes
from lab.dicom.negotiation import Context, Proposal
from lab.dicom.pdu import PduType
from lab.dicom.proposing import encode_request
from lab.model.record import SCHEMA_VERSION
from tests.loopback.ports import free_port
from tests.loopback.scripted import CT, EXPLICIT, IMAGE_BYTES, Request, read_pdu, scripted_pacs, uid
from tests.loopback.speedtesting import IMAGES, answers_with, delivers, measured, speedtest, stores

IMPLICIT, BIG, JPEG_LS = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.80"
VERIFICATION = "1.2.840.10008.1.1"


def test_the_block_says_what_came_and_how_long_it_took() -> None:
    port = free_port()
    result = measured(delivers(port, pause_s=0.3), port)
    assert result.exit_code == 0, result.stderr
    total = sum(IMAGE_BYTES + group_2_bytes(CT, uid(index), EXPLICIT) for index in range(IMAGES))
    lines = result.stdout.splitlines()
    assert f"Total bytes transfered: {total / 1e6} MB" in lines
    assert f"Transfer Syntax received: {EXPLICIT}" in lines
    assert 0.3 <= float(found(r"Latency \(first image\): 0:00:(\d\d\.\d{6})$", result)) < 3
    assert lines.index("-" * 84) == 13
    assert f"instances   {IMAGES} of {IMAGES}, 0 failed sub-operations" in lines


def found(pattern: str, result: Result) -> str:
    match = re.search(pattern, result.stdout, re.MULTILINE)
    assert match, result.stdout
    return match[1]


def test_the_request_gives_both_keys_at_patient_level_and_calls_as_movescu() -> None:
    said = identifier_of("-s", "1.2.3", "-pid", "P 7")
    assert b"PATIENT " in said
    assert b"P 7 " in said
    assert b"1.2.3\0" in said
    assert calling_of() == b"MOVESCU".ljust(16)


def test_at_study_level_only_the_study_is_asked_for() -> None:
    said = identifier_of("--level", "study", "-s", "1.2.3", "-pid", "P 7")
    assert b"STUDY " in said
    assert b"P 7" not in said


def test_it_calls_as_whom_it_is_told() -> None:
    assert calling_of("--calling", "DRIMBOX") == b"DRIMBOX".ljust(16)


def identifier_of(*words: str) -> bytes:
    port = free_port()
    asked: list[bytes] = []

    def script(request: Request) -> None:
        asked.append(request.identifier)
        delivers(port)(request)

    assert measured(script, port, *words).exit_code == 0
    return asked[0]


def calling_of(*words: str) -> bytes:
    """Of the A-ASSOCIATE-RQ that a PACS without an answer reads."""
    heard: list[bytes] = []
    with answers_with(b"", heard) as port:
        speedtest(port, free_port(), "-ta", "0.2", *words)
    return heard[0][20:36]


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        ([], JPEG_LS),
        (["-x="], EXPLICIT),
        (["-xe"], EXPLICIT),
        (["-xb"], BIG),
        (["-xi"], IMPLICIT),
    ],
)
def test_of_what_the_pacs_offers_the_preferred_transfer_syntax_is_chosen(
    words: list[str], chosen: str
) -> None:
    assert chosen.encode() == accepted_syntax(CT, (IMPLICIT, EXPLICIT, BIG, JPEG_LS), *words)


def test_implicit_only_refuses_everything_else() -> None:
    assert accepted_syntax(CT, (EXPLICIT, JPEG_LS), "-xi") == b""


def test_images_in_implicit_only_are_measured_as_any_others() -> None:
    """The receiver alone is measured by a sender of explicit VR, whatever the PACS was held to."""
    port = free_port()
    result = measured(delivers(port, transfer_syntax=IMPLICIT), port, "-xi", "-o", "json")
    assert result.exit_code == 0, result.stderr
    run = json.loads(result.stdout)["runs"][0]
    assert run["transfer_syntaxes"] == {IMPLICIT: IMAGES}
    assert run["receiver"]["ceiling_mbit_s"] > 0


def test_verification_is_accepted_unless_told_not_to() -> None:
    assert accepted_syntax(VERIFICATION, (IMPLICIT,)) == IMPLICIT.encode()
    assert accepted_syntax(VERIFICATION, (IMPLICIT,), "--no-echo") == b""


def accepted_syntax(abstract_syntax: str, syntaxes: tuple[str, ...], *words: str) -> bytes:
    """What the receiver accepts while a C-MOVE is under way; empty when nothing."""
    port = free_port()
    answers: list[bytes] = []

    def script(request: Request) -> None:
        answers.append(proposed(port, abstract_syntax, syntaxes))
        request.respond(0)

    measured(script, port, *words)
    context = answers[0].split(bytes((0x21, 0)), 1)[1]  # PS3.8 Table 9-18
    result, length = context[4], int.from_bytes(context[8:10], "big")
    return context[10 : 10 + length] if result == 0 else b""


def proposed(port: int, abstract_syntax: str, syntaxes: tuple[str, ...]) -> bytes:
    """The body of the A-ASSOCIATE-AC."""
    context = Context(context_id=1, abstract_syntax=abstract_syntax, transfer_syntaxes=syntaxes)
    proposal = Proposal(
        called_ae_title="STORESCP", calling_ae_title="SCRIPTED", contexts=(context,), max_pdu_bytes=16384
    )
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(encode_request(proposal))
        pdu_type, body = read_pdu(connection)
        assert pdu_type == PduType.A_ASSOCIATE_AC
        return body


@pytest.mark.parametrize("max_pdu", [0, 256, 16382, 131072, 2**31, 2**32 - 1])
def test_the_receiver_announces_the_pdu_size_it_was_told(max_pdu: int) -> None:
    port = free_port()
    announced: list[int] = []

    def script(request: Request) -> None:
        body = proposed(port, CT, (EXPLICIT,))
        item = body.split(bytes((0x51, 0, 0, 4)), 1)[1]
        announced.append(int.from_bytes(item[:4], "big"))
        request.respond(0)

    measured(script, port, "-pdu", str(max_pdu))
    assert announced == [max_pdu]


def test_json_has_the_record_of_a_benchmark_and_the_blocks_figures() -> None:
    port = free_port()
    result = measured(delivers(port), port, "-o", "json")
    document = json.loads(result.stdout)
    run, block = document["runs"][0], document["speedtest"][0]
    assert (document["schema_version"], run["method"], run["level"]) == (SCHEMA_VERSION, "c-move", "PATIENT")
    assert (run["instances"], run["instances_expected"]) == (IMAGES, IMAGES)
    assert run["suboperations"] == {"completed": IMAGES, "failed": 0, "warning": 0}
    assert run["dataset_bytes"] == IMAGES * IMAGE_BYTES < block["total_bytes"]
    assert (run["profile"], run["expected_s"], run["path_mbit_s"]) == ("", None, None)
    assert run["receiver"]["ceiling_mbit_s"] > 0
    assert run["rtt_ms"] is None or 0 < run["rtt_ms"] < 100
    assert block["latency_s"] > run["first_image_s"]
    assert document["environment"]["pacs"].startswith("ORTHANC at 127.0.0.1:")


def test_several_runs_are_printed_one_after_the_other_and_saved_as_one_record(tmp_path: Path) -> None:
    port = free_port()
    result = measured(delivers(port), port, "--runs", "2", "--save", str(tmp_path / "records"))
    assert result.stdout.count("-----RESULTS") == 2
    saved = [json.loads(file.read_text()) for file in (tmp_path / "records").iterdir()]
    assert [len(record["runs"]) for record in saved] == [2]
    assert "speedtest" not in saved[0]


def test_a_single_run_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    port = free_port()
    assert measured(delivers(port), port).exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_pacs_that_answers_before_it_sends_is_waited_for() -> None:
    port = free_port()

    def script(request: Request) -> None:
        request.respond(0, completed=IMAGES)
        time.sleep(0.3)
        delivers(port)(request)

    result = measured(script, port, "-o", "json")
    run, block = json.loads(result.stdout)["runs"][0], json.loads(result.stdout)["speedtest"][0]
    assert (run["instances"], run["stop"]) == (IMAGES, "all received")
    assert block["throughput_mbit_s"] < run["throughput_mbit_s"] * 1.01


def test_a_pacs_that_counts_nothing_is_believed_with_a_doubt() -> None:
    port = free_port()

    def script(request: Request) -> None:
        stores(port, 1)
        request.respond(0)

    result = measured(script, port, "-s", "1.2.3")
    assert result.exit_code == 0
    assert "doubt       1 image came, and the PACS does not count them" in result.stdout


def test_a_pacs_that_stalls_for_40_ms_an_image_is_told_apart() -> None:
    port = free_port()

    def script(request: Request) -> None:
        stores(port, 20, pause_s=0.041)
        request.respond(0, completed=20)

    codes = {
        one["code"] for one in json.loads(measured(script, port, "-o", "json").stdout)["runs"][0]["doubts"]
    }
    assert "delayed_ack_stall" in codes


@pytest.mark.parametrize("program", [["lab", "speedtest"], ["speedtest"]])
def test_both_programs_are_the_same_and_need_no_engine(program: list[str]) -> None:
    own_port = free_port()
    folder = Path(sys.executable).parent
    env = {**os.environ, "DOCKER_HOST": "unix:///nowhere/docker.sock"}
    with scripted_pacs(delivers(own_port)) as port:
        words = ["127.0.0.1", str(port), "ORTHANC", "-v", "-x=", "-p", str(own_port)]
        argv = [str(folder / program[0]), *program[1:], *words]
        ended = subprocess.run(argv, capture_output=True, text=True, env=env, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("-----RESULTS---")
    assert "lab.inside.agent" in ended.stderr
