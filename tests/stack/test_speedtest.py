"""`lab speedtest` on the host, against the lab's Orthanc: it knows this machine as LABHOST, port 9999."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lab.model.record import SCHEMA_VERSION
from tests.conftest import cannot_run
from tests.stack.lab import INSTANCES, JPEG_LS, Lab, docker
from tests.stack.pacs import add_study_of_same_patient, forget_all_studies

_PORT = 9999


@pytest.fixture(scope="module")
def _reachable(lab: Lab) -> None:
    """A host whose firewall keeps containers out, or whose port is taken, cannot run these."""
    try:
        server = socket.create_server(("", _PORT))
    except OSError as error:
        cannot_run(f"port {_PORT} of this machine: {error}")
    with closing(server):
        address = docker("exec", lab.container("orthanc"), "sh", "-c", "getent hosts labhost").split()[0]
        script = f"import socket; socket.create_connection(({address!r}, {_PORT}), 5)"
        argv = ["docker", "exec", lab.container("tester"), "python3", "-c", script]
        if subprocess.run(argv, capture_output=True, check=False).returncode:
            cannot_run(f"containers cannot connect to this machine's port {_PORT}")


@pytest.fixture
def _seeded(lab: Lab) -> Iterator[None]:
    lab("seed", "quick")
    yield
    forget_all_studies(lab)


pytestmark = pytest.mark.usefixtures("_reachable", "_seeded")


def manifest(lab: Lab) -> Any:
    return json.loads((lab.root / "studies/quick/manifest.json").read_text())["instances"]


def words(lab: Lab, *more: str) -> list[str]:
    """At the address that Orthanc's DICOM port is published on."""
    host, port = lab.json("status")["orthanc"]["dicom"].partition("@")[2].split(":")
    first = manifest(lab)[0]
    keys = ["-s", first["study_instance_uid"], "-pid", first["patient_id"]]
    return ["speedtest", host, port, "ORTHANC", "-aet", "LABHOST", *keys, *more]


def test_the_host_receives_what_orthanc_stores(lab: Lab) -> None:
    document = json.loads(lab(*words(lab, "-o", "json")).stdout)
    run, block = document["runs"][0], document["speedtest"][0]
    assert (run["instances"], run["instances_expected"]) == (INSTANCES, INSTANCES)
    assert run["suboperations"] == {"completed": INSTANCES, "failed": 0, "warning": 0}
    assert run["transfer_syntaxes"] == {JPEG_LS: INSTANCES}
    assert run["dataset_bytes"] == sum(line["dataset_bytes"] for line in manifest(lab))
    assert block["latency_s"] > run["first_image_s"] > 0


def test_bytes_are_those_of_the_originals_way_from_the_same_orthanc(lab: Lab) -> None:
    """In its way in the tester container, which Orthanc knows as STORESCP."""
    first = manifest(lab)[0]
    keys = [first["study_instance_uid"], first["patient_id"]]
    argv = ["python3", "-m", "lab.inside.speedtest_way", "orthanc", "4242", "ORTHANC", *keys]
    theirs = json.loads(docker("exec", lab.container("tester"), *argv))
    ours = json.loads(lab(*words(lab, "-o", "json")).stdout)["speedtest"][0]
    assert theirs["instances"] == INSTANCES
    assert ours["total_bytes"] == theirs["bytes"]


def test_the_block_is_printed_and_the_record_saved(lab: Lab, tmp_path: Path) -> None:
    printed = lab(*words(lab, "--runs", "3", "--save", str(tmp_path))).stdout
    assert printed.count("-----RESULTS---") == 3
    assert f"instances   {INSTANCES} of {INSTANCES}, 0 failed sub-operations" in printed
    record = json.loads(next(tmp_path.iterdir()).read_text())
    assert (record["schema_version"], len(record["runs"])) == (SCHEMA_VERSION, 3)


def test_a_syntax_that_orthanc_does_not_transcode_to_is_no_number(lab: Lab) -> None:
    refused = ended(lab, "-xi")
    assert (refused.returncode in (1, 6), refused.stdout) == (True, "")
    assert "Error: " in refused.stderr


def test_orthanc_ignores_the_study_at_patient_level_and_not_at_study_level(lab: Lab) -> None:
    add_study_of_same_patient(lab)
    by_patient, by_study = (
        json.loads(lab(*words(lab, "--level", level, "-o", "json")).stdout)["runs"][0]
        for level in ("patient", "study")
    )
    assert (by_patient["instances"], by_study["instances"]) == (INSTANCES + 1, INSTANCES)
    assert "whole_patient" in {doubt["code"] for doubt in by_patient["doubts"]}


def test_a_destination_that_orthanc_does_not_know_is_refused_with_the_advice(lab: Lab) -> None:
    refused = ended(lab, "-aet", "NOBODY")
    assert (refused.returncode in (1, 6), refused.stdout) == (True, "")
    assert "has NOBODY as a move destination" in refused.stderr


def test_it_needs_no_engine(lab: Lab) -> None:
    assert ended(lab, DOCKER_HOST="unix:///nowhere/docker.sock").returncode == 0


def ended(lab: Lab, *more: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Whatever its exit code."""
    argv = lab.argv(*words(lab, *more))
    return subprocess.run(argv, capture_output=True, text=True, env={**os.environ, **env}, check=False)
