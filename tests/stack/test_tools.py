"""`lab dcmtk` and `lab top` on the real stack."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.stack.lab import Lab
from tests.unit.test_documented_commands import ROOT, commands_typed

INSTANCES = 48
ECHO = ["echoscu", "-aec", "ORTHANC", "orthanc", "4242"]


def dcmtk(lab: Lab, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = lab.argv("dcmtk", *words)
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def study(lab: Lab) -> Path:
    lab("seed", "quick")
    return lab.root / "studies" / "quick"


def test_a_tool_reaches_the_pacs_and_its_exit_code_is_ours(lab: Lab, tmp_path: Path) -> None:
    assert dcmtk(lab, tmp_path, *ECHO).returncode == 0
    assert dcmtk(lab, tmp_path, "echoscu", "-aec", "ORTHANC", "orthanc", "1").returncode == 1


def documented(tool: str, name: str, value: str) -> list[list[str]]:
    """The lines of docs/tools.md that call this tool, with what stands for something filled in."""
    page = (ROOT / "docs/tools.md").read_text()
    lines = [one for one in commands_typed(page) if one.startswith(f"lab dcmtk {tool} ")]
    return [shlex.split(re.sub(rf"\b{name}\b", value, line))[2:] for line in lines]


def test_a_folder_is_sent_as_documented(lab: Lab, study: Path) -> None:
    """A study of the lab as it is: in JPEG-LS, with its manifest."""
    lines = documented("storescu", "DIR", "quick")
    assert len(lines) == 2
    for words in lines:
        ended = dcmtk(lab, study.parent, *words)
        assert ended.returncode == 0, ended.stderr


def test_what_a_tool_writes_is_in_the_current_folder_and_ours(lab: Lab, study: Path, tmp_path: Path) -> None:
    uid = json.loads((study / "manifest.json").read_text())["instances"][0]["study_instance_uid"]
    (words,) = documented("movescu", "UID", uid)
    ended = dcmtk(lab, tmp_path, *words)
    assert ended.returncode == 0, ended.stderr
    files = list(tmp_path.iterdir())
    assert len(files) == INSTANCES
    assert {file.stat().st_uid for file in files} == {os.getuid()}


def test_the_name_of_the_current_folder_may_hold_anything(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "a:b, c"
    folder.mkdir()
    assert dcmtk(lab, folder, "touch", "here").returncode == 0
    assert (folder / "here").exists()


def test_streams_are_passed_through(lab: Lab, tmp_path: Path) -> None:
    ended = dcmtk(lab, tmp_path, "echoscu", "--version")
    assert "v3.6.9" in ended.stdout
    piped = subprocess.run(
        lab.argv("dcmtk", "cat"), input="through", capture_output=True, text=True, timeout=60, check=False
    )
    assert piped.stdout == "through"


@pytest.mark.parametrize(("words", "value"), [([], "1"), (["--nagle"], "0")])
def test_nagles_algorithm_is_off_unless_asked_for(lab: Lab, words: list[str], value: str) -> None:
    assert lab("dcmtk", *words, "printenv", "TCP_NODELAY").stdout.strip() == value


def test_a_tool_that_is_not_there_is_named(lab: Lab) -> None:
    said = lab("dcmtk", "nosuchtool", code=2).stderr
    assert "no program 'nosuchtool'" in said
    assert "Traceback" not in said


def test_a_tool_sends_over_the_link_as_shaped(lab: Lab) -> None:
    lab("net", "apply", "wan-20ms")
    try:
        said = lab("dcmtk", "ping", "-n", "-c", "10", "-i", "0.1", "orthanc").stdout
    finally:
        lab("net", "clear")
    least_ms, *_ = said.rpartition(" = ")[2].split("/")
    assert float(least_ms) == pytest.approx(40, abs=2)


def test_nothing_is_left_of_a_tool(lab: Lab) -> None:
    lab("dcmtk", "true")
    argv = ["docker", "ps", "-aq", "--filter", f"label=org.dicom-lab.project={lab.project}"]
    argv += ["--filter", "label=org.dicom-lab.role=tool"]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == ""


def test_each_look_has_every_host(lab: Lab) -> None:
    rows = lab.json("top", "--count", "1")
    assert {row["host"] for row in rows} == {"orthanc", "dcmtk", "tester"}
    for row in rows:
        assert row["memory MB"] > 0
        assert 0 <= row["CPU cores"] < 64


def test_what_hosts_used_is_in_the_record_of_a_run(lab: Lab) -> None:
    run = lab.json("bench", "move", "quick", "--runs", "1", "--warmup", "0")["runs"][0]
    orthanc = run["hosts"]["orthanc"]
    assert len(orthanc["at_s"]) >= 2
    assert min(host["at_s"][0] for host in run["hosts"].values()) == 0
    assert orthanc["cpu_s"] == sorted(orthanc["cpu_s"])
    assert orthanc["sent_bytes"][-1] > run["dataset_bytes"]
    assert run["hosts"]["tester"]["received_bytes"][-1] > run["dataset_bytes"]
