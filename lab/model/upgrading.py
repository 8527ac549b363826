"""Records of older schema versions, brought to the present one. Pure, on parsed JSON.

What an older version did not have is filled with what was then the case, else with what stands for
"not known". The histories are in lab.model.record and lab.model.store_record.
"""

from typing import Any

from lab.errors import UsageProblem
from lab.model.record import SCHEMA_VERSION

MOVE, STORE, SELF, GOALS = KINDS = ("move", "store", "self", "goals")

_NO_LINK: dict[str, Any] = {
    "assumed": [],
    "seed": {"pacs": None, "tester": None},
    "dropped_packets": {},
    "phases": [],
    "emulator": None,
}
_MOVE_RUN_BEFORE_2 = {
    "level": "STUDY",
    "requests": 1,
    "ack": "quick",
    "stop": "final response",
    "instances_rewritten": 0,
    "connections": [],
}


def kind_of(document: dict[str, Any], place: str) -> str:
    """ "move", "store", "self" or "goals", also of records that do not say. Raises UsageProblem."""
    if document.get("kind") in KINDS:
        return str(document["kind"])
    if "goals" in document:
        return GOALS
    if "samples" in document:
        return SELF
    if "runs" not in document or "schema_version" not in document:
        msg = f"{place}: not a record of a benchmark"
        raise UsageProblem(msg, "give files that --save wrote, or a folder with some")
    return STORE if any("stored" in run for run in _runs(document, place)) else MOVE


def upgraded(document: dict[str, Any], place: str) -> dict[str, Any]:
    """The record as the present version has it. Raises UsageProblem for one of a later version."""
    kind, version = kind_of(document, place), document.get("schema_version")
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        msg = f"{place}: schema version {version!r}; this lab reads 1 to {SCHEMA_VERSION}"
        raise UsageProblem(msg, "read it with the version of the lab that wrote it, or a later one")
    if kind == MOVE:
        document = {**document, "runs": [_move_run(run) for run in _runs(document, place)]}
    return {**document, "kind": kind}


def _runs(document: dict[str, Any], place: str) -> list[dict[str, Any]]:
    runs = document.get("runs")
    if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
        msg = f"{place}: its runs are no list of runs"
        raise UsageProblem(msg, "the record is damaged; leave the file out")
    return runs


def _move_run(run: dict[str, Any]) -> dict[str, Any]:
    receiver = {
        "ceiling_mbit_s": None,
        "busiest_cpu_s": run.get("receiver_cpu_s", 0.0),
        "peak_rss_bytes": None,
        "late_p99_ms": None,
        "late_max_ms": None,
    }
    timeline = run.get("timeline", {})
    if isinstance(timeline, dict):
        timeline = {"begin_s": [], "association": [], **timeline}
    return {**_MOVE_RUN_BEFORE_2, "receiver": receiver, "link": _NO_LINK, **run, "timeline": timeline}
