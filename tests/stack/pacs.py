"""The stack's Orthanc from outside: what it holds, and what is put there or taken away."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydicom
import requests
from pydicom.uid import UID
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from tests.stack.lab import Lab


@contextmanager
def orthanc_session(lab: Lab) -> Iterator[tuple[requests.Session, str]]:
    """Orthanc's REST API: a session that may, and its address."""
    at = lab.json("status")["orthanc"]
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", HTTPAdapter(max_retries=Retry(total=1, allowed_methods=None)))
        session.auth = (at["user"], at["password"])
        yield session, at["url"]


def orthanc(lab: Lab, method: str, path: str) -> Any:
    with orthanc_session(lab) as (session, url):
        return session.request(method, url + path).json()


def forget_all_studies(lab: Lab) -> None:
    for study in orthanc(lab, "GET", "/studies"):
        orthanc(lab, "DELETE", f"/studies/{study}")


def add_study_of_same_patient(lab: Lab) -> None:
    """One of the quick study's instances as another study."""
    image = pydicom.dcmread(next((lab.root / "studies/quick").rglob("*.dcm")))
    image.StudyInstanceUID, image.SeriesInstanceUID = UID("2.25.4713"), UID("2.25.4714")
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = UID("2.25.4715")
    content = io.BytesIO()
    pydicom.dcmwrite(content, image)
    with orthanc_session(lab) as (session, url):
        assert session.post(f"{url}/instances", data=content.getvalue()).status_code == 200
