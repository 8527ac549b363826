"""Put a study into the PACS and prove that it is there: the set of instances, the content of each."""

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from lab.bench import posting, storescu
from lab.bench.holding import Holding, holding
from lab.errors import DeliveryError, named
from lab.model.progress import Progress
from lab.model.study import Study
from lab.stack.putting_back import as_found
from lab.system.engine import Engine
from lab.system.home import Home
from lab.system.orthanc import Orthanc
from lab.system.settings import Settings

WAYS = ("auto", "rest", "storescu")
_DEFAULT_JOBS = {"rest": 4, "storescu": 1}


@dataclass(frozen=True, kw_only=True)
class Seeding:
    """What is to be seeded, where and how: ``via`` one of WAYS, over ``jobs`` connections or associations.

    One connection keeps the order of the manifest; None is what suits the way.
    """

    home: Home
    engine: Engine
    settings: Settings
    study: Study
    progress: Progress
    via: str = "auto"
    jobs: int | None = None


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """A study proved to be in the PACS.

    Attributes:
        via: how; "already there" when nothing was sent.
        sent: so many instances were, the others were there before.
        rewritten: so many hold the same elements, but not the same bytes.
        sending_s: from the first instance to the last, without the proofs.
    """

    study: str
    via: str
    instances: int
    dataset_bytes: int
    sent: int
    rewritten: int
    sending_s: float
    duration_s: float


def seed(order: Seeding) -> Seeded:
    """Have the PACS hold exactly what the manifest lists: what is there and right is not sent again.

    Raises DeliveryError naming what was refused, lost or altered.
    """
    begun_s = time.monotonic()
    via = "rest" if order.via == "auto" else order.via
    order.engine.kill_in("dcmtk", "storescu")  # a killed command's would go on beside us
    with order.progress.task(f"looking for {order.study.name} in Orthanc"):
        found = holding(order.home, order.settings, order.study)
    sending_s = 0.0
    wanting = found.wanting
    if not found.is_the_study:
        _clear_away(order, found)
        sending_s, complaints = _send(order, found, via)
        with order.progress.task("proving what Orthanc stored"):
            found = holding(order.home, order.settings, order.study)
        _check(order.study, found, complaints)
    return Seeded(
        study=order.study.name,
        via=via if wanting else "already there",
        instances=len(order.study.instances),
        dataset_bytes=order.study.dataset_bytes,
        sent=len(wanting),
        rewritten=len(found.rewritten),
        sending_s=sending_s,
        duration_s=time.monotonic() - begun_s,
    )


def _clear_away(order: Seeding, found: Holding) -> None:
    """What is in the way: another content under the same UID, instances the manifest does not list."""
    orthanc = Orthanc(order.settings)
    for stored in [*(stored for _, stored in found.altered), *found.extra]:
        orthanc.delete_instance(stored)


def _send(order: Seeding, found: Holding, via: str) -> tuple[float, list[str]]:
    """What is wanting; seconds that took, and complaints."""
    jobs = order.jobs or _DEFAULT_JOBS[via]
    wanted = found.wanting
    send = storescu.send if via == "storescu" else posting.send
    with _link_as_found(order, via), order.progress.task(f"seeding {order.study.name} by {via}") as task:
        return send(order.engine, order.settings, order.study, wanted, task, jobs)


def _link_as_found(order: Seeding, via: str) -> AbstractContextManager[None]:
    """For storescu the tools container's route is changed."""
    if via != "storescu":
        return nullcontext()
    doing = f"seeding of {order.study.name}"
    return as_found(order.home, order.engine, doing, order.progress.say)


def _check(study: Study, found: Holding, complaints: list[str]) -> None:
    if not found.is_the_study:
        said = f" ({'; '.join(complaints[:3])})" if complaints else ""
        msg = f"what Orthanc holds of {study.name} is not what was sent: {named(found.differences())}{said}"
        raise DeliveryError(msg, "lab logs orthanc; lab seed again sends what is wanting")
