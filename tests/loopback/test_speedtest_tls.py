"""`lab speedtest` by DICOM TLS, against pynetdicom."""

import json
import shutil
import socket
import ssl
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli.main import main
from tests.loopback.echo_endings import server
from tests.loopback.echo_scp import answers, echo_scp, says_something_else
from tests.loopback.ports import free_port
from tests.loopback.test_moves import STUDY
from tests.loopback.test_tls import NAME, files, folder, pacs
from tests.unit.studies import SMALL

__all__ = ["folder"]
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def speedtest(port: int, own_port: int, *words: str) -> Result:
    study = ["-s", SMALL.study_instance_uid, "-pid", SMALL.patient_id, "--level", "study", "-o", "json"]
    return CliRunner().invoke(
        main, ["speedtest", NAME, str(port), "ORTHANC", "-p", str(own_port), *study, *words]
    )


def by_tls(folder: Path, name: str, authority: str = "ca") -> list[str]:
    ours = files(folder, name, authority)
    return ["--tls-key", ours.key_file, "--tls-certificate", ours.certificate_file, "--tls-ca", ours.ca_file]


def test_a_study_comes_by_tls_and_is_counted_as_without(folder: Path) -> None:
    own_port = free_port()
    with pacs(files(folder, NAME), own_port) as port:
        ended = speedtest(port, own_port, *by_tls(folder, NAME))
    assert ended.exit_code == 0, ended.output
    run = json.loads(ended.stdout)["runs"][0]
    assert (run["instances"], run["dataset_bytes"]) == (SMALL.instances, STUDY.dataset_bytes)
    assert run["receiver"]["late_p99_ms"] is None
    assert run["receiver"]["ceiling_mbit_s"] > 0


def test_ones_own_certificate_need_not_be_of_the_authority_that_is_trusted(folder: Path) -> None:
    """The receiver is measured alone by a sender that shows that same certificate to it."""
    own_port = free_port()
    with pacs(files(folder, NAME), own_port) as port:
        ended = speedtest(port, own_port, *by_tls(folder, "stranger"))
    assert ended.exit_code == 0, ended.stderr
    assert json.loads(ended.stdout)["runs"][0]["receiver"]["ceiling_mbit_s"] > 0


def test_a_receiver_that_cannot_be_measured_alone_is_a_doubt_and_loses_no_result(
    folder: Path, tmp_path: Path
) -> None:
    """As where the key is gone by then."""
    for name in ("localhost.key", "localhost.pem", "ca.pem"):
        shutil.copy(folder / name, tmp_path)
    own_port = free_port()
    gone = (tmp_path / "localhost.key").unlink
    with pacs(files(folder, NAME), own_port, when_asked=gone) as port:
        ended = speedtest(port, own_port, *by_tls(tmp_path, NAME))
    assert ended.exit_code == 0, ended.stderr
    run = json.loads(ended.stdout)["runs"][0]
    assert run["receiver"]["ceiling_mbit_s"] is None
    assert "ceiling_unknown" in {doubt["code"] for doubt in run["doubts"]}


def test_a_pacs_that_is_not_to_be_trusted_is_named(folder: Path) -> None:
    with pacs(files(folder, "stranger")) as port:
        ended = speedtest(port, free_port(), *by_tls(folder, NAME))
    assert ended.exit_code == 1
    assert "certificate is not accepted" in ended.stderr
    assert "--tls-ca" in ended.stderr


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_pacs_that_does_not_accept_ones_own_certificate_is_no_matter_of_firewalls(
    newest: ssl.TLSVersion, folder: Path
) -> None:
    """Under TLS 1.3 it says so only when the association is asked for."""
    with echo_scp(answers, server(wants_certificate=True, newest=newest)(folder)) as (port, _):
        ended = speedtest(port, free_port(), *by_tls(folder, "stranger"))
    assert ended.exit_code == 1
    assert "--tls-certificate" in ended.stderr


def test_a_pacs_without_tls_is_told_from_one_that_is_not_there(folder: Path) -> None:
    with echo_scp(says_something_else) as (port, _):
        ended = speedtest(port, free_port(), *by_tls(folder, NAME))
    assert ended.exit_code == 1
    assert "does not speak TLS" in ended.stderr
    assert speedtest(free_port(), free_port(), *by_tls(folder, NAME)).exit_code == 4


def test_a_pacs_that_is_silent_within_the_handshake_is_no_answer(folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        ended = speedtest(silent.getsockname()[1], free_port(), "-tn", "0.3", *by_tls(folder, NAME))
    assert ended.exit_code == 4
    assert "timed out" in ended.stderr
