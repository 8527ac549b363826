"""Orthanc's REST API, from the tester container: as many connections at once as asked for, kept alive."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from lab.bench.pace import Pace
from lab.model.link_state import PACS
from lab.model.progress import Task
from lab.model.study import Instance, Study
from lab.system import agent
from lab.system.engine import Engine
from lab.system.settings import USER, Settings

_HTTP_PORT = 8042


def send(
    engine: Engine, settings: Settings, study: Study, wanted: Sequence[Instance], task: Task, jobs: int
) -> tuple[float, list[str]]:
    """Send instances of a study; seconds from the first to the last, and what Orthanc complained of.

    What it refuses is passed over: the proof afterwards names it.
    """
    pace = Pace(task, len(wanted), sum(instance.dataset_bytes for instance in wanted))
    order = {
        "host": PACS,
        "port": _HTTP_PORT,
        "credentials": f"{USER}:{settings.password}",
        "folder": f"/studies/{study.name}",
        "files": [instance.file for instance in wanted],
        "connections": jobs,
        "tls": asdict(settings.https) if settings.https else None,
    }

    def show(sofar: Mapping[str, int]) -> None:
        pace.show(sofar["instances"], sofar["bytes"])

    said = agent.upload(engine, order, show)
    return said["duration_s"], [f"{file}: {why}" for file, why in said["failures"].items()]
