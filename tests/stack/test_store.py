"""Ingest measured against the real Orthanc: by our own sender, by DCMTK's storescu, by REST."""

import hashlib
import json
import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from lab.data.part10 import dataset_offset
from tests.stack.lab import Lab, docker

INSTANCES = 48
METHODS = ("lab", "storescu", "rest")


def manifest(lab: Lab, name: str = "quick") -> Any:
    return json.loads((lab.root / "studies" / name / "manifest.json").read_text())


def test_all_three_methods_store_the_study_and_are_recorded(lab: Lab) -> None:
    folder = lab.root / "stored"
    record = lab.json("bench", "store", "quick", "--runs", "1", "--warmup", "0", "--save", str(folder))
    lines = {one["sop_instance_uid"]: one["dataset_bytes"] for one in manifest(lab)["instances"]}
    assert [run["method"] for run in record["runs"]] == list(METHODS)
    for run in record["runs"]:
        rows = run["instances"]
        assert {name: len(column) for name, column in rows.items()} == dict.fromkeys(rows, INSTANCES)
        assert dict(zip(rows["sop_instance_uids"], rows["dataset_bytes"], strict=True)) == lines
        assert set(rows["status"]) == {200 if run["method"] == "rest" else 0}
        assert all(begin < end for begin, end in zip(rows["begin_s"], rows["end_s"], strict=True))
        assert (run["stored"], run["instances_expected"], run["jobs"]) == (INSTANCES, INSTANCES, 1)
        assert rows["begin_s"][0] == 0 < run["first_s"] < run["duration_s"] == rows["end_s"][-1]
        assert run["mbit_s"] == pytest.approx(sum(lines.values()) * 8 / run["duration_s"] / 1e6)
        assert run["associate_s"] > 0
        assert {doubt["code"] for doubt in run["doubts"]} >= {"few_runs"}
    saved = {
        one["case"]["method"]: one for one in map(json.loads, map(Path.read_text, folder.glob("*.json")))
    }
    assert [saved[method]["runs"] for method in METHODS] == [[run] for run in record["runs"]]


def test_at_the_end_the_study_is_in_the_pacs(lab: Lab) -> None:
    lab("bench", "store", "quick", "--via", "lab", "--runs", "1", "--warmup", "0")
    assert "already" in lab("seed", "quick").stdout


def test_associations_at_once_share_the_study(lab: Lab) -> None:
    words = ["bench", "store", "quick", "--jobs", "3", "--runs", "1", "--warmup", "0"]
    for run in lab.json(*words)["runs"]:
        assert run["jobs"] == 3
        assert sorted(run["instances"]["association"]) == [0] * 16 + [1] * 16 + [2] * 16
        assert len(run["connections"]) == (0 if run["method"] == "storescu" else 3)


def test_over_a_shaped_link_each_instance_costs_whoever_sends_a_round_trip(lab: Lab) -> None:
    """The tools container is shaped as the tester is."""
    words = ["--profile", "wan-20ms", "--cc", "reno", "--runs", "1", "--warmup", "0"]
    for run in lab.json("bench", "store", "quick", *words)["runs"]:
        assert (run["profile"], run["congestion_control"]["client"]) == ("wan-20ms", "reno")
        assert 39 < run["instance_ms"]["p50"] < 80
    assert lab.json("net", "status")["profile"] == "baseline"


@pytest.fixture(scope="module")
def broken(lab: Lab) -> str:
    """The quick study with a third instance that has no identity, and a manifest that lists it so."""
    source, folder = lab.root / "studies/quick", lab.root / "studies/broken"
    shutil.copytree(source, folder)
    folder.chmod(0o755)
    document = manifest(lab)
    line = document["instances"][2]
    (folder / line["file"]).write_bytes(_anonymous(folder / line["file"], line))
    (folder / "manifest.json").write_text(json.dumps({**document, "name": "broken"}))
    return str(line["file"])


def _anonymous(file: Path, line: dict[str, Any]) -> bytes:
    """The same File Meta Information before one private element as long as the Data Set was (PS3.5 7.8.1)."""
    content = file.read_bytes()
    offset = dataset_offset(content)
    head = b"\x09\x00\x10\x00LO\x08\x00DICOMLAB" + b"\x09\x00\x00\x10OB\0\0"
    value = bytes(len(content) - offset - len(head) - 4)
    content = content[:offset] + head + len(value).to_bytes(4, "little") + value
    line["file_md5"] = hashlib.md5(content).hexdigest()
    line["dataset_sha256"] = hashlib.sha256(content[offset:]).hexdigest()
    return content


@pytest.mark.parametrize(
    ("method", "said"),
    [("lab", "status 0xC000"), ("storescu", "No SOP Class or Instance UID"), ("rest", "HTTP status 404")],
)
def test_an_instance_that_is_refused_is_named_and_leaves_no_number(
    lab: Lab, broken: str, method: str, said: str
) -> None:
    folder = lab.root / "refused" / method
    words = ["--via", method, "--runs", "1", "--warmup", "0", "-o", "json", "--save", str(folder)]
    refused = lab("bench", "store", "broken", *words, code=6)
    uid = manifest(lab, "broken")["instances"][2]["sop_instance_uid"]
    assert f"{method} stored 47 of 48 instances of broken: {broken} ({uid}): " in refused.stderr
    assert said in refused.stderr
    assert (refused.stdout, list(folder.iterdir())) == ("", [])


@pytest.mark.parametrize("method", METHODS)
def test_ctrl_c_ends_it_with_130_leaves_nobody_sending_and_the_link_as_it_was(lab: Lab, method: str) -> None:
    running = lab.start("bench", "store", "quick", "--via", method, "--profile", "transatlantic")
    assert running.stderr is not None
    assert any("warm-up 1" in line for line in running.stderr), "it ended before it had begun"
    time.sleep(1)
    os.killpg(running.pid, signal.SIGINT)
    _, stderr = running.communicate(timeout=120)
    assert running.returncode == 130
    assert "Traceback" not in stderr
    assert lab.json("net", "status")["profile"] == "baseline"
    assert _senders(lab) == ""


def _senders(lab: Lab) -> str:
    """Within a second or two nobody is left."""
    for _ in range(20):
        tops = "\n".join(docker("top", lab.container(service)) for service in ("tester", "dcmtk"))
        left = "\n".join(line for line in tops.splitlines() if "lab.inside" in line or "storescu" in line)
        if not left:
            break
        time.sleep(0.1)
    return left
