"""Records, case by case: what was measured under one combination of everything that matters."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lab.model.case import WARM, Case
from lab.model.environment import Environment, Limits
from lab.model.plan import PlanPlace
from lab.model.prediction import Prediction
from lab.model.record import Record, Run
from lab.model.spread import Failure
from lab.model.store_record import StoreRecord, StoreRun

_DIGITS = 8  # of a SHA-256: enough to tell a few configurations apart


@dataclass(frozen=True, kw_only=True, order=True)
class CaseKey:
    """What two cases must have in common to be the same. The values are as people read them.

    ``study_size`` is how many instances there are ("" before the first run): a study made anew may keep its
    name. ``parallel`` is C-MOVEs or associations at once, ``max_pdu`` in bytes (0 no limit, -1 none at all),
    ``orthanc`` the settings that differ from the lab's as JSON, ``configuration`` the first of the digest of
    the lab's, ``instrument`` the lab's version.
    """

    study: str
    study_size: str
    method: str
    profile: str
    shaper: str
    level: str
    max_pdu: int
    parallel: int
    ack: str
    congestion_control: str
    tls: bool
    orthanc: str
    cache: str
    pacs: str
    configuration: str
    instrument: str
    schema_version: int
    machine: str


@dataclass(frozen=True, kw_only=True)
class CaseResult:
    """All runs of a case, in the order they were made; none when it failed before its first.

    ``environment``, ``case``, ``plan``, ``failure`` and ``prediction`` are of the record with its last run.
    """

    key: CaseKey
    environment: Environment
    runs: tuple[Run | StoreRun, ...]
    case: Case | None
    plan: PlanPlace | None
    failure: Failure | None
    prediction: Prediction | None


def results_of(records: Iterable[Record | StoreRecord]) -> list[CaseResult]:
    """One result per case, in the order in which the first of their runs comes in the records."""
    found: dict[CaseKey, CaseResult] = {}
    for record in records:
        for key, runs in _by_key(record).items():
            new = _result(key, record, runs)
            found[key] = _both(found[key], new) if key in found else new
    return list(found.values())


def _result(key: CaseKey, record: Record | StoreRecord, runs: Iterable[Run | StoreRun]) -> CaseResult:
    return CaseResult(
        key=key,
        environment=record.environment,
        runs=_in_order(runs),
        case=record.case,
        plan=record.plan,
        failure=record.failure,
        prediction=record.prediction,
    )


def _both(one: CaseResult, other: CaseResult) -> CaseResult:
    """Of one key; what is not a run is that of the last run."""
    last = max((one, other), key=lambda result: max((run.started for run in result.runs), default=""))
    return replace(last, runs=_in_order((*one.runs, *other.runs)))


def _in_order(runs: Iterable[Run | StoreRun]) -> tuple[Run | StoreRun, ...]:
    return tuple(sorted(runs, key=lambda run: (run.turn, run.started)))


def _by_key(record: Record | StoreRecord) -> dict[CaseKey, list[Run | StoreRun]]:
    found: dict[CaseKey, list[Run | StoreRun]] = {}
    for run in record.runs:
        found.setdefault(_key(record, run), []).append(run)
    if not found and record.case is not None:
        return {_key_of_failed(record, record.case): []}
    return found


def _key(record: Record | StoreRecord, run: Run | StoreRun) -> CaseKey:
    moved = isinstance(run, Run)
    case = record.case
    return CaseKey(
        study=run.study,
        study_size=f"{run.instances_expected} instances",
        method=run.method,
        profile=run.profile,
        shaper=run.shaper,
        level=run.level if isinstance(run, Run) else "",
        max_pdu=-1 if run.max_pdu is None else run.max_pdu,
        parallel=case.parallel if case else run.requests if isinstance(run, Run) else run.jobs,
        ack=run.ack if isinstance(run, Run) else "",
        congestion_control=run.congestion_control.get("pacs" if moved else "client", ""),
        tls=run.tls,
        orthanc=settings_text(case),
        cache=case.cache if case else WARM,
        pacs=record.environment.pacs,
        configuration=record.environment.pacs_configuration_sha256[:_DIGITS],
        instrument=record.environment.lab_version,
        schema_version=record.schema_version,
        machine=_machine(record.environment),
    )


def _key_of_failed(record: Record | StoreRecord, case: Case) -> CaseKey:
    """Of a case without a run there is only what was wanted."""
    return CaseKey(
        study=case.study,
        study_size="",
        method=case.method,
        profile=case.profile.name if case.profile else "",
        shaper=case.shaper,
        level=case.level,
        max_pdu=case.max_pdu_bytes,
        parallel=case.parallel,
        ack=case.ack,
        congestion_control=case.congestion_control,
        tls=bool(case.tls),
        orthanc=settings_text(case),
        cache=case.cache,
        pacs=record.environment.pacs,
        configuration=record.environment.pacs_configuration_sha256[:_DIGITS],
        instrument=record.environment.lab_version,
        schema_version=record.schema_version,
        machine=_machine(record.environment),
    )


def settings_text(case: Case | None) -> str:
    """Settings of Orthanc that differ from the lab's, as JSON; "" for none."""
    return json.dumps(case.orthanc, sort_keys=True) if case and case.orthanc else ""


def _machine(environment: Environment) -> str:
    """With what its containers may use of it."""
    limits = [f"{name} {_limit(limit)}" for name, limit in environment.limits.items() if _limit(limit)]
    return ", ".join((environment.machine, f"{environment.cpus} CPUs", environment.kernel, *limits))


def _limit(limit: Limits) -> str:
    cpus = "" if limit.cpus is None else f"on {limit.cpus:g} CPUs"
    memory = "" if limit.memory_bytes is None else f"in {limit.memory_bytes / 1e6:.0f} MB"
    return f"{cpus} {memory}".strip()
