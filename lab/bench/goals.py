"""What the instrument must reach, as ratios in one run: against its rivals, alone and on a real PACS.

Nothing here is a test: times on a busy machine say little, ratios of medians taken in turn say more.
"""

import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lab.bench import study_goals
from lab.bench.c_move import Bench, c_move
from lab.bench.environment import describe
from lab.bench.goal_lines import TEN_TIMES, goals_from
from lab.bench.instrument import RECEIVERS, Load, sample
from lab.bench.proof import prove
from lab.bench.seed import Seeding, seed
from lab.errors import LabError
from lab.model.case import Case
from lab.model.link_state import KERNELS_OWN
from lab.model.progress import Progress
from lab.model.record import GoalRecord, ReceiverSample
from lab.model.study import Study
from lab.stack import images, lifecycle
from lab.system import recipes, records, studies
from lab.system.engine import Engine
from lab.system.home import Home

STUDY = "reference"
_NAGLE = ("nagle",)
_MAKING_ROUNDS = 2
_PARALLEL = 8
_DCMTK_PORT = 11112


def reach(home: Home, engine: Engine, rounds: int, progress: Progress, folder: Path) -> GoalRecord:
    """Receivers alone, then the same study from Orthanc by each way, then from an Orthanc with Nagle's on.

    The stack is brought up for it, and left as `lab up` leaves it.
    """
    images.build(home, engine, progress)
    bench = _bench(home, engine, progress, ())
    environment = describe(engine, bench.settings)
    samples = list(_alone(bench, rounds))
    durations = {
        "lab": _durations(bench, rounds, _ours),
        "SpeedTest's way": _durations(bench, rounds, _speedtest_way),
        **study_goals.making(bench, recipes.recipe(STUDY), _MAKING_ROUNDS),
        **study_goals.seeding(bench, rounds),
    }
    with _variation(home, engine, progress, _NAGLE) as bench:
        durations |= study_goals.seeding_with_nagle(bench)
        durations["lab, nagle"] = _durations(bench, rounds, _ours)
        durations["movescu, nagle"] = _durations(bench, 1, _movescu)
    record = GoalRecord(
        environment=environment,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        goals=goals_from(samples, durations, environment.cpus),
        samples=samples,
        durations_s=durations,
    )
    folder.mkdir(parents=True, exist_ok=True)
    records.save(record, folder / f"{record.started.replace(':', '').replace('-', '')[:15]}-goals.json")
    return record


def _bench(home: Home, engine: Engine, progress: Progress, variations: Sequence[str]) -> Bench:
    settings = lifecycle.up(home, engine, progress, variations=variations)
    study = studies.make(home, recipes.recipe(STUDY), progress)
    seed(Seeding(home=home, engine=engine, settings=settings, study=study, progress=progress))
    return Bench(home=home, engine=engine, settings=settings, study=study, progress=progress)


@contextmanager
def _variation(home: Home, engine: Engine, progress: Progress, variations: Sequence[str]) -> Iterator[Bench]:
    try:
        yield _bench(home, engine, progress, variations)
    finally:
        lifecycle.up(home, engine, progress)


def _alone(bench: Bench, rounds: int) -> Iterator[ReceiverSample]:
    """Every receiver in turn; then ours with one association and eight, and with ten times as much."""
    one = Load()
    several = dataclasses.replace(one, instances=4 * one.instances, associations=_PARALLEL)
    ten = dataclasses.replace(one, instances=TEN_TIMES * one.instances)
    for number in range(1, rounds + 1):
        for receiver in RECEIVERS:
            yield _sample(bench, receiver, one, f"round {number} of {rounds}: {receiver}")
        yield _sample(bench, "lab", several, f"round {number} of {rounds}: {_PARALLEL} associations")
        yield _sample(bench, "lab", ten, f"round {number} of {rounds}: ten times as much")


def _sample(bench: Bench, receiver: str, load: Load, title: str) -> ReceiverSample:
    processes = bench.engine.cpus() if load.associations > 1 else 1
    with bench.progress.task(title):
        return sample(bench.engine, receiver, load, processes)


def _durations(bench: Bench, rounds: int, way: Callable[[Bench], float]) -> list[float]:
    """Each after a run that is not counted, which leaves the study in the PACS's cache."""
    name = way.__name__.strip("_").replace("_", " ")
    _ours(bench)
    found = []
    for number in range(1, rounds + 1):
        with bench.progress.task(f"{STUDY} by {name}: {number} of {rounds}"):
            found.append(way(bench))
    return found


def _ours(bench: Bench) -> float:
    case = Case(
        study=STUDY,
        profile=None,
        shaper="auto",
        congestion_control=KERNELS_OWN,
        runs=1,
        warmup=0,
        max_pdu_bytes=131072,
    )
    outcome = c_move(bench, case, f"{case.study}: C-MOVE")
    prove(outcome, bench.study)
    return outcome.arrivals.end_s[-1]


def _speedtest_way(bench: Bench) -> float:
    study, key = bench.study, bench.study.keys[0]
    words = ["orthanc", "4242", "ORTHANC", key.study_instance_uid, key.patient_id]
    ended = bench.engine.exec("tester", ["python3", "-m", "lab.inside.speedtest_way", *words])
    if ended.returncode:
        msg = f"SpeedTest's way failed: {ended.stderr.strip()[-300:]}"
        raise LabError(msg, "lab logs orthanc")
    said = json.loads(ended.stdout)
    _check_count("SpeedTest's way", said["instances"], study)
    return float(said["duration_s"])


def _movescu(bench: Bench) -> float:
    """DCMTK's movescu as packaged: Nagle's algorithm on, receiving for itself, keeping nothing."""
    study = bench.study
    keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study.keys[0].study_instance_uid}"]
    titles = ["-aet", "DCMTK", "-aem", "DCMTK", "-aec", "ORTHANC"]
    receive = ["+P", str(_DCMTK_PORT), "--ignore", "+xa", "-od", "/tmp"]
    words = ["env", "-u", "TCP_NODELAY", "movescu", "-S", "-v", *titles, *receive, *keys, "orthanc", "4242"]
    bench.engine.kill_in("dcmtk", "movescu")  # a killed command's would hold the port
    begun_s = time.monotonic()
    ended = bench.engine.exec("dcmtk", words)
    duration_s = time.monotonic() - begun_s
    _check_count("movescu", (ended.stdout + ended.stderr).count("Received Store Request"), study)
    return duration_s


def _check_count(who: str, found: int, study: Study) -> None:
    if found != len(study.instances):
        msg = f"{who} received {found} of {len(study.instances)} instances"
        raise LabError(msg, "lab logs orthanc")
