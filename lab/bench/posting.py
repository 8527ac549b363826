"""Orthanc's REST API, from the tester container: as many connections at once as asked for, kept alive."""

from collections.abc import Mapping, Sequence

from lab.bench.pace import Pace
from lab.bench.store_methods import outgoing
from lab.model.progress import Task
from lab.model.store import PostOrder
from lab.model.study import Instance, Study
from lab.stack import shaping
from lab.system import agent
from lab.system.engine import Engine
from lab.system.settings import USER, Settings

_HTTP_PORT = 8042


def send(
    engine: Engine, settings: Settings, study: Study, wanted: Sequence[Instance], task: Task, jobs: int
) -> list[str]:
    """Send instances of a study; returns what Orthanc complained of. What it refuses is passed over."""
    order = PostOrder(
        host=shaping.PACS,
        port=_HTTP_PORT,
        user=USER,
        password=settings.password,
        folder=f"/studies/{study.name}",
        shares=[
            [outgoing(instance) for instance in wanted[share::jobs]]
            for share in range(min(jobs, len(wanted)))
        ],
    )

    pace = Pace(task, len(wanted), sum(instance.dataset_bytes for instance in wanted))

    def show(sofar: Mapping[str, int]) -> None:
        pace.show(sofar["instances"], sofar["bytes"])

    outcome = agent.post(engine, order, show)
    named = {instance.sop_instance_uid: instance.file for instance in wanted}
    complaints = [f"{named[uid]}: {why}" for uid, why in outcome.failures.items()]
    return complaints + ([outcome.lost] if outcome.lost else [])
