"""Results of a large experiment, made up: the same each time, and plausible enough to be looked at."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import islice, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.model.case import MOVE, Case
from lab.model.conditions import CacheRecord, LinkRecord, MachineRecord, PhaseMark, RttSeries
from lab.model.exchange import Accepted, Connection
from lab.model.load import LoadSeries
from lab.model.prediction import Help, Prediction
from lab.model.record import Record, Run, Timeline
from lab.model.spread import Doubt, Failure, Gaps
from lab.model.store import Stores
from lab.model.store_record import StoreRecord, StoreRun
from lab.statistics.results import CaseKey, CaseResult
from lab.statistics.summary import gaps, mbit_s
from tests.unit.records import record, run

RTTS_MS = {"baseline": 0.07, "lan-1g": 0.8, "mpls-hospital": 20.6, "wan-20ms": 40.5, "geo-sat": 560.0}
PDUS = (16384, 32768, 65536, 131072, 0)
PARALLEL = (1, 2, 4, 8)
METHODS = ("c-move", "lab", "storescu")
SERVER_S = 0.0006
IMAGE_BYTES = 160_000
FAR = Doubt(
    code="prediction_missed",
    text="over 20 % from the prediction: more goes on than round trips and rate",
    remedy="look for loss, jitter, slow start on a small study, and the congestion control",
)


def many(cases: int, runs: int = 5, instances: int = 1300) -> list[CaseResult]:
    """So many cases of moves and stores over five profiles; the last of them failed."""
    return list(one_by_one(cases, runs, instances))


def one_by_one(cases: int, runs: int, instances: int) -> Iterator[CaseResult]:
    """The same, each made when it is wanted."""
    draw = np.random.default_rng(1)
    ways = product(range(cases), PDUS, PARALLEL, METHODS, RTTS_MS)
    keys = [_key(*way) for way in islice(ways, cases)]
    yield from (_result(key, runs, instances, draw) for key in keys[:-1])
    failure = Failure(message="1300 of 1300 instances did not arrive", remedy="lab logs orthanc", exit_code=6)
    yield CaseResult(
        key=keys[-1],
        environment=record().environment,
        runs=(),
        case=None,
        plan=None,
        failure=failure,
        prediction=None,
    )


def recorded(result: CaseResult) -> Record | StoreRecord:
    """As a file of its own holds it."""
    key = result.key
    values: dict[str, Any] = {
        "environment": result.environment,
        "runs": list(result.runs),
        "failure": result.failure,
        "prediction": result.prediction,
        "case": Case(
            study=key.study,
            profile=None,
            shaper=key.shaper,
            congestion_control=key.congestion_control,
            runs=5,
            warmup=1,
            max_pdu_bytes=key.max_pdu,
            level=key.level,
            parallel=key.parallel,
            ack=key.ack,
            method=key.method,
            orthanc=json.loads(key.orthanc or "{}"),
        ),
    }
    return Record(**values) if key.method == MOVE else StoreRecord(**values)


def _key(turn: int, max_pdu: int, parallel: int, method: str, profile: str) -> CaseKey:
    return CaseKey(
        study="reference",
        study_size="1300 instances",
        method=method,
        profile=profile,
        shaper="none" if profile == "baseline" else "netem",
        level="STUDY" if method == "c-move" else "",
        max_pdu=max_pdu,
        parallel=parallel,
        ack="quick" if method == "c-move" else "",
        congestion_control="cubic",
        tls=False,
        orthanc="" if not turn else f'{{"ConcurrentJobs": {turn}}}',
        cache="warm",
        pacs="Orthanc 1.12.7",
        configuration="",
        instrument="0.1.0",
        schema_version=5 if method == "c-move" else 2,
        machine="a laptop",
    )


def _result(key: CaseKey, runs: int, instances: int, draw: np.random.Generator) -> CaseResult:
    rtt_s = RTTS_MS[key.profile] / 1e3
    each_s = (rtt_s + SERVER_S) / key.parallel
    helps = [Help(change="8 at once", duration_s=instances * each_s / 8)]
    return CaseResult(
        key=key,
        environment=record().environment,
        runs=tuple(_run(key, turn, instances, each_s, draw) for turn in range(runs)),
        case=None,
        plan=None,
        failure=None,
        prediction=Prediction(
            duration_s=instances * each_s,
            instances=instances // key.parallel,
            round_trip_s=rtt_s,
            bits_s=0.0,
            server_s=SERVER_S,
            helps=helps if rtt_s > 0.01 else [],
        ),
    )


def _run(key: CaseKey, turn: int, instances: int, each_s: float, draw: np.random.Generator) -> Run | StoreRun:
    lossy = key.profile == "mpls-hospital"
    waits_s = each_s * draw.gamma(40.0, 1 / 40.0, instances)
    waits_s += (draw.random(instances) < 0.01 * lossy) * 0.23
    waits_s[0] += 5 * RTTS_MS[key.profile] / 1e3
    end_s = np.cumsum(waits_s).round(9)
    begin_s = (end_s - np.minimum(waits_s, 0.4 * each_s)).round(9)
    association = [row % key.parallel for row in range(instances)]
    columns = {"begin_s": begin_s.tolist(), "end_s": end_s.tolist(), "association": association}
    columns["dataset_bytes"] = [IMAGE_BYTES] * instances
    common = _common(key, turn, end_s, lossy=lossy)
    between = gaps(columns["end_s"]) or Gaps(p50=0.0, p95=0.0, p99=0.0, max=0.0)
    if key.method == "c-move":
        accepted = [
            Accepted(
                peer="pacs",
                calling_ae_title="ORTHANC",
                instances=instances,
                received_bytes=1,
                accept_s=0.001,
                trouble="",
                connection=one,
            )
            for one in common.pop("connections")
        ]
        return run(
            first_image_s=end_s[0].item(),
            throughput_mbit_s=mbit_s(instances * IMAGE_BYTES, end_s[-1].item()),
            requests=key.parallel,
            gap_ms=between,
            connections=accepted,
            timeline=Timeline(**columns),
            **common,
        )
    return StoreRun(
        method=key.method,
        jobs=key.parallel,
        warmup=1,
        stored=instances,
        dataset_bytes=instances * IMAGE_BYTES,
        associate_s=0.01,
        first_s=end_s[0].item(),
        mbit_s=mbit_s(instances * IMAGE_BYTES, end_s[-1].item()),
        gap_ms=between,
        instance_ms=between,
        client_cpu_s=1.0,
        instances=Stores(sop_instance_uids=_uids(instances), status=[0] * instances, **columns),
        **common,
    )


@cache
def _uids(count: int) -> list[str]:
    """As long as those of the lab's own studies."""
    return [f"2.25.{10**38 + number}" for number in range(count)]


def _common(key: CaseKey, turn: int, end_s: NDArray[np.float64], *, lossy: bool) -> dict[str, Any]:
    duration_s = end_s[-1].item()
    rtt_ms = RTTS_MS[key.profile]
    return {
        "profile": key.profile,
        "shaper": key.shaper,
        "study": key.study,
        "max_pdu": key.max_pdu,
        "instances_expected": len(end_s),
        "started": f"2026-01-01T12:{turn:02}:00.000+00:00",
        "duration_s": duration_s,
        "congestion_control": {"pacs": "cubic", "tester": "cubic", "client": "cubic"},
        "rtt_ms": rtt_ms,
        "path_mbit_s": 490.0,
        "efficiency": mbit_s(len(end_s) * IMAGE_BYTES, duration_s) / 490.0,
        "doubts": [FAR] if lossy else [],
        "connections": [_connection(rtt_ms, 12.0 if lossy else 0.0)],
        "link": _link(lossy=lossy),
        "rtt": None if key.profile == "baseline" else _pings(rtt_ms, duration_s, lossy=lossy),
        "condition": MachineRecord(busy_ratio=0.2, steal_ratio=0.001, throttled_s={}, clock_jump_s=0.0),
        "cache": CacheRecord(declared=key.cache, storage_bytes=12_000_000, in_memory_bytes=12_000_000),
        "round": turn + 1,
        "hosts": {service: _load(duration_s) for service in ("orthanc", "tester")},
        "turn": turn,
    }


def _connection(rtt_ms: float, out_of_order: float) -> Connection:
    return Connection(
        congestion_control="cubic",
        rtt_ms=rtt_ms * 1.1 + 0.3,
        rttvar_ms=0.1,
        min_rtt_ms=rtt_ms,
        receiver_rtt_ms=rtt_ms,
        cwnd_segments=10,
        retransmitted_segments=0,
        out_of_order_packets=out_of_order,
    )


def _link(*, lossy: bool) -> LinkRecord:
    return LinkRecord(
        assumed=[],
        seed={"pacs": None, "tester": None},
        dropped_packets={"pacs": 14 * lossy, "tester": 0},
        phases=[PhaseMark(name="wide", at_s=-1.0), PhaseMark(name="narrow", at_s=0.3)] if lossy else [],
        emulator=None,
    )


def _pings(rtt_ms: float, duration_s: float, *, lossy: bool) -> RttSeries:
    """From just before the request on; packets wait up to 5 ms in a queue that fills again and again."""
    at_s = np.arange(-0.4, duration_s, 0.2)
    felt_ms = rtt_ms + 5.0 * np.mod(at_s, 4.0) / 4.0 * (at_s > 0)
    return RttSeries(at_s=at_s.round(9).tolist(), rtt_ms=felt_ms.round(3).tolist(), lost=3 * lossy)


def _load(duration_s: float) -> LoadSeries:
    at_s = np.linspace(0.0, duration_s, 100)
    cpu_s = 0.7 * at_s + 0.05 * np.sin(at_s)
    return LoadSeries(
        at_s=at_s.round(9).tolist(),
        cpu_s=cpu_s.round(9).tolist(),
        memory_bytes=[int(2e8 + 1e6 * row) for row in range(100)],
        received_bytes=[int(2e6 * row) for row in range(100)],
        sent_bytes=[int(1e4 * row) for row in range(100)],
    )
