"""`lab echo` and the tools image's echoscu, asked the same of the lab's own Orthanc: the same exit codes."""

import json

import pytest

from tests.stack.lab import Lab, inspect
from tests.stack.waiting_lab import waiting_lab

DICOM_PORT = 4242
SAME = [
    "-aec ORTHANC",
    "-aec NOBODY",
    "-aec ORTHANC --repeat 5",
    "-aec ORTHANC --abort",
    "-aec ORTHANC -pts 52 -ppc 128",
    "-aec ORTHANC -pdu 4096",
    "-aec ORTHANC -pdu 4095",
    "-aec ORTHANC -pts 53",
    "-aec ORTHANC -ta 5 -td 5 -to 5 -ts 5",
    "-aec ORTHANC --nosuch",
    "-aec ORTHANC -i0",
    "-aec ORTHANC +tla -ic",
]


def published(lab: Lab) -> list[str]:
    """Host and port of Orthanc as this machine has it."""
    bindings = inspect(lab.container("orthanc"))["NetworkSettings"]["Ports"][f"{DICOM_PORT}/tcp"]
    return ["127.0.0.1", str(bindings[0]["HostPort"])]


@pytest.mark.parametrize("words", SAME)
def test_orthanc_gets_the_exit_code_that_the_tools_echoscu_gets(lab: Lab, words: str) -> None:
    ours = lab.argv("echo", *words.split(), *published(lab))
    theirs = lab.argv("exec", "dcmtk", "echoscu", *words.split(), "orthanc", str(DICOM_PORT))
    assert waiting_lab().run(ours).returncode == waiting_lab().run(theirs).returncode


def test_orthanc_is_timed(lab: Lab) -> None:
    ran = lab("echo", "--count", "20", "--interval", "0", "-o", "json", "-aec", "ORTHANC", *published(lab))
    document = json.loads(ran.stdout)
    assert (document["sent"], document["answered"], document["lost"]) == (20, 20, 0)
    assert 0 < document["min_ms"] <= document["median_ms"] <= document["p95_ms"] <= document["max_ms"] < 5000
