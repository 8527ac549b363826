"""The record of a benchmark: what was run, where, and what came out, with its doubts.

SCHEMA_VERSION history
    1   first
    2   level, requests, ack, stop, receiver, connections; begin_s and association in the timeline;
        receiver_cpu_s is counted over all receiving processes, from the request on
    3   link: what was dropped, phases, seed, assumed fields, the emulator's own figures
    4   tls, hosts; of a PACS outside the lab what nobody knows is null or empty
"""

from dataclasses import dataclass, field

from lab.model.exchange import Accepted, Suboperations
from lab.model.load import LoadSeries
from lab.model.profile import Profile

SCHEMA_VERSION = 4


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A reason not to trust a number blindly, and what to do about it."""

    code: str
    text: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Gaps:
    """Time between the ends of consecutive Data Sets, in milliseconds."""

    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Raw samples, one row per instance in order of arrival.

    ``begin_s`` and ``end_s`` are the reads that held the first byte of the Data Set and its last one,
    counted from the C-MOVE-RQ; ``association`` indexes the run's connections.
    """

    begin_s: list[float]
    end_s: list[float]
    dataset_bytes: list[int]
    association: list[int]


@dataclass(frozen=True, kw_only=True)
class ReceiverRecord:
    """What the instrument knows of itself.

    Attributes:
        ceiling_mbit_s: what the receiver took alone, on this host just before or after, at this PDU size.
        busiest_cpu_s: CPU time of the busiest receiving process during the run.
        peak_rss_bytes: largest resident set of any receiving process.
        late_p99_ms, late_max_ms: from the kernel having a Data Set's last byte to the return of the read
            that took it; None where the kernel does not stamp what it receives.
    """

    ceiling_mbit_s: float
    busiest_cpu_s: float
    peak_rss_bytes: int
    late_p99_ms: float | None
    late_max_ms: float | None


@dataclass(frozen=True, kw_only=True)
class PhaseMark:
    """A phase of the profile that began ``at_s`` after the C-MOVE-RQ; below 0: before it."""

    name: str
    at_s: float


@dataclass(frozen=True, kw_only=True)
class EmulatorRecord:
    """What the userspace emulator knows of itself, the worse of both directions.

    Attributes:
        ceiling_mbit_s: TCP payload it passed on here just before, doing nothing else; None: not measured,
            for the link is slow.
        busiest_cpu_share: CPU time of the busier emulator to the duration of the run.
        late_p99_ms, late_max_ms: how long after they were due packets left, the last 10,000 of them.
    """

    ceiling_mbit_s: float | None
    busiest_cpu_share: float
    late_p99_ms: float | None
    late_max_ms: float | None


@dataclass(frozen=True, kw_only=True)
class LinkRecord:
    """What the link was and did during a run; "pacs" is what the PACS sends, "tester" what comes back.

    Attributes:
        assumed: fields of the profile that no source gives.
        seed: of each direction; None where the kernel draws the fate of packets itself.
        dropped_packets: by the shaper during the run, on purpose or for want of buffer.
        phases: those in force during the run, of a profile that changes over time.
        emulator: where it shaped.
    """

    assumed: list[str]
    seed: dict[str, int | None]
    dropped_packets: dict[str, int]
    phases: list[PhaseMark]
    emulator: EmulatorRecord | None


@dataclass(frozen=True, kw_only=True)
class Case:
    """One combination to be measured: a study over a link, so many times.

    ``profile`` None leaves the link as it is found. ``level``, ``parallel`` and ``ack`` are those of
    MoveOrder and ReceiverOrder.
    """

    study: str
    profile: Profile | None
    shaper: str
    congestion_control: str
    runs: int
    warmup: int
    max_pdu_bytes: int
    level: str = "STUDY"
    parallel: int = 1
    ack: str = "quick"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One measured C-MOVE whose delivery was proved. Field names are a contract with whoever reads the JSON.

    Attributes:
        profile: name of the profile found in force by reading the link back; "" outside the lab.
        shaper: "netem", "tun" or "none".
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


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where the runs were made. Everything here is read from the system, nothing assumed."""

    lab_version: str
    project: str
    kernel: str
    machine: str
    cpus: int
    memory_bytes: int
    engine: str
    compose: str
    pacs: str
    images: dict[str, str]
    kernel_congestion_control: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """What `lab bench` prints and saves."""

    environment: Environment
    runs: list[Run]
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
    schema_version: int = field(default=SCHEMA_VERSION)
