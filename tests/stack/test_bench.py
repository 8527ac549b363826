"""Move, prove, record: against the real Orthanc."""

import json

import pydicom
import pytest

from lab.bench.caches import EVICT
from lab.model.record import SCHEMA_VERSION
from tests.stack.lab import INSTANCES, JPEG_LS, Lab, docker

RUN_FIELDS = {
    "profile", "shaper", "study", "method", "warmup", "associations", "max_pdu", "instances",
    "instances_expected", "instances_rewritten", "suboperations", "transfer_syntaxes", "dataset_bytes",
    "associate_s",
    "first_image_s", "duration_s", "completion_s", "throughput_mbit_s", "steady_mbit_s", "gap_ms",
    "congestion_control", "rtt_ms", "expected_s", "path_mbit_s", "receiver_cpu_s", "doubts",
    "level", "requests", "ack", "stop", "receiver", "link", "connections", "timeline",
}  # fmt: skip


def test_a_run_reports_what_was_delivered_and_how_fast(lab: Lab) -> None:
    manifest = json.loads((lab.root / "studies/quick/manifest.json").read_text())
    record = lab.json("bench", "move", "quick", "--runs", "3", "--warmup", "0")
    assert record["schema_version"] == SCHEMA_VERSION
    assert len(record["runs"]) == 3
    for run in record["runs"]:
        assert run.keys() >= RUN_FIELDS
        assert (run["instances"], run["instances_expected"]) == (INSTANCES, INSTANCES)
        assert run["suboperations"] == {"completed": INSTANCES, "failed": 0, "warning": 0}
        assert run["transfer_syntaxes"] == {JPEG_LS: INSTANCES}
        assert run["dataset_bytes"] == sum(line["dataset_bytes"] for line in manifest["instances"])
        assert 0 < run["first_image_s"] < run["duration_s"] <= run["completion_s"]
        assert run["throughput_mbit_s"] == pytest.approx(run["dataset_bytes"] * 8 / run["duration_s"] / 1e6)
        assert (run["profile"], run["shaper"]) == ("baseline", "none")
        assert (run["level"], run["requests"], run["stop"]) == ("STUDY", 1, "final response")
        assert run["receiver"]["ceiling_mbit_s"] > run["steady_mbit_s"]
        assert run["receiver"]["peak_rss_bytes"] < 100_000_000
        assert run["receiver"]["late_p99_ms"] is not None
        assert [one["calling_ae_title"] for one in run["connections"]] == ["ORTHANC"]
        assert run["connections"][0]["connection"]["rtt_ms"] > 0
    assert record["environment"]["pacs"].startswith("Orthanc 1.12.")


def test_warm_is_brought_about_where_the_page_cache_has_let_go_of_the_storage(lab: Lab) -> None:
    """Orthanc has the study in its own memory, from which it serves it: nobody else reads its files."""
    lab("bench", "move", "quick", "--runs", "1", "--warmup", "0")
    docker("exec", lab.container("orthanc"), "sh", "-c", EVICT)
    run = lab.json("bench", "move", "quick", "--runs", "1", "--warmup", "0")["runs"][0]
    assert run["cache"]["declared"] == "warm"
    assert run["cache"]["in_memory_bytes"] >= run["dataset_bytes"]


def test_a_study_is_moved_in_parallel_and_its_union_proved(lab: Lab) -> None:
    run = lab.json("bench", "move", "quick", "--parallel", "4", "--runs", "1", "--warmup", "0")["runs"][0]
    assert (run["level"], run["requests"], run["associations"]) == ("IMAGE", 4, 4)
    assert run["instances"] == sum(one["instances"] for one in run["connections"]) == INSTANCES
    assert set(run["timeline"]["association"]) == {0, 1, 2, 3}


def test_what_the_proof_run_received_can_be_kept(lab: Lab) -> None:
    folder = lab.root / "kept-files"
    lab("bench", "move", "quick", "--runs", "1", "--warmup", "0", "--keep", str(folder))
    manifest = json.loads((lab.root / "studies/quick/manifest.json").read_text())
    kept = {path.stem for path in folder.iterdir()}
    assert kept == {line["sop_instance_uid"] for line in manifest["instances"]}
    assert pydicom.dcmread(next(folder.iterdir())).pixel_array.shape


def test_the_receiver_is_measured_alone_beside_its_rivals(lab: Lab) -> None:
    record = lab.json("bench", "self", "--rounds", "1")
    assert [one["receiver"] for one in record["samples"]] == ["lab", "bare", "pynetdicom", "dcmtk"]
    assert all(one["mb_s"] > 0 and one["cpu_s_per_gb"] > 0 for one in record["samples"])


def test_a_receiver_is_not_measured_alone_through_a_shaped_link(lab: Lab) -> None:
    lab("net", "apply", "metro-fibre")
    refused = lab("bench", "self", "--rounds", "1", code=3)
    lab("net", "clear")
    assert "the link is shaped" in refused.stderr
