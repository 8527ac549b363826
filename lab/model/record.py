"""The record of a benchmark: what was run, where, and what came out, with its doubts.

SCHEMA_VERSION history
    1   first
"""

from dataclasses import dataclass, field

from lab.model.exchange import Suboperations
from lab.model.profile import Profile

SCHEMA_VERSION = 1


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
    """Raw samples, one row per instance in order of arrival; ``end_s`` counts from the C-MOVE-RQ."""

    end_s: list[float]
    dataset_bytes: list[int]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One combination to be measured: a study over a link, so many times.

    ``profile`` None leaves the link as it is found.
    """

    study: str
    profile: Profile | None
    shaper: str
    congestion_control: str | None
    runs: int
    warmup: int
    max_pdu_bytes: int


@dataclass(frozen=True, kw_only=True)
class Run:
    """One measured C-MOVE whose delivery was proved. Field names are a contract with whoever reads the JSON.

    Attributes:
        profile: name of the profile found in force by reading the link back.
        shaper: "netem", "tun" or "none".
        dataset_bytes: sum of Data Set bytes as received (no Group 2, no preamble).
        associate_s: TCP connect to A-ASSOCIATE-AC, of the requesting association.
        first_image_s: C-MOVE-RQ sent to the last byte of the first Data Set received.
        duration_s: C-MOVE-RQ sent to the last byte of the last Data Set received.
        completion_s: C-MOVE-RQ sent to the final C-MOVE-RSP.
        throughput_mbit_s: dataset_bytes * 8 / duration_s / 1e6.
        steady_mbit_s: the same after the first image; None when there is only one instance.
        gap_ms: between ends of consecutive Data Sets; None when there is only one instance.
        congestion_control: of the sending side ("pacs") and the receiving one ("tester").
        rtt_ms: median of pings from tester to PACS over the link as shaped, just before.
        expected_s: stop-and-wait prediction of duration_s; None without an unshaped run beside it.
        path_mbit_s: iperf3 TCP goodput PACS to tester over the same link, just before.
        receiver_cpu_s: CPU time the receiver spent during the run.
    """

    profile: str
    shaper: str
    study: str
    method: str
    warmup: int
    associations: int
    max_pdu: int
    instances: int
    instances_expected: int
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
    rtt_ms: float
    expected_s: float | None
    path_mbit_s: float | None
    receiver_cpu_s: float
    started: str
    doubts: list[Doubt]
    timeline: Timeline


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
