"""`lab speedtest` beside the original's way of measuring, on the same PACS: they count the same bytes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from lab.data.speedtest import speedtest_bytes
from tests.loopback.peers import AE_TITLE, dcmqrscp, qrscp
from tests.loopback.ports import free_port
from tests.loopback.speedtesting import speedtest_of
from tests.unit.studies import SMALL, small_study

KEYS = ["-s", SMALL.study_instance_uid, "-pid", SMALL.patient_id]


@pytest.fixture(scope="module")
def own_port() -> int:
    """That the peers know as the move destination's."""
    return free_port()


@pytest.fixture(scope="module")
def dcmtks(tmp_path_factory: pytest.TempPathFactory, own_port: int) -> Iterator[int]:
    with dcmqrscp(tmp_path_factory.mktemp("dcmqrscp"), own_port) as port:
        yield port


@pytest.fixture(scope="module")
def pynetdicoms(tmp_path_factory: pytest.TempPathFactory, own_port: int) -> Iterator[int]:
    with qrscp(tmp_path_factory.mktemp("qrscp"), own_port) as port:
        yield port


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> int:
    """The port of the one that the test names."""
    port: int = request.getfixturevalue(request.param)
    return port


PEERS = pytest.mark.parametrize("peer", ["dcmtks", "pynetdicoms"], indirect=True)


def document_of(pacs_port: int, own_port: int, *words: str) -> Any:
    result = speedtest_of(AE_TITLE, pacs_port, own_port, *KEYS, "-o", "json", *words)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def in_the_originals_way(pacs_port: int, own_port: int, level: str = "patient") -> Any:
    keys = [SMALL.study_instance_uid, SMALL.patient_id]
    argv = [sys.executable, "-m", "lab.inside.speedtest_way", "127.0.0.1", str(pacs_port), AE_TITLE, *keys]
    argv += ["--port", str(own_port), "--level", level]
    return json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize(
    ("peer", "level"),
    [("dcmtks", "patient"), ("dcmtks", "study"), ("pynetdicoms", "study")],
    indirect=["peer"],
)
def test_bytes_are_those_of_the_originals_way(peer: int, level: str, own_port: int) -> None:
    """qrscp refuses what the original asks for; the rest of its way is as with any other."""
    theirs = in_the_originals_way(peer, own_port, level)
    document = document_of(peer, own_port, "--level", level)
    run, block = document["runs"][0], document["speedtest"][0]
    assert (run["instances"], theirs["instances"]) == (SMALL.instances, SMALL.instances)
    assert block["total_bytes"] == theirs["bytes"]
    assert run["transfer_syntaxes"] == {SMALL.transfer_syntax_uid: SMALL.instances}
    assert run["instances_expected"] == SMALL.instances


@PEERS
@pytest.mark.parametrize("max_pdu", ["0", "256", "16382", "4294967295"])
def test_the_study_comes_unaltered_in_pdus_of_any_size(peer: int, max_pdu: str, own_port: int) -> None:
    document = document_of(peer, own_port, "--level", "study", "-pdu", max_pdu)
    assert document["runs"][0]["dataset_bytes"] == small_study().dataset_bytes
    assert document["speedtest"][0]["total_bytes"] == speedtest_bytes(small_study().instances)


def test_qrscp_refuses_what_the_original_asks_for_and_level_study_is_the_way(
    pynetdicoms: int, own_port: int
) -> None:
    """Both keys at PATIENT level: it says 0xA801, for lack of a better status."""
    assert in_the_originals_way(pynetdicoms, own_port)["instances"] == 0
    result = speedtest_of(AE_TITLE, pynetdicoms, own_port, *KEYS)
    assert result.exit_code == 1
    assert "--level study" in result.stderr


def test_dcmqrscp_ignores_the_study_at_patient_level_which_is_a_doubt(dcmtks: int, own_port: int) -> None:
    words = ["-s", "2.25.404", "-pid", SMALL.patient_id]
    whole = speedtest_of(AE_TITLE, dcmtks, own_port, *words)
    none = speedtest_of(AE_TITLE, dcmtks, own_port, *words, "--level", "study")
    assert "a PACS may ignore the study and send all of the patient's" in whole.stdout
    assert (none.exit_code, none.stdout) == (1, "")
    assert "is the study in the PACS" in none.stderr


@PEERS
def test_a_destination_that_the_pacs_does_not_know_is_named(peer: int, own_port: int) -> None:
    result = speedtest_of(AE_TITLE, peer, own_port, *KEYS, "-aet", "NOBODY")
    assert result.exit_code == 1
    assert "does not know the move destination (status 0xA801)" in result.stderr
    assert "check that the PACS has NOBODY as a move destination" in result.stderr


def test_a_pacs_whose_sub_operations_all_fail_and_which_says_success_is_no_number(
    dcmtks: int, own_port: int
) -> None:
    """dcmqrscp with JPEG-LS on disk, to a receiver that takes implicit VR only: its status is 0x0000."""
    result = speedtest_of(AE_TITLE, dcmtks, own_port, *KEYS, "-xi")
    assert result.exit_code == 6
    assert "3 failed" in result.stderr
    assert "connected and stored nothing" in result.stderr
