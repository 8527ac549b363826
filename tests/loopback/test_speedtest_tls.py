"""`lab speedtest` by DICOM TLS, against pynetdicom."""

import json
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


def by_tls(folder: Path, name: str) -> list[str]:
    ours = files(folder, name)
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


def test_a_pacs_that_is_not_to_be_trusted_is_named(folder: Path) -> None:
    with pacs(files(folder, "stranger")) as port:
        ended = speedtest(port, free_port(), *by_tls(folder, NAME))
    assert ended.exit_code == 4
    assert "certificate is not accepted" in ended.stderr
