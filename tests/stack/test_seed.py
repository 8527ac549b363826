"""`lab seed`: what the PACS holds afterwards is the manifest's, whatever was there before."""

import io
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pydicom
import pytest
import requests
from pydicom.uid import UID

from tests.stack.lab import INSTANCES, Lab, docker
from tests.stack.pacs import orthanc_session


class Pacs:
    """Orthanc's REST API."""

    def __init__(self, session: requests.Session, url: str) -> None:
        self._session = session
        self._url = url

    def __call__(self, method: str, path: str, content: bytes | None = None) -> Any:
        response = self._session.request(method, self._url + path, data=content)
        response.raise_for_status()
        return response.json()

    def forget_all(self) -> None:
        for study in self("GET", "/studies"):
            self("DELETE", f"/studies/{study}")


@pytest.fixture(scope="module")
def pacs(lab: Lab) -> Iterator[Pacs]:
    with orthanc_session(lab) as (session, url):
        yield Pacs(session, url)


@pytest.mark.parametrize(
    "words",
    [["--via", "rest"], ["--via", "storescu", "--jobs", "2"], ["--via", "auto"], ["--in-order"]],
)
def test_a_study_is_seeded_and_proved_each_way(lab: Lab, pacs: Pacs, words: list[str]) -> None:
    pacs.forget_all()
    assert f"{INSTANCES} sent by" in lab("seed", "quick", *words).stdout
    assert pacs("GET", "/statistics")["CountInstances"] == INSTANCES
    assert "already, proved" in lab("seed", "quick").stdout


def test_in_order_means_the_manifests_order(lab: Lab, pacs: Pacs) -> None:
    pacs.forget_all()
    lab("seed", "quick", "--in-order")
    changes = pacs("GET", "/changes?limit=100000")["Changes"]
    stored = [change["ID"] for change in changes if change["ChangeType"] == "NewInstance"][-INSTANCES:]
    numbers = [int(pacs("GET", f"/instances/{one}/simplified-tags")["InstanceNumber"]) for one in stored]
    assert numbers == list(range(1, INSTANCES + 1))


def test_only_what_is_wanting_is_sent(lab: Lab, pacs: Pacs) -> None:
    lab("seed", "quick")
    for one in pacs("GET", "/instances")[:3]:
        pacs("DELETE", f"/instances/{one}")
    assert "; 3 sent by rest" in lab("seed", "quick").stdout


@pytest.mark.parametrize("via", ["rest", "storescu"])
def test_another_content_under_the_same_uid_is_replaced(lab: Lab, pacs: Pacs, via: str) -> None:
    lab("seed", "quick")
    altered = pydicom.dcmread(lab.root / "studies/quick/00007.dcm")
    altered.StudyDescription = "something else"
    upload(pacs, altered)
    assert f"; 1 sent by {via}" in lab("seed", "quick", "--via", via).stdout
    assert pacs("GET", "/statistics")["CountInstances"] == INSTANCES


def test_an_instance_too_many_is_taken_away(lab: Lab, pacs: Pacs) -> None:
    lab("seed", "quick")
    extra = pydicom.dcmread(lab.root / "studies/quick/00007.dcm")
    extra.SOPInstanceUID = extra.file_meta.MediaStorageSOPInstanceUID = UID("2.25.4711")
    upload(pacs, extra)
    lab("seed", "quick")
    assert pacs("GET", "/statistics")["CountInstances"] == INSTANCES


def upload(pacs: Pacs, data_set: pydicom.Dataset) -> None:
    content = io.BytesIO()
    pydicom.dcmwrite(content, data_set)
    pacs("POST", "/instances", content.getvalue())


@pytest.mark.parametrize("via", ["rest", "storescu"])
def test_what_the_pacs_refuses_is_named_and_the_rest_is_there(lab: Lab, pacs: Pacs, via: str) -> None:
    """A file that rotted on disk after its manifest was written."""
    pacs.forget_all()
    file = lab.root / "studies/quick/00007.dcm"
    content = file.read_bytes()
    try:
        file.write_bytes(content[:300] + bytes(len(content) - 300))
        ended = lab("seed", "quick", "--via", via, code=6)
    finally:
        file.write_bytes(content)
    assert "00007.dcm (2.25." in ended.stderr
    assert "00008.dcm" not in ended.stderr
    assert "; 1 sent by" in lab("seed", "quick").stdout


def test_a_seeding_that_was_killed_goes_on_where_it_stopped(lab: Lab, pacs: Pacs) -> None:
    pacs.forget_all()
    seeding = lab.start("seed", "quick", "--in-order", "--via", "storescu")
    while pacs("GET", "/statistics")["CountInstances"] == 0:
        assert seeding.poll() is None
        time.sleep(0.01)
    os.killpg(seeding.pid, signal.SIGKILL)
    seeding.communicate()
    ended = lab("seed", "quick")
    assert "was killed: putting the link back" in ended.stderr
    assert pacs("GET", "/statistics")["CountInstances"] == INSTANCES


def test_storescu_leaves_the_tools_containers_route_as_it_was(lab: Lab, pacs: Pacs) -> None:
    before = routes(lab)
    pacs.forget_all()
    lab("seed", "quick", "--via", "storescu")
    assert routes(lab) == before


def routes(lab: Lab) -> str:
    tester = f"{lab.project}/tester"
    beside = f"container:{lab.container('dcmtk')}"
    return docker("run", "--rm", "--network", beside, tester, "ip", "route", "show")


def test_in_order_and_several_jobs_contradict_each_other(lab: Lab) -> None:
    ended = lab("seed", "quick", "--in-order", "--jobs", "4", code=2)
    assert "leave one of them out" in ended.stderr
