"""Other people's senders against our receiver: what arrives is what was sent, to the byte."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.stack.lab import Lab, docker
from tests.stack.pacs import orthanc, orthanc_session
from tests.stack.receiving import receiving
from tests.stack.specimens import PLAIN, PROPOSED_BY, Specimen, make_all

NAME = "interop"
AT_TESTER = ["tester", "9999"]


@pytest.fixture(scope="module")
def specimens(lab: Lab) -> dict[str, Specimen]:
    """In the folder that the tools container sees, and in the tester's /tmp."""
    folder = lab.root / "studies" / NAME
    shutil.rmtree(folder, ignore_errors=True)
    made = make_all(folder)
    docker("cp", str(folder), f"{lab.container('tester')}:/tmp/{NAME}")
    return made


Row = tuple[str, str, str]


def rows_of(received: dict[str, Any]) -> list[Row]:
    """What arrived; every association must have ended in good order."""
    assert [one["trouble"] for one in received["associations"]] == [""] * len(received["associations"])
    columns = ("sop_instance_uids", "transfer_syntax_uids", "dataset_sha256")
    return sorted(zip(*(received["arrivals"][column] for column in columns), strict=True))


def check(received: dict[str, Any], wanted: Iterable[Specimen]) -> None:
    assert rows_of(received) == sorted(map(row_of, wanted))


def check_but_for_plain(received: dict[str, Any], wanted: Iterable[Specimen]) -> None:
    """dcmsend turns one uncompressed transfer syntax into another: those are only counted."""
    assert [blurred(row) for row in rows_of(received)] == sorted(blurred(row_of(one)) for one in wanted)


def row_of(one: Specimen) -> Row:
    return one.sop_instance_uid, one.transfer_syntax_uid, one.dataset_sha256


def blurred(row: Row) -> Row:
    return (row[0], "plain", "") if row[1] in PLAIN else row


def tool(lab: Lab, *words: str) -> None:
    """One of DCMTK's in its container."""
    lab("exec", "dcmtk", *words)


def test_storescu_in_every_transfer_syntax_that_it_can_propose(
    lab: Lab, specimens: dict[str, Specimen]
) -> None:
    with receiving(lab) as one:
        for option in PROPOSED_BY:
            tool(lab, "storescu", option, *AT_TESTER, f"/studies/{NAME}/{specimens[option].file}")
        tool(lab, "storescu", "-xr", *AT_TESTER, f"/studies/{NAME}/{specimens['multi-frame'].file}")
        received = one.enough()
    check(received, specimens.values())
    assert len(received["associations"]) == len(specimens)


@pytest.mark.parametrize("max_pdu_bytes", [4096, 0])
def test_dcmsend_with_all_of_them_in_one_go(
    lab: Lab, specimens: dict[str, Specimen], max_pdu_bytes: int
) -> None:
    with receiving(lab, max_pdu_bytes=max_pdu_bytes) as one:
        tool(lab, "dcmsend", "-dn", "+sd", *AT_TESTER, f"/studies/{NAME}")
        received = one.enough()
    check_but_for_plain(received, specimens.values())


def test_pynetdicoms_storescu_with_all_of_them(lab: Lab, specimens: dict[str, Specimen]) -> None:
    argv = ["python3", "-m", "pynetdicom", "storescu", "-cx", *AT_TESTER, f"/tmp/{NAME}"]
    with receiving(lab) as one:
        docker("exec", lab.container("tester"), *argv)
        received = one.enough()
    check(received, specimens.values())


def test_orthanc_sends_what_it_stores(lab: Lab, specimens: dict[str, Specimen]) -> None:
    """By REST, without a C-MOVE: Orthanc as a plain storage SCU."""
    with orthanc_session(lab) as (session, url):
        stored = [
            session.post(
                f"{url}/instances", data=(lab.root / "studies" / NAME / one.file).read_bytes()
            ).json()
            for one in specimens.values()
        ]
        with receiving(lab) as one:
            ids = [each["ID"] for each in stored]
            job = session.post(f"{url}/modalities/tester/store", json=ids).json()
            received = one.enough()
    orthanc(lab, "DELETE", f"/studies/{stored[0]['ParentStudy']}")
    assert job["FailedInstancesCount"] == 0
    check(received, specimens.values())


def test_kept_files_are_what_was_sent(lab: Lab, specimens: dict[str, Specimen], tmp_path: Path) -> None:
    with receiving(lab, sink="keep", keep_folder="/tmp/kept") as one:
        tool(lab, "dcmsend", "-dn", "+sd", *AT_TESTER, f"/studies/{NAME}")
        received = one.enough()
    check_but_for_plain(received, specimens.values())
    docker("cp", f"{lab.container('tester')}:/tmp/kept", str(tmp_path))
    kept = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert kept == sorted(f"{each.sop_instance_uid}.dcm" for each in specimens.values())
    shutil.copytree(tmp_path / "kept", lab.root / "studies" / "kept")
    tool(lab, "dcmdump", "-q", *(f"/studies/kept/{name}" for name in kept))


def test_several_senders_at_once_in_several_processes(lab: Lab, specimens: dict[str, Specimen]) -> None:
    argv = ["docker", "exec", lab.container("dcmtk"), "dcmsend", "-dn", "+sd", *AT_TESTER, f"/studies/{NAME}"]
    with receiving(lab, processes=2) as one:
        senders = [subprocess.Popen(argv) for _ in range(4)]
        assert [sender.wait(60) for sender in senders] == [0] * 4
        received = one.enough()
    check_but_for_plain(received, [each for each in specimens.values() for _ in range(4)])


@pytest.mark.skipif("LAB_TESTS_LONG" not in os.environ, reason="sends 2.2 GB: LAB_TESTS_LONG=1 make test")
def test_a_data_set_of_over_2_gb(lab: Lab) -> None:
    """Undefined lengths and fragments are how such an object exists at all (PS3.5 A.4)."""
    script = (
        "import pydicom, sys\n"
        "from pydicom.encaps import encapsulate\n"
        "i = pydicom.dcmread(sys.argv[1])\n"
        "i.SOPInstanceUID = i.file_meta.MediaStorageSOPInstanceUID = '2.25.4711.2000'\n"
        "i.NumberOfFrames = '22'\n"
        "i.PixelData = encapsulate([bytes(100_000_000)] * 22, has_bot=False)\n"
        "i['PixelData'].VR = 'OB'\n"
        "pydicom.dcmwrite('/tmp/huge.dcm', i)\n"
    )
    docker("exec", lab.container("tester"), "python3", "-c", script, f"/tmp/{NAME}/frames.dcm")
    with receiving(lab, sink="discard") as one:
        argv = ["python3", "-m", "pynetdicom", "storescu", "-cx", "-td", "600", *AT_TESTER, "/tmp/huge.dcm"]
        docker("exec", lab.container("tester"), *argv)
        received = one.enough()
    docker("exec", lab.container("tester"), "rm", "/tmp/huge.dcm")
    assert received["arrivals"]["dataset_bytes"][0] > 2_200_000_000
    assert received["cost"]["peak_rss_bytes"] < 100_000_000
