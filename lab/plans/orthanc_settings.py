"""Settings of Orthanc that a plan may vary, and those that the lab needs as they are."""

import json
import math
import re
from collections.abc import Mapping

from lab.link.link_keys import shown
from lab.model.case import Setting
from lab.plans.keys import PAGE, refuse

_REACHED = "the lab reaches Orthanc by it"
_STORED = "the lab's volume is there"
_GUARDED = "the lab's password keeps others out"
_TLS = "TLS belongs to the stack as it is up: lab up --with tls"

KEPT: Mapping[str, str] = {
    "DicomAet": _REACHED,
    "DicomPort": _REACHED,
    "DicomServerEnabled": _REACHED,
    "HttpPort": _REACHED,
    "HttpServerEnabled": _REACHED,
    "HttpBindAddresses": _REACHED,
    "StorageDirectory": _STORED,
    "IndexDirectory": _STORED,
    "RemoteAccessAllowed": _GUARDED,
    "AuthenticationEnabled": _GUARDED,
    "RegisteredUsers": _GUARDED,
    "DicomModalities": "Orthanc finds the tester in it",
    "DicomModalitiesInDatabase": "Orthanc finds the tester in DicomModalities",
}
KEPT_FAMILIES: Mapping[str, str] = {
    "DicomTls": _TLS,
    "Ssl": _TLS,
    "DicomAlwaysAllow": "the hosts of the lab call Orthanc by titles that it does not know",
}
_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,99}")


def orthanc_settings(value: object, place: str) -> str:
    """One table of settings as JSON with its names in order; "" for an empty one. Raises UsageProblem."""
    if not isinstance(value, Mapping):
        refuse(f"{place} = {shown(value)} is not a table of settings", "write { ConcurrentJobs = 4 }, or {}")
    for name, setting in value.items():
        _check(name, setting, place)
    return json.dumps(value, sort_keys=True) if value else ""


def _check(name: str, setting: object, place: str) -> None:
    reason = KEPT.get(name) or next((KEPT_FAMILIES[one] for one in KEPT_FAMILIES if name.startswith(one)), "")
    if reason:
        refuse(f"{place} sets {name}, which stays as the lab has it: {reason}", f"leave {name} out")
    if not _NAME.fullmatch(name):
        refuse(
            f"{place}: {shown(name)} is no name of a setting",
            f"as in Orthanc's Book: StorageCompression; {PAGE}",
        )
    if not isinstance(setting, Setting) or (isinstance(setting, float) and not math.isfinite(setting)):
        refuse(f"{place}: {name} = {shown(setting)}", "allowed: true, false, a number or a text")
