"""Put a study into the PACS and prove that it is there: the set of instances, the bytes of each Data Set."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import local

from lab.errors import DeliveryError, LabError, UsageProblem
from lab.model.progress import Progress, Task
from lab.model.study import Instance, Study
from lab.system import studies
from lab.system.engine import Engine
from lab.system.home import Home
from lab.system.orthanc import Orthanc, Stored
from lab.system.settings import Settings

WAYS = ("auto", "rest", "storescu")
_DEFAULT_JOBS = {"rest": 4, "storescu": 1}
_POLL_S = 0.5
_NAMED_AT_MOST = 3

# storescu proposes a compressed transfer syntax only when told to (DCMTK's storescu manual)
_STORESCU_PROPOSES = {
    "1.2.840.10008.1.2": "-xi",
    "1.2.840.10008.1.2.1": "-xe",
    "1.2.840.10008.1.2.5": "-xr",
    "1.2.840.10008.1.2.4.50": "-xy",
    "1.2.840.10008.1.2.4.70": "-xs",
    "1.2.840.10008.1.2.4.80": "-xt",
    "1.2.840.10008.1.2.4.81": "-xu",
    "1.2.840.10008.1.2.4.90": "-xv",
    "1.2.840.10008.1.2.4.91": "-xw",
}


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """A study proved to be in the PACS. ``via`` is "already there" when nothing was sent."""

    study: str
    via: str
    instances: int
    dataset_bytes: int
    duration_s: float


def seed(
    home: Home,
    engine: Engine,
    settings: Settings,
    study: Study,
    progress: Progress,
    *,
    via: str,
    jobs: int | None,
) -> Seeded:
    """Have the PACS hold exactly what the manifest lists. Raises DeliveryError naming what differs."""
    chosen = "rest" if via == "auto" else via
    begun_s = time.monotonic()
    engine.kill_in("dcmtk", "storescu")  # a killed command's would go on beside us
    with progress.task(f"looking for {study.name} in Orthanc"):
        wanting = _differences(settings, study)
    if wanting:
        for key in study.keys:
            Orthanc(settings).delete_study(key.study_instance_uid)
        with progress.task(f"seeding {study.name} by {chosen}") as task:
            _send(home, engine, settings, study, task, chosen, jobs or _DEFAULT_JOBS[chosen])
        with progress.task("proving what Orthanc stored"):
            _prove(settings, study)
    else:
        chosen = "already there"
    return Seeded(
        study=study.name,
        via=chosen,
        instances=len(study.instances),
        dataset_bytes=study.dataset_bytes,
        duration_s=time.monotonic() - begun_s,
    )


def _send(
    home: Home, engine: Engine, settings: Settings, study: Study, task: Task, via: str, jobs: int
) -> None:
    if via == "rest":
        _send_by_rest(studies.folder(home, study.name), settings, study, task, jobs)
    else:
        _send_by_storescu(engine, settings, study, task, jobs)


def _send_by_rest(folder: Path, settings: Settings, study: Study, task: Task, jobs: int) -> None:
    """POST each file, over ``jobs`` connections that are kept alive."""
    orthanc = _one_per_thread(settings)

    def post(instance: Instance) -> None:
        orthanc().upload((folder / instance.file).read_bytes())

    with ThreadPoolExecutor(jobs) as pool:
        try:
            for sent, _ in enumerate(pool.map(post, study.instances), 1):
                task.update(sent, len(study.instances), f"{sent} instances")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _one_per_thread(settings: Settings) -> Callable[[], Orthanc]:
    """Each thread its own kept-alive connection."""
    mine = local()

    def get() -> Orthanc:
        if not hasattr(mine, "orthanc"):
            mine.orthanc = Orthanc(settings)
        found: Orthanc = mine.orthanc
        return found

    return get


def _send_by_storescu(engine: Engine, settings: Settings, study: Study, task: Task, jobs: int) -> None:
    """DCMTK's storescu in the tools container, ``jobs`` of them at once, one association each."""
    orthanc = Orthanc(settings)
    before = orthanc.count_instances()
    shares = [study.instances[job::jobs] for job in range(jobs)]
    with ThreadPoolExecutor(jobs) as pool:
        pending: set[Future[None]] = {
            pool.submit(_storescu, engine, study.name, share) for share in shares if share
        }
        try:
            while pending:
                done, pending = wait(pending, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                stored = orthanc.count_instances() - before
                task.update(stored, len(study.instances), f"{stored} instances")
        except BaseException:
            engine.kill_in("dcmtk", "storescu")
            raise


def _storescu(engine: Engine, study_name: str, share: Sequence[Instance]) -> None:
    proposals = {_proposal(instance.transfer_syntax_uid) for instance in share}
    files = [f"/studies/{study_name}/{instance.file}" for instance in share]
    ended = engine.exec("dcmtk", ["storescu", "-aec", "ORTHANC", *proposals, "orthanc", "4242", *files])
    if ended.returncode:
        msg = f"storescu ended with {ended.returncode}: {ended.stderr.strip()[-300:]}"
        raise LabError(msg, "lab logs orthanc")


def _proposal(transfer_syntax_uid: str) -> str:
    if transfer_syntax_uid not in _STORESCU_PROPOSES:
        msg = f"storescu cannot be told to propose {transfer_syntax_uid}"
        raise UsageProblem(msg, "lab seed --via rest")
    return _STORESCU_PROPOSES[transfer_syntax_uid]


def _prove(settings: Settings, study: Study) -> None:
    if wrong := _differences(settings, study):
        more = f" and {len(wrong) - _NAMED_AT_MOST} more" if len(wrong) > _NAMED_AT_MOST else ""
        named = "; ".join(wrong[:_NAMED_AT_MOST])
        msg = f"what Orthanc holds of {study.name} is not what was sent: {named}{more}"
        raise DeliveryError(msg, "lab logs orthanc, then lab seed again")


def _differences(settings: Settings, study: Study) -> list[str]:
    """Instances missing, extra or of another size, each in words."""
    orthanc = _one_per_thread(settings)
    stored = {
        found.sop_instance_uid: found
        for key in study.keys
        for found in orthanc().instances(key.study_instance_uid)
    }
    missing = [f"{uid} is missing" for uid in study.by_uid.keys() - stored.keys()]
    extra = [f"{uid} should not be there" for uid in stored.keys() - study.by_uid.keys()]
    both = study.by_uid.keys() & stored.keys()
    with ThreadPoolExecutor(_DEFAULT_JOBS["rest"]) as pool:
        sizes = pool.map(lambda uid: _size_difference(orthanc(), study.by_uid[uid], stored[uid]), both)
        return missing + extra + [size for size in sizes if size]


def _size_difference(orthanc: Orthanc, wanted: Instance, stored: Stored) -> str:
    """By C-STORE Orthanc writes File Meta Information of its own: then only the Data Set compares."""
    if stored.file_bytes == wanted.file_bytes:
        return ""
    found_bytes = orthanc.dataset_bytes(stored)
    if found_bytes == wanted.dataset_bytes:
        return ""
    return f"{wanted.sop_instance_uid} has {found_bytes} bytes, not {wanted.dataset_bytes}"
