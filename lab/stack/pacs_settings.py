"""Orthanc's own settings: read as it has them, changed for a while, put back.

Orthanc reads its configuration when it starts, and POST /tools/reset starts it anew within its process: its
container and its network, with what shapes it, stay as they are.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping

from lab.errors import LabError, PreflightError, UnhealthyError
from lab.model.case import Case
from lab.model.link_state import PACS
from lab.stack.lifecycle import is_ready
from lab.system import container_files
from lab.system.engine import Engine
from lab.system.orthanc import Orthanc
from lab.system.settings import Settings

_FOLDER = "/etc/orthanc-lab"
_FILES = ("orthanc.json", "tls.json")  # Orthanc reads all of the folder, and takes no setting twice
_KEPT = "/etc/as-up-"
_SECRET = "RegisteredUsers"
_STOPPED_S = 10.0
_READY_S = 60.0
_POLL_S = 0.05
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)

Configuration = dict[str, object]


class DidNotComeBack(UnhealthyError):
    """Orthanc was started anew, and did not answer in time."""


def read(engine: Engine) -> Configuration:
    """What Orthanc was started with, the environment's values filled in."""
    return _merged(engine, _texts(engine, f"{_FOLDER}/"))


def own(engine: Engine) -> Configuration:
    """The lab's, as it was brought up: also while a case has settings of its own."""
    return _merged(engine, _kept(engine))


def parsed(text: str, environment: Mapping[str, str]) -> Configuration:
    """Orthanc's JSON, as it reads it: lines of comment left out, ${NAME} from the environment."""
    filled = _VARIABLE.sub(lambda found: environment.get(found[1], ""), _COMMENT.sub("", text))
    found: Configuration = json.loads(filled)
    return found


def digest(configuration: Configuration) -> str:
    """SHA-256 in hex, the users' passwords left out."""
    public = {key: value for key, value in configuration.items() if key != _SECRET}
    return hashlib.sha256(json.dumps(public, sort_keys=True).encode()).hexdigest()


def plain_dicom(configuration: Configuration) -> Configuration:
    """The settings that turn DICOM TLS off, both ways."""
    modalities = configuration.get("DicomModalities")
    named = modalities if isinstance(modalities, dict) else {}
    return {
        "DicomTlsEnabled": False,
        "DicomModalities": {name: {**one, "UseDicomTls": False} for name, one in named.items()},
    }


def change(engine: Engine, settings: Settings, case: Case) -> None:
    """Have Orthanc run with the case's settings beside the lab's own, and speak DICOM as the case wants it.

    Raises:
        PreflightError: the case wants TLS, and the stack is up without.
        DidNotComeBack: Orthanc does not take one of them.
    """
    if case.tls and not settings.ca_file:
        msg = "the case wants DICOM TLS, and the stack is up without"
        raise PreflightError(msg, "lab up --with tls")
    kept = _kept(engine)
    as_up = _merged(engine, kept)
    wanted = {**as_up, **(plain_dicom(as_up) if case.tls is False else {}), **case.orthanc}
    if wanted != as_up:
        whole = {_FILES[0]: json.dumps(wanted, indent=1)}
        _write(engine, kept, {name: whole.get(name, "{}") for name in kept})
        restart(engine, settings)
    elif read(engine) != as_up:
        put_back(engine, settings)


def put_back(engine: Engine, settings: Settings) -> None:
    """The lab's own settings, where a command that was killed left others."""
    if PACS not in engine.running_services():
        return
    kept = _texts(engine, _KEPT)
    if kept and kept != _texts(engine, f"{_FOLDER}/"):
        _write(engine, kept, kept)
        restart(engine, settings)


def _write(engine: Engine, kept: Mapping[str, str], texts: Mapping[str, str]) -> None:
    """What is to be put back first."""
    container = engine.service(PACS)
    for name, text in kept.items():
        container_files.write(container, f"{_KEPT}{name}", text)
    for name, text in texts.items():
        container_files.write(container, f"{_FOLDER}/{name}", text)


def restart(engine: Engine, settings: Settings) -> None:
    """Orthanc anew, with its caches empty. Raises DidNotComeBack."""
    orthanc = Orthanc(settings)
    _wait_until(lambda: _answers(orthanc), _READY_S)  # a killed command may have begun to restart it
    orthanc.reset()
    _wait_until(lambda: not _answers(orthanc), _STOPPED_S)
    if not _wait_until(lambda: _answers(orthanc) and is_ready(engine, PACS), _READY_S):
        msg = f"Orthanc did not come back within {_READY_S:.0f} s of being started anew"
        raise DidNotComeBack(msg, "lab logs orthanc says why; lab down, then lab up")


def _answers(orthanc: Orthanc) -> bool:
    try:
        return bool(orthanc.system())
    except LabError:
        return False


def _wait_until(true: Callable[[], bool], at_most_s: float) -> bool:
    """Orthanc is away for a second, so nobody misses it."""
    deadline_s = time.monotonic() + at_most_s
    while not (found := true()) and time.monotonic() < deadline_s:
        time.sleep(_POLL_S)
    return found


def _kept(engine: Engine) -> dict[str, str]:
    return _texts(engine, _KEPT) or _texts(engine, f"{_FOLDER}/")


def _texts(engine: Engine, before: str) -> dict[str, str]:
    """Of the files that are there."""
    said = {name: engine.exec(PACS, ["cat", f"{before}{name}"]).stdout for name in _FILES}
    return {name: text for name, text in said.items() if text}


def _merged(engine: Engine, texts: Mapping[str, str]) -> Configuration:
    lines = engine.exec(PACS, ["env"]).stdout.splitlines()
    environment = dict(line.split("=", 1) for line in lines if "=" in line)
    found: Configuration = {}
    for text in texts.values():
        found |= parsed(text, environment)
    return found
