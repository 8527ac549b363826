"""DCMTK's storescu in the tools container, as many at once as asked for, one association each."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from lab.bench.holding import one_per_thread
from lab.bench.pace import Pace
from lab.errors import UsageProblem
from lab.model.progress import Task
from lab.model.study import Instance, Study
from lab.model.tls import TlsFiles
from lab.stack import quick_ack
from lab.system.engine import Engine
from lab.system.settings import Settings

_POLL_S = 0.5
_FILES_PER_ASSOCIATION = 5000  # a command line has its limits

# storescu proposes what it is told to, and only that encoding arrives unaltered (DCMTK's storescu manual)
_PROPOSED_BY = {
    "1.2.840.10008.1.2": "-xi",
    "1.2.840.10008.1.2.1": "-xe",
    "1.2.840.10008.1.2.2": "-xb",
    "1.2.840.10008.1.2.1.99": "-xd",
    "1.2.840.10008.1.2.5": "-xr",
    "1.2.840.10008.1.2.4.50": "-xy",
    "1.2.840.10008.1.2.4.51": "-xx",
    "1.2.840.10008.1.2.4.70": "-xs",
    "1.2.840.10008.1.2.4.80": "-xt",
    "1.2.840.10008.1.2.4.81": "-xu",
    "1.2.840.10008.1.2.4.90": "-xv",
    "1.2.840.10008.1.2.4.91": "-xw",
    "1.2.840.10008.1.2.4.100": "-xm",
    "1.2.840.10008.1.2.4.101": "-xh",
    "1.2.840.10008.1.2.4.102": "-xn",
    "1.2.840.10008.1.2.4.103": "-xl",
    "1.2.840.10008.1.2.4.104": "-x2",
    "1.2.840.10008.1.2.4.105": "-x3",
    "1.2.840.10008.1.2.4.106": "-xo",
    "1.2.840.10008.1.2.4.107": "-x4",
    "1.2.840.10008.1.2.4.108": "-x5",
}


def send(
    engine: Engine, settings: Settings, study: Study, wanted: Sequence[Instance], task: Task, jobs: int
) -> tuple[float, list[str]]:
    """Send instances of a study; seconds from first to last, and what storescu complained of.

    What the PACS refuses is passed over: the proof afterwards names it.

    ACKs are quick while it lasts, so that a PACS that has Nagle's algorithm on does not cost 40 ms an
    image; whoever calls puts the link back.
    """
    argvs = list(_argvs(study.name, wanted, jobs, settings.tls))
    quick_ack.acknowledge_at_once(engine, "dcmtk")
    orthanc = one_per_thread(settings)
    before = orthanc().count_instances()
    begun_s = time.monotonic()
    complaints = []
    pace = Pace(task, len(wanted), sum(instance.dataset_bytes for instance in wanted))
    with ThreadPoolExecutor(jobs) as pool:
        pending: set[Future[str]] = {pool.submit(_storescu, engine, argv) for argv in argvs}
        try:
            while pending:
                done, pending = wait(pending, timeout=_POLL_S, return_when=FIRST_COMPLETED)
                for future in done:
                    complaints.append(future.result())
                stored = orthanc().count_instances() - before
                pace.show(stored, sum(instance.dataset_bytes for instance in wanted[:stored]))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            engine.kill_in("dcmtk", "storescu")
            raise
    return time.monotonic() - begun_s, [complaint for complaint in complaints if complaint]


def _argvs(
    study_name: str, wanted: Sequence[Instance], jobs: int, tls: TlsFiles | None
) -> Iterator[list[str]]:
    """An association has instances of one transfer syntax: with several proposed, storescu would convert."""
    by_syntax: dict[str, list[Instance]] = {}
    for instance in wanted:
        by_syntax.setdefault(instance.transfer_syntax_uid, []).append(instance)
    for uid, group in by_syntax.items():
        words = ["storescu", "-nh", "-R", _proposal(uid), "-aec", "ORTHANC"]
        words += [*(tls.dcmtk_words if tls else []), "orthanc", "4242"]
        associations = max(jobs, -(-len(group) // _FILES_PER_ASSOCIATION))
        for share in range(min(associations, len(group))):
            files = [f"/studies/{study_name}/{one.file}" for one in group[share::associations]]
            yield words + files


def _storescu(engine: Engine, argv: Sequence[str]) -> str:
    ended = engine.exec("dcmtk", argv)
    said = [line for line in ended.stderr.splitlines() if line.startswith(("E:", "F:"))]
    if said:
        return f"storescu: {said[-1]}"
    return f"storescu ended with {ended.returncode}" if ended.returncode else ""


def _proposal(transfer_syntax_uid: str) -> str:
    if transfer_syntax_uid not in _PROPOSED_BY:
        msg = f"storescu cannot be told to propose {transfer_syntax_uid}"
        raise UsageProblem(msg, "lab seed --via rest")
    return _PROPOSED_BY[transfer_syntax_uid]
