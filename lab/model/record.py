"""The record of a benchmark: what was run, where, and what came out, with its doubts.

SCHEMA_VERSION history
    1   first
    2   level, requests, ack, stop, receiver, connections; begin_s and association in the timeline;
        receiver_cpu_s is counted over all receiving processes, from the request on
    3   link: what was dropped, phases, seed, assumed fields, the emulator's own figures
    4   tls, hosts; of a PACS outside the lab what nobody knows is null or empty
    5   kind, case, plan, failure, prediction in the record; path, cache, condition, rtt, round and turn in
        a run; programs, limits and the PACS's configuration in the environment; in the link what was read
        back, offloads and counters
"""

from dataclasses import dataclass, field

from lab.model.case import Case
from lab.model.conditions import CacheRecord, LinkRecord, MachineRecord, PathRecord, ReceiverRecord, RttSeries
from lab.model.environment import Environment
from lab.model.exchange import Accepted, Suboperations
from lab.model.load import LoadSeries
from lab.model.plan import PlanPlace
from lab.model.prediction import Prediction
from lab.model.spread import Doubt, Failure, Gaps

SCHEMA_VERSION = 5


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Raw samples, one row per instance in order of arrival, times counted from the C-MOVE-RQ.

    Attributes:
        begin_s: the read that held the first byte of the Data Set; empty in records of schema version 1.
        end_s: the read that held the last one.
        dataset_bytes: of the Data Set (no Group 2, no preamble).
        association: index into the run's connections; empty in records of schema version 1.
    """

    begin_s: list[float]
    end_s: list[float]
    dataset_bytes: list[int]
    association: list[int]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One measured C-MOVE whose delivery was proved. Field names are a contract with whoever reads the JSON.

    Attributes:
        profile: name of the profile found in force by reading the link back; "" outside the lab.
        shaper: "netem", "tun" or "none".
        study: its name in the lab; of a PACS outside the lab the Study Instance UID.
        method: "c-move".
        warmup: runs before the first measured one, which are not in the record.
        associations: that the PACS opened to store.
        max_pdu: longest P-DATA-TF that the receiver announced, in bytes; 0 is no limit.
        instances: that arrived.
        suboperations: what the PACS counted.
        transfer_syntaxes: how many instances came in each, by UID.
        started: when the C-MOVE-RQ was sent, ISO 8601.
        doubts: reasons not to trust the run blindly.
        timeline: when each instance arrived.
        level: of the C-MOVE; parallel ones go by SERIES or IMAGE.
        requests: C-MOVEs, one for each study or at once for parts of one.
        ack: how the receiver acknowledges, "quick" or "delayed".
        stop: what ended the wait: "final response", or "all received" after it.
        instances_expected: the study's; of a PACS outside the lab those it counted in its final response,
            and where it counted none, those that came.
        instances_rewritten: came with the same elements, but not the same bytes as the study has on disk.
        dataset_bytes: sum of Data Set bytes as received (no Group 2, no preamble).
        associate_s: TCP connect to A-ASSOCIATE-AC, of the requesting association.
        first_image_s: C-MOVE-RQ sent to the last byte of the first Data Set received.
        duration_s: C-MOVE-RQ sent to the last byte of the last Data Set received.
        completion_s: C-MOVE-RQ sent to the final C-MOVE-RSP.
        throughput_mbit_s: dataset_bytes * 8 / duration_s / 1e6.
        steady_mbit_s: the same after the first image; None when there is only one instance.
        gap_ms: between ends of consecutive Data Sets; None when there is only one instance.
        congestion_control: what sockets of the sending side ("pacs") and the receiving one ("tester") had.
        rtt_ms: median of pings from tester to PACS over the link as shaped, just before; of a PACS outside
            the lab the smallest that the receiver's kernel saw on its connections; None: it does not tell.
        expected_s: stop-and-wait prediction of duration_s; None without an unshaped run beside it.
        path_mbit_s: iperf3 TCP goodput PACS to tester over the same link, just before.
        receiver_cpu_s: CPU time of the receiving processes during the run.
        receiver: what the instrument knows of itself.
        link: what the link was and did during the run.
        connections: each association the PACS opened, with what the kernel knew of it at its end.
        tls: by DICOM TLS, both ways.
        hosts: what each host of the lab used meanwhile, by service.
        path: both directions of the path, just before; None where it was not measured.
        efficiency: throughput_mbit_s to path_mbit_s, 0 to 1 and little over.
        cache: what the PACS's files were in before; None where nobody looked.
        condition: what else the machine did meanwhile; None where nobody looked.
        rtt: round trips while it lasted; None where nobody pinged.
        round, turn: of a plan: the round it belongs to, and its number among all runs; 0 outside plans.
    """

    profile: str
    shaper: str
    study: str
    method: str
    level: str
    requests: int
    ack: str
    stop: str
    warmup: int
    associations: int
    max_pdu: int
    instances: int
    instances_expected: int
    instances_rewritten: int
    suboperations: Suboperations
    transfer_syntaxes: dict[str, int]
    dataset_bytes: int
    associate_s: float
    first_image_s: float
    duration_s: float
    completion_s: float
    throughput_mbit_s: float
    steady_mbit_s: float | None
    gap_ms: Gaps | None
    congestion_control: dict[str, str]
    rtt_ms: float | None
    expected_s: float | None
    path_mbit_s: float | None
    receiver_cpu_s: float
    receiver: ReceiverRecord
    link: LinkRecord
    connections: list[Accepted]
    started: str
    doubts: list[Doubt]
    timeline: Timeline
    tls: bool = False
    hosts: dict[str, LoadSeries] = field(default_factory=dict)
    path: PathRecord | None = None
    efficiency: float | None = None
    cache: CacheRecord | None = None
    condition: MachineRecord | None = None
    rtt: RttSeries | None = None
    round: int = 0
    turn: int = 0


@dataclass(frozen=True, kw_only=True)
class Record:
    """Moves, as `lab bench` prints them for all cases and saves them for each.

    Attributes:
        environment: where it was made.
        runs: those that were measured and proved, in order.
        kind: "move".
        schema_version: of the lab that measured; docs/records.md has the history.
        case: what was to be measured, enough to do it again; None when it holds several cases, or a PACS
            outside the lab was asked.
        plan: where in a plan it belongs.
        failure: why the case is not complete.
        prediction: what the case should have taken; None without an unshaped run beside it.
    """

    environment: Environment
    runs: list[Run]
    kind: str = "move"
    case: Case | None = None
    plan: PlanPlace | None = None
    failure: Failure | None = None
    prediction: Prediction | None = None
    schema_version: int = field(default=SCHEMA_VERSION)


@dataclass(frozen=True, kw_only=True)
class ReceiverSample:
    """One receiver measured alone, once.

    Attributes:
        receiver: "lab", "bare" (a socket that reads and answers), "pynetdicom", "dcmtk" (storescp --ignore).
        mb_s: Data Set bytes, in 10^6 bytes per second.
        cpu_s_per_gb, sender_cpu_s_per_gb: CPU seconds per 10^9 bytes, of the receiver and of the sender.
        peak_rss_bytes: largest resident set of a receiving process.
    """

    receiver: str
    associations: int
    instances: int
    duration_s: float
    mb_s: float
    cpu_s_per_gb: float
    sender_cpu_s_per_gb: float
    peak_rss_bytes: int


@dataclass(frozen=True, kw_only=True)
class SelfRecord:
    """What `lab bench self` prints and saves."""

    environment: Environment
    started: str
    dataset_bytes: int
    max_pdu: int
    samples: list[ReceiverSample]
    kind: str = "self"
    schema_version: int = field(default=SCHEMA_VERSION)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One line of what the instrument must reach: a ratio, measured in one run, and its bound.

    ``met`` is None where this machine cannot tell; ``how`` says what was measured.
    """

    against: str
    measure: str
    goal: str
    measured: float
    met: bool | None
    how: str


@dataclass(frozen=True, kw_only=True)
class GoalRecord:
    """What `lab bench goals` prints and saves."""

    environment: Environment
    started: str
    goals: list[Goal]
    samples: list[ReceiverSample]
    durations_s: dict[str, list[float]]
    kind: str = "goals"
    schema_version: int = field(default=SCHEMA_VERSION)
