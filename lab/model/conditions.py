"""What a run was made under: the instrument, the link, the path, the machine, the PACS's caches."""

from dataclasses import dataclass, field

from lab.model.profile import Link


@dataclass(frozen=True, kw_only=True)
class ReceiverRecord:
    """What the instrument knows of itself.

    Attributes:
        ceiling_mbit_s: what the receiver took alone, on this host just before or after, at this PDU size;
            None where it could not be, and in records of before it was, as with ``peak_rss_bytes``.
        busiest_cpu_s: CPU time of the busiest receiving process during the run.
        peak_rss_bytes: largest resident set of any receiving process.
        late_p99_ms, late_max_ms: from the kernel having a Data Set's last byte to the return of the read
            that took it; None where the kernel does not stamp what it receives.
    """

    ceiling_mbit_s: float | None
    busiest_cpu_s: float
    peak_rss_bytes: int | None
    late_p99_ms: float | None
    late_max_ms: float | None


@dataclass(frozen=True, kw_only=True)
class PhaseMark:
    """A phase of the profile that was in force.

    Attributes:
        name: the profile's for it.
        at_s: when it began, after the C-MOVE-RQ; below 0: before it.
    """

    name: str
    at_s: float


@dataclass(frozen=True, kw_only=True)
class EmulatorRecord:
    """What the userspace emulator knows of itself, the worse of both directions.

    Attributes:
        ceiling_mbit_s: TCP payload it passed on here just before, doing nothing else; None: not measured,
            for the link is slow.
        busiest_cpu_share: CPU time of the busier emulator to the duration of the run.
        late_p99_ms, late_max_ms: how much too late packets left, at most, of the last 10,000 of the run.
    """

    ceiling_mbit_s: float | None
    busiest_cpu_share: float
    late_p99_ms: float | None
    late_max_ms: float | None


@dataclass(frozen=True, kw_only=True)
class QdiscCounters:
    """Of the shaping qdisc (tc -s) or the emulator, since it was set up.

    Attributes:
        sent_bytes: that it let pass; None where the shaper does not count them.
        sent_packets: the same in packets.
        dropped_packets: on purpose or for want of buffer.
        overlimits: how often it held back; None where the shaper does not count it.
        backlog_packets: that wait in it; None where the shaper does not count them.
    """

    sent_bytes: int | None
    sent_packets: int
    dropped_packets: int
    overlimits: int | None = None
    backlog_packets: int | None = None


@dataclass(frozen=True, kw_only=True)
class LinkRecord:
    """What the link was and did during a run; "pacs" is what the PACS sends, "tester" what comes back.

    Attributes:
        assumed: fields of the profile that no source gives.
        seed: of each direction; None where the kernel draws the fate of packets itself.
        dropped_packets: by the shaper during the run, on purpose or for want of buffer.
        phases: those in force during the run, of a profile that changes over time.
        emulator: where it shaped.
        read_back: each direction as the kernel or the emulator reported it after the run.
        segmentation_offload: whether the device of each direction may hold packets that are cut later.
        counters_before, counters_after: of each direction; empty where nothing shapes.
    """

    assumed: list[str]
    seed: dict[str, int | None]
    dropped_packets: dict[str, int]
    phases: list[PhaseMark]
    emulator: EmulatorRecord | None
    read_back: dict[str, Link] = field(default_factory=dict)
    segmentation_offload: dict[str, bool] = field(default_factory=dict)
    counters_before: dict[str, QdiscCounters] = field(default_factory=dict)
    counters_after: dict[str, QdiscCounters] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One TCP transfer by iperf3 over the path as shaped, in the terms of RFC 6349. None: not known.

    Attributes:
        mbit_s: payload in 10^6 bit/s after slow start.
        retransmitted_segments: during the transfer.
        efficiency_ratio: bytes sent once to bytes sent, 0 to 1 (RFC 6349 4.1, TCP Efficiency).
        rtt_ms: mean round trip while it lasted.
        buffer_delay_ratio: by how much that is over the round trip of the idle path (4.1, Buffer Delay).
        transfer_time_ratio: what the bytes took to what they would take at the profile's rate
            (4.1, TCP Transfer Time); None without a rate.
    """

    mbit_s: float | None
    retransmitted_segments: int | None = None
    efficiency_ratio: float | None = None
    rtt_ms: float | None = None
    buffer_delay_ratio: float | None = None
    transfer_time_ratio: float | None = None


@dataclass(frozen=True, kw_only=True)
class PathRecord:
    """The path as it was felt before the run: in a plan three minutes before at most, else before the case.

    Attributes:
        down: from the PACS to its client.
        up: from the client to the PACS.
    """

    down: Flow
    up: Flow


@dataclass(frozen=True, kw_only=True)
class CacheRecord:
    """What the PACS's files were in just before the run.

    Attributes:
        declared: the case's, "warm" or "cold".
        storage_bytes: of all files that Orthanc keeps.
        in_memory_bytes: of these in the page cache; None where nothing tells.
    """

    declared: str
    storage_bytes: int | None
    in_memory_bytes: int | None


@dataclass(frozen=True, kw_only=True)
class RttSeries:
    """Round trips while a run lasted, by pings from the client to the PACS, five a second at most.

    Attributes:
        at_s: when each answer came, counted as the run's times are.
        rtt_ms: what it took.
        lost: pings that were not answered.
    """

    at_s: list[float]
    rtt_ms: list[float]
    lost: int


@dataclass(frozen=True, kw_only=True)
class MachineRecord:
    """What else the machine did during a run. None: the kernel does not tell.

    Attributes:
        busy_ratio: CPU time used to CPU time there was, 0 to 1, of all processors.
        steal_ratio: CPU time that a hypervisor gave to others, to CPU time there was (proc(5), stat).
        throttled_s: how long each service's control group had used up its share.
        clock_jump_s: by how much the wall clock went on more than the monotonic one.
    """

    busy_ratio: float | None
    steal_ratio: float | None
    throttled_s: dict[str, float]
    clock_jump_s: float
