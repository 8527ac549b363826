"""The record of a study stored into the PACS.

Its SCHEMA_VERSION is that of moves (lab.model.record), with a history of its own:
    1   first
    5   kind, case, plan, failure, prediction in the record; max_pdu, path, link, hosts, cache, condition,
        rtt, tls, expected_s, round and turn in a run
"""

from dataclasses import dataclass, field

from lab.model.case import Case
from lab.model.conditions import CacheRecord, LinkRecord, MachineRecord, PathRecord, RttSeries
from lab.model.environment import Environment
from lab.model.exchange import Connection
from lab.model.load import LoadSeries
from lab.model.plan import PlanPlace
from lab.model.prediction import Prediction
from lab.model.record import SCHEMA_VERSION
from lab.model.spread import Doubt, Failure, Gaps
from lab.model.store import Stores


@dataclass(frozen=True, kw_only=True)
class StoreRun:
    """One study stored, and proved to be in the PACS. Field names are a contract with whoever reads the JSON.

    Attributes:
        profile: name of the profile found in force by reading the link back.
        shaper: "netem", "tun" or "none".
        study: its name in the lab.
        method: "lab", "storescu" or "rest".
        started: when the first request was begun, ISO 8601.
        instances_expected: the study's.
        instances: when each was answered.
        warmup, doubts: as in lab.model.record.Run.
        jobs: associations or connections at once.
        stored: instances that Orthanc was proved to hold afterwards.
        dataset_bytes: sum of Data Set bytes (no Group 2, no preamble).
        associate_s: TCP connect to A-ASSOCIATE-AC; by rest TCP connect alone.
        first_s: first request begun to the first instance's answer.
        duration_s: first request begun to the last instance's answer.
        mbit_s: dataset_bytes * 8 / duration_s / 1e6.
        gap_ms: between answers; None when there is only one instance.
        instance_ms: from an instance's request to its answer.
        congestion_control: of the sending side ("client") and the PACS ("pacs").
        rtt_ms: median of pings from tester to PACS over the link as shaped, just before.
        client_cpu_s: CPU time of the sending process; None for storescu.
        connections: what the sender's kernel knew of each at its end; none for storescu.
        max_pdu: longest P-DATA-TF the sender allows itself, in bytes; 0 is the PACS's, None none (REST).
        path_mbit_s: iperf3 TCP goodput sender to PACS over the same link, just before; None: not measured.
        expected_s: stop-and-wait prediction of duration_s; None without an unshaped run beside it.
        link, hosts, path, efficiency, cache, condition, rtt, round, turn, tls: as in lab.model.record.Run.
    """

    profile: str
    shaper: str
    study: str
    method: str
    jobs: int
    warmup: int
    started: str
    stored: int
    instances_expected: int
    dataset_bytes: int
    associate_s: float | None
    first_s: float
    duration_s: float
    mbit_s: float
    gap_ms: Gaps | None
    instance_ms: Gaps
    congestion_control: dict[str, str]
    rtt_ms: float
    client_cpu_s: float | None
    connections: list[Connection]
    doubts: list[Doubt]
    instances: Stores
    max_pdu: int | None = 0
    path_mbit_s: float | None = None
    expected_s: float | None = None
    link: LinkRecord | None = None
    hosts: dict[str, LoadSeries] = field(default_factory=dict)
    path: PathRecord | None = None
    efficiency: float | None = None
    cache: CacheRecord | None = None
    condition: MachineRecord | None = None
    rtt: RttSeries | None = None
    round: int = 0
    turn: int = 0
    tls: bool = False


@dataclass(frozen=True, kw_only=True)
class StoreRecord:
    """Stores, as `lab bench store` prints and saves them.

    Attributes:
        kind: "store".
        environment, runs, case, plan, failure, prediction, schema_version: as in lab.model.record.Record.
    """

    environment: Environment
    runs: list[StoreRun]
    kind: str = "store"
    case: Case | None = None
    plan: PlanPlace | None = None
    failure: Failure | None = None
    prediction: Prediction | None = None
    schema_version: int = field(default=SCHEMA_VERSION)
