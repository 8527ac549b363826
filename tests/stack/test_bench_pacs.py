"""What a PACS may do: other studies of the patient, answers that come first, stalls."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.stack.lab import INSTANCES, Lab, docker
from tests.stack.pacs import add_study_of_same_patient, forget_all_studies


def test_who_calls_under_an_unknown_title_may_find_and_get(lab: Lab) -> None:
    """And move: every benchmark calls as DICOMLAB, which Orthanc does not know either."""
    lab("seed", "quick")
    study = json.loads((lab.root / "studies/quick/manifest.json").read_text())["instances"][0][
        "study_instance_uid"
    ]
    keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study}", "orthanc", "4242"]
    asked = ["-aet", "MOVESCU", "-aec", "ORTHANC", "-S"]
    assert study in lab_output(lab, "findscu", "-v", *asked, *keys)
    lab("exec", "dcmtk", "sh", "-c", "mkdir -p /tmp/got")
    lab_output(lab, "getscu", "+xt", "-od", "/tmp/got", *asked, *keys)
    assert lab("exec", "dcmtk", "sh", "-c", "ls /tmp/got | wc -l").stdout.strip() == str(INSTANCES)


def lab_output(lab: Lab, *words: str) -> str:
    """What one of DCMTK's tools says, whatever its exit code."""
    return docker("exec", lab.container("dcmtk"), *words, check=False, with_stderr=True)


def test_at_patient_level_orthanc_sends_every_study_of_the_patient(lab: Lab) -> None:
    """Both keys are given, one is ignored: what is too much is no number."""
    lab("seed", "quick")
    words = ["bench", "move", "quick", "--level", "patient", "--runs", "1", "--warmup", "0"]
    assert lab.json(*words)["runs"][0]["level"] == "PATIENT"
    add_study_of_same_patient(lab)
    refused = lab(*words, code=6)
    forget_all_studies(lab)
    assert "is not of this study" in refused.stderr
    assert refused.stdout == ""


def test_a_pacs_that_answers_first_is_measured_to_its_last_image(lab: Lab) -> None:
    with variation(lab, "asynchronous-cmove"):
        run = lab.json("bench", "move", "quick", "--runs", "1", "--warmup", "0")["runs"][0]
    assert run["instances"] == INSTANCES
    assert run["stop"] == "all received"
    assert run["completion_s"] < run["duration_s"]


def test_a_receiver_that_stalls_is_named_and_quick_acks_cure_it(lab: Lab) -> None:
    words = ["bench", "move", "quick", "--runs", "1", "--warmup", "0"]
    delayed, quick = (lab.json(*words, "--ack", ack)["runs"][0] for ack in ("delayed", "quick"))
    stalls = [doubt for doubt in delayed["doubts"] if doubt["code"] == "delayed_ack_stall"]
    assert "answers in two writes" in stalls[0]["text"]
    assert 38 < delayed["gap_ms"]["p50"] < 50
    assert "delayed_ack_stall" not in {doubt["code"] for doubt in quick["doubts"]}


def test_an_orthanc_with_nagle_delivers_as_well_to_a_receiver_that_answers_at_once(lab: Lab) -> None:
    with variation(lab, "nagle"):
        run = lab.json("bench", "move", "quick", "--runs", "1", "--warmup", "0")["runs"][0]
    assert run["instances"] == INSTANCES
    assert "delayed_ack_stall" not in {doubt["code"] for doubt in run["doubts"]}


@contextmanager
def variation(lab: Lab, name: str) -> Iterator[None]:
    """Orthanc as that variation has it; afterwards as the others expect it."""
    lab("up", "--with", name)
    try:
        yield
    finally:
        lab("up")
