"""Runs as a benchmark would record them."""

from typing import Any

from lab.model.conditions import LinkRecord, ReceiverRecord
from lab.model.environment import Environment
from lab.model.exchange import Suboperations
from lab.model.record import Record, Run, Timeline
from lab.model.spread import Doubt, Gaps

PACED = Doubt(code="paced_by_bbr", text="BBR sends", remedy="--cc reno")


def no_link() -> LinkRecord:
    nothing: dict[str, int | None] = {"pacs": None, "tester": None}
    return LinkRecord(
        assumed=[], seed=nothing, dropped_packets={"pacs": 0, "tester": 0}, phases=[], emulator=None
    )


def run(**changes: Any) -> Run:
    values: dict[str, Any] = {
        "profile": "baseline",
        "shaper": "none",
        "study": "quick",
        "method": "c-move",
        "level": "STUDY",
        "requests": 1,
        "ack": "quick",
        "stop": "final response",
        "warmup": 1,
        "associations": 1,
        "max_pdu": 131072,
        "instances": 48,
        "instances_expected": 48,
        "instances_rewritten": 0,
        "suboperations": Suboperations(completed=48, failed=0, warning=0),
        "transfer_syntaxes": {"1.2.840.10008.1.2.4.80": 48},
        "dataset_bytes": 7_631_799,
        "associate_s": 0.004,
        "first_image_s": 0.1,
        "duration_s": 0.25,
        "completion_s": 0.26,
        "throughput_mbit_s": 244.2,
        "steady_mbit_s": 400.0,
        "gap_ms": Gaps(p50=3.0, p95=4.0, p99=5.0, max=6.0),
        "congestion_control": {"pacs": "cubic", "tester": "cubic"},
        "rtt_ms": 0.066,
        "expected_s": 0.25,
        "path_mbit_s": 16943.2,
        "receiver_cpu_s": 0.12,
        "receiver": ReceiverRecord(
            ceiling_mbit_s=12000.0,
            busiest_cpu_s=0.12,
            peak_rss_bytes=40_000_000,
            late_p99_ms=0.05,
            late_max_ms=0.4,
        ),
        "link": no_link(),
        "connections": [],
        "started": "2026-01-01T12:00:00.000+00:00",
        "doubts": [],
        "timeline": Timeline(
            begin_s=[0.09, 0.24], end_s=[0.1, 0.25], dataset_bytes=[1, 2], association=[0, 0]
        ),
    }
    return Run(**{**values, **changes})


def wan(duration_s: float) -> Run:
    changes = {"rtt_ms": 40.62, "first_image_s": 0.378, "expected_s": 2.17, "throughput_mbit_s": 25.4}
    return run(profile="wan-20ms", shaper="tun", duration_s=duration_s, doubts=[PACED], **changes)


def record() -> Record:
    environment = Environment(
        lab_version="0.1.0",
        project="dicom-lab",
        kernel="Linux 6.1",
        machine="a laptop",
        cpus=2,
        memory_bytes=1,
        engine="20.10",
        compose="2.26.1",
        pacs="Orthanc 1.12.7",
        images={},
        kernel_congestion_control="cubic",
    )
    return Record(environment=environment, runs=[run(), run(duration_s=0.35), run(duration_s=0.3), wan(2.4)])


def record_of(runs: list[Run], **changes: Any) -> Record:
    """Of one case, on the machine of ``record``."""
    return Record(**{"environment": record().environment, "runs": runs, **changes})
