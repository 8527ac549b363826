"""One study stored in a case, measured and proved, and what has to be known before the first."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from lab.bench import caches, predict
from lab.bench.c_move import Bench
from lab.bench.holding import holding
from lab.bench.known import Beside, Felt, StoreKnown
from lab.bench.link_figures import link_record
from lab.bench.machine import watched
from lab.bench.moves import check_unchanged
from lab.bench.pace import Throughput
from lab.bench.store_figures import client_of, congestion_control, run_of
from lab.bench.store_methods import SENDERS
from lab.bench.store_proof import prove_answers, prove_held
from lab.model.case import Case
from lab.model.prediction import Prediction
from lab.model.progress import Task
from lab.model.store import StoreOutcome
from lab.model.store_record import StoreRun
from lab.stack import shaping, standing
from lab.system import loads
from lab.system.orthanc import Orthanc
from lab.units import format_bytes


def unshaped_s(bench: Bench, case: Case) -> float:
    """What the prediction starts from: the study stored over the cleared link, caches as in a timed run."""
    take_out(bench)
    caches.brought_about(bench, case)
    outcome = _sent(bench, case, f"{case.method}, unshaped, for the prediction")
    _prove(bench, case, outcome)
    return max(outcome.stores.end_s)


def predicted(bench: Bench, case: Case, felt: Felt, took_unshaped_s: float | None) -> Prediction | None:
    """Only a case with a profile has an unshaped run beside it. Images go up."""
    if case.profile is None or took_unshaped_s is None:
        return None
    sender = congestion_control(case.method, felt.state)["client"]
    return predict.prediction(
        bench.study,
        predict.mirrored(case.profile),
        case.parallel,
        sender,
        took_unshaped_s,
        at_once=predict.IN_ONE_REQUEST,
    )


def one_run(bench: Bench, case: Case, known: StoreKnown, title: str) -> StoreRun:
    """The study taken out, the caches as the case wants them, the study stored and proved."""
    take_out(bench)
    cache = caches.brought_about(bench, case)
    if case.profile and case.profile.phases:
        shaping.rewind(bench.engine)  # shortly: no sender here is told when to begin
    with loads.watched(bench.engine) as hosts:
        before = standing.status(bench.home, bench.engine)
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        with watched(bench.engine, client_of(case.method), before, hosts) as watch:
            begun_s = time.monotonic()
            outcome = _sent(bench, case, title)
        prove_answers(outcome, case.method, bench.study)
        after = standing.status(bench.home, bench.engine)
    _prove_held(bench, case)
    check_unchanged(known.felt.state, after)
    link = link_record(
        case.profile,
        before,
        after,
        requested_s=None,
        duration_s=max(outcome.stores.end_s),
        ceiling_mbit_s=known.emulator_mbit_s,
        client=client_of(case.method),
    )
    beside = Beside(
        tls=bench.settings.tls is not None,
        hosts=watch.hosts,
        condition=watch.condition,
        cache=cache,
        rtt=watch.rtt(begun_s),
    )
    return run_of(bench.study, case, known, outcome, started, link, beside)


def store(bench: Bench, case: Case, title: str) -> StoreOutcome:
    """Take the study out, store it, prove it."""
    take_out(bench)
    outcome = _sent(bench, case, title)
    _prove(bench, case, outcome)
    return outcome


def take_out(bench: Bench) -> None:
    """The study is not in the PACS any more."""
    with bench.progress.task("taking the study out of Orthanc"):
        for key in bench.study.keys:
            Orthanc(bench.settings).delete_study(key)


def _sent(bench: Bench, case: Case, title: str) -> StoreOutcome:
    with bench.progress.task(title) as task:
        return SENDERS[case.method](bench, case, _shown_by(task, bench))


def _prove(bench: Bench, case: Case, outcome: StoreOutcome) -> None:
    prove_answers(outcome, case.method, bench.study)
    _prove_held(bench, case)


def _prove_held(bench: Bench, case: Case) -> None:
    with bench.progress.task("proving what Orthanc stored"):
        prove_held(holding(bench.home, bench.settings, bench.study), case.method, bench.study)


def _shown_by(task: Task, bench: Bench) -> Callable[[Mapping[str, int]], None]:
    total, pace = len(bench.study.instances), Throughput()

    def show(sofar: Mapping[str, int]) -> None:
        size, now = format_bytes(sofar["bytes"]), pace.now(sofar["bytes"])
        note = f"{now}{sofar['instances']} of {total} instances, {size}"
        task.update(sofar["instances"], total, note)

    return show
