"""Orthanc's REST API, as much of it as the lab needs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from lab.errors import LabError, UnhealthyError
from lab.model.study import StudyKey
from lab.system.settings import USER, Settings

_TIMEOUT_S = 60
_CHUNK_BYTES = 1 << 20
# Orthanc ends a connection that is idle for a second: a request may be begun at just that moment
_AGAIN = Retry(total=1, connect=0, redirect=0, status=0, allowed_methods=("GET", "DELETE"))
_DICOM_FILE = 1  # Orthanc's number for the attachment that is the instance itself


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One instance as Orthanc has it: size and MD5 of the file that it keeps."""

    orthanc_id: str
    sop_instance_uid: str
    file_bytes: int
    file_md5: str


class Orthanc:
    """One Orthanc, over one kept-alive connection; use one object per thread."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.url
        self._session = requests.Session()
        self._session.auth = (USER, settings.password)
        self._session.verify = settings.ca_file or True
        self._session.trust_env = False  # the way to 127.0.0.1 leads through no proxy
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=_AGAIN))

    def system(self) -> dict[str, Any]:
        """GET /system: name, version, AE title."""
        found: dict[str, Any] = self._call("GET", "/system").json()
        return found

    def instances(self, key: StudyKey) -> list[Stored]:
        """What Orthanc has of a study; empty when it does not know it."""
        query = {
            "Level": "Instance",
            "Query": {"StudyInstanceUID": key.study_instance_uid},
            "ResponseContent": ["MainDicomTags", "Attachments"],
        }
        return [_stored(found) for found in self._call("POST", "/tools/find", json=query).json()]

    def first_bytes(self, stored: Stored, count: int) -> bytes:
        """The beginning of the file that it keeps for an instance."""
        path = f"/instances/{stored.orthanc_id}/attachments/dicom/data"
        return self._call("GET", path, headers={"Range": f"bytes=0-{count - 1}"}).content

    def file(self, stored: Stored) -> Iterator[bytes]:
        """The whole of it, in chunks."""
        with self._call("GET", f"/instances/{stored.orthanc_id}/file", stream=True) as response:
            yield from response.iter_content(_CHUNK_BYTES)

    def count_instances(self) -> int:
        """GET /statistics: instances of all studies."""
        return int(self._call("GET", "/statistics").json()["CountInstances"])

    def reset(self) -> None:
        """POST /tools/reset: it starts anew within its process, with its configuration read again."""
        self._call("POST", "/tools/reset", data="")

    def delete_study(self, key: StudyKey) -> None:
        """DELETE every study with that UID."""
        query = {"Level": "Study", "Query": {"StudyInstanceUID": key.study_instance_uid}}
        for orthanc_id in self._call("POST", "/tools/find", json=query).json():
            self._call("DELETE", f"/studies/{orthanc_id}")

    def delete_instance(self, stored: Stored) -> None:
        """DELETE /instances/{id}."""
        self._call("DELETE", f"/instances/{stored.orthanc_id}")

    def _call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        try:
            response = self._session.request(method, self._url + path, timeout=_TIMEOUT_S, **arguments)
        except requests.RequestException as error:
            msg = f"Orthanc does not answer at {self._url}{path} ({type(error).__name__})"
            raise UnhealthyError(msg, "lab up, if it does not run; lab logs orthanc, if it does") from error
        if response.status_code == requests.codes.unauthorized:
            msg = "Orthanc does not take the password in the lab's settings"
            raise UnhealthyError(msg, "lab down, then lab up, gives it the present settings")
        if not response.ok:
            msg = f"Orthanc refuses {method} {path}: {response.status_code} {response.text.strip()[:300]}"
            raise LabError(msg, "lab logs orthanc")
        return response


def _stored(found: Mapping[str, Any]) -> Stored:
    file = next(item for item in found["Attachments"] if item["ContentType"] == _DICOM_FILE)
    return Stored(
        orthanc_id=found["ID"],
        sop_instance_uid=found["MainDicomTags"]["SOPInstanceUID"],
        file_bytes=int(file["UncompressedSize"]),
        file_md5=file["UncompressedMD5"],
    )
