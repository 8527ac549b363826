"""Orthanc's own settings: read as it has them, changed for a while, put back.

Orthanc reads its configuration when it starts, and POST /tools/reset starts it anew within its process: its
container and its network, with what shapes it, stay as they are.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping

from lab.errors import LabError, UnhealthyError
from lab.model.case import Setting
from lab.stack.hosts import PACS
from lab.stack.lifecycle import is_ready
from lab.system.engine import Engine
from lab.system.orthanc import Orthanc
from lab.system.settings import Settings

_FOLDER = "/etc/orthanc-lab"
_FILE = f"{_FOLDER}/orthanc.json"
_KEPT = "/etc/orthanc-as-up.json"
_SECRET = "RegisteredUsers"
_STOPPED_S = 10.0
_READY_S = 60.0
_POLL_S = 0.05
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)

Configuration = dict[str, object]


def read(engine: Engine) -> Configuration:
    """What Orthanc was started with, the environment's values filled in."""
    return parsed(_text(engine, _FILE), _environment(engine))


def parsed(text: str, environment: Mapping[str, str]) -> Configuration:
    """Orthanc's JSON, as it reads it: lines of comment left out, ${NAME} from the environment."""
    filled = _VARIABLE.sub(lambda found: environment.get(found[1], ""), _COMMENT.sub("", text))
    found: Configuration = json.loads(filled)
    return found


def digest(configuration: Configuration) -> str:
    """SHA-256 in hex, the users' passwords left out."""
    public = {key: value for key, value in configuration.items() if key != _SECRET}
    return hashlib.sha256(json.dumps(public, sort_keys=True).encode()).hexdigest()


def change(engine: Engine, settings: Settings, wanted: Mapping[str, Setting]) -> None:
    """Have Orthanc run with these beside the lab's own; none is the lab's own alone.

    Raises UnhealthyError when Orthanc does not come back, for it does not take one of them.
    """
    kept = _text(engine, _KEPT) or _text(engine, _FILE)
    own = parsed(kept, _environment(engine))
    if read(engine) == {**own, **wanted}:
        return
    engine.write_file(PACS, _KEPT, kept)
    engine.write_file(PACS, _FILE, json.dumps({**own, **wanted}, indent=1) if wanted else kept)
    restart(engine, settings)


def put_back(engine: Engine, settings: Settings) -> None:
    """The lab's own settings, where a command that was killed left others."""
    if PACS in engine.running_services() and _text(engine, _KEPT):
        change(engine, settings, {})


def restart(engine: Engine, settings: Settings) -> None:
    """Orthanc anew, with its caches empty. Raises UnhealthyError when it does not come back."""
    orthanc = Orthanc(settings)
    orthanc.reset()
    _wait_until(lambda: not _answers(orthanc), _STOPPED_S)
    if not _wait_until(lambda: _answers(orthanc) and is_ready(engine, PACS), _READY_S):
        msg = f"Orthanc did not come back within {_READY_S:.0f} s of being started anew"
        raise UnhealthyError(msg, "lab logs orthanc says why; lab down, then lab up")


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


def _text(engine: Engine, path: str) -> str:
    """ "" when it is not there."""
    return engine.exec(PACS, ["cat", path]).stdout


def _environment(engine: Engine) -> dict[str, str]:
    lines = engine.exec(PACS, ["env"]).stdout.splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)
