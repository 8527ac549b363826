"""`lab speedtest` by DICOM TLS, against pynetdicom."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli.main import main
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
    assert ended.exit_code == 4
    assert "certificate is not accepted" in ended.stderr
