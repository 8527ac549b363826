"""A stranger's folder of mixed files, some of them broken: imported, seeded, moved back, proved identical."""

import json
from pathlib import Path
from typing import Any

import pydicom.data
import pytest

from lab.data.manifest import contents_sha256
from lab.data.speedtest import speedtest_bytes
from lab.model.study import Instance
from lab.system import recipes
from tests.stack.lab import Lab, docker
from tests.stack.test_seed import Pacs, pacs

__all__ = ["pacs"]
FOLDER = Path(pydicom.data.__file__).parent / "test_files"  # what pydicom ships
FILES = sum(path.is_file() for path in FOLDER.rglob("*"))
AT_LEAST = 110


@pytest.fixture(scope="module", params=["as it is", "de-identified"])
def stranger(lab: Lab, request: pytest.FixtureRequest) -> dict[str, Any]:
    """What `lab data import` says of it."""
    name = "stranger" if request.param == "as it is" else "stranger-de-identified"
    keep = ["--keep-identity"] if request.param == "as it is" else []
    said: dict[str, Any] = lab.json("data", "import", str(FOLDER), "--name", name, *keep)
    return said


def test_the_summary_accounts_for_every_file(lab: Lab, stranger: dict[str, Any]) -> None:
    skipped = sum(map(len, stranger["skipped"].values()))
    losers = len(stranger["duplicates"]) + len(stranger["clashes"])
    assert stranger["files_seen"] == FILES == stranger["instances"] + skipped + losers
    assert stranger["instances"] >= AT_LEAST
    lab("data", "verify", stranger["name"])
    assert stranger["name"] in lab("data", "list").stdout


def test_what_was_imported_comes_back_with_the_same_elements(
    lab: Lab, pacs: Pacs, stranger: dict[str, Any], tmp_path: Path
) -> None:
    pacs.forget_all()
    assert f"{stranger['instances']} sent by rest" in lab("seed", stranger["name"]).stdout
    record = moved(lab, stranger["name"], tmp_path)
    (run,) = record["runs"]
    assert run["instances"] == run["instances_expected"] == stranger["instances"]
    assert 0 < run["instances_rewritten"] < run["instances"] / 2
    assert run["requests"] == stranger["studies"]


def test_what_storescu_writes_anew_is_known_by_its_elements(
    lab: Lab, pacs: Pacs, stranger: dict[str, Any]
) -> None:
    pacs.forget_all()
    said = lab("seed", stranger["name"], "--via", "storescu").stdout
    assert f"{stranger['instances']} sent by storescu" in said
    assert "were rewritten on the way, with the same elements" in said


def test_what_the_pacs_fails_to_move_is_named(lab: Lab, pacs: Pacs, tmp_path: Path) -> None:
    """One file lost from its disk, which its database still lists."""
    lab("seed", "quick")
    query = {
        "Level": "Instance",
        "Query": {"InstanceNumber": "7"},
        "ResponseContent": ["Attachments", "MainDicomTags"],
    }
    (found,) = [
        one
        for one in pacs("POST", "/tools/find", json.dumps(query).encode())
        if one["MainDicomTags"]["SOPInstanceUID"] in uids(lab, "quick")
    ]
    uuid = found["Attachments"][0]["Uuid"]
    try:
        docker("exec", lab.container("orthanc"), "find", "/var/lib/orthanc", "-name", uuid, "-delete")
        docker("restart", "-t", "3", lab.container("orthanc"))
        lab("up")
        ended = lab("bench", "move", "quick", "--runs", "1", "--save", str(tmp_path), code=6)
    finally:
        pacs("DELETE", f"/instances/{found['ID']}")
    assert f"{found['MainDicomTags']['SOPInstanceUID']} (00007.dcm) did not arrive" in ended.stderr
    assert not list(tmp_path.glob("*.json"))


def test_the_reference_study_is_made_to_the_byte(lab: Lab) -> None:
    """1300 CT images, of the size published with the ANS SpeedTest; the recipe pins every Data Set."""
    lab("data", "make", "reference")
    lines = [Instance(**line) for line in manifest(lab, "reference")["instances"]]
    lab("data", "remove", "reference")
    assert len(lines) == 1300
    assert speedtest_bytes(lines) == 209_577_218
    assert {line.study_instance_uid for line in lines} == {"1.2.250.1.213.4.5.2.1.199"}
    assert contents_sha256(lines) == recipes.recipe("reference").contents_sha256


def manifest(lab: Lab, study: str) -> Any:
    return json.loads((lab.root / "studies" / study / "manifest.json").read_text())


def uids(lab: Lab, study: str) -> set[str]:
    return {one["sop_instance_uid"] for one in manifest(lab, study)["instances"]}


def moved(lab: Lab, study: str, folder: Path) -> Any:
    lab("bench", "move", study, "--runs", "1", "--warmup", "0", "--save", str(folder))
    (file,) = folder.glob("*.json")
    return json.loads(file.read_text())
