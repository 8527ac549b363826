"""The speed test: a C-MOVE from any PACS to this machine, in the terms of the ANS DRIMBox SpeedTest.

No stack and no engine are needed: the lab's receiver and requester run in a child process here. Nothing is
known of the study beforehand, so a delivery is held against what the PACS itself counts.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lab.bench.speedtest_figures import foreign_run, result_of
from lab.bench.speedtest_proof import check, explained
from lab.dicom.syntaxes import acceptor_order
from lab.model.environment import Environment
from lab.model.exchange import Ceiling, CeilingOrder, MoveOrder, MoveOutcome, ReceiverOrder
from lab.model.progress import Progress, Task
from lab.model.record import Record
from lab.model.speedtest import Speedtest, SpeedtestResult
from lab.model.study import StudyKey
from lab.system import hostinfo, local_agent, records
from lab.system.home import lab_version
from lab.units import format_bytes

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The record, as every benchmark has it, and each of its runs in the SpeedTest's terms."""

    record: Record
    results: list[SpeedtestResult]


@dataclass(frozen=True, kw_only=True)
class _Moved:
    """One C-MOVE, and when the connection for it was begun."""

    begun: datetime
    outcome: MoveOutcome


def measure(wish: Speedtest, progress: Progress) -> Measured:
    """Move the study as often as wanted, checking each time; then measure the receiver alone, and tell.

    The receiver comes last because only then the size of the images is known, and nobody waits for it.

    Raises:
        LabError: the PACS refuses, or has nothing to send.
        UnhealthyError: nobody answers, or not any more.
        DeliveryError: what came is not what the PACS counts.
        NoImage: in place of each of these when nothing came.
    """
    moves = [_move(wish, number, progress) for number in range(1, wish.runs + 1)]
    ceiling = _ceiling(wish, moves[0].outcome, progress)
    runs = [foreign_run(wish, moved.outcome, ceiling, _utc(moved.begun)) for moved in moves]
    record = Record(environment=_environment(wish), runs=runs)
    return Measured(record=record, results=[_result(wish, moved) for moved in moves])


def save(record: Record, folder: Path) -> None:
    """Into that folder. Raises OSError."""
    first = record.runs[0]
    stamp = first.started.replace(":", "").replace("-", "")[:15]
    records.save(record, folder / f"{stamp}-{first.study}-speedtest.json")


def _move(wish: Speedtest, number: int, progress: Progress) -> _Moved:
    """The wall clock is looked at once; what follows is counted from there on the monotonic one."""
    now, now_s = datetime.now().astimezone(), time.monotonic()
    title = f"C-MOVE from {wish.called_ae_title} at {wish.host}:{wish.port}, {number} of {wish.runs}"
    log.info("%s", wish)
    with progress.task(title) as task:
        try:
            outcome = local_agent.move(_order(wish), _shown_by(task))
        except local_agent.NotBegun as obstacle:
            raise explained(obstacle, wish) from obstacle
    for one in outcome.associations:
        log.info("association %s", one)
    check(outcome, wish)
    begun_s = outcome.requested_s - outcome.associate_s
    return _Moved(begun=now + timedelta(seconds=begun_s - now_s), outcome=outcome)


def _order(wish: Speedtest) -> MoveOrder:
    key = StudyKey(patient_id=wish.patient_id, study_instance_uid=wish.study_instance_uid)
    return MoveOrder(
        pacs_host=wish.host,
        pacs_port=wish.port,
        pacs_ae_title=wish.called_ae_title,
        calling_ae_title=wish.calling_ae_title,
        receiver=_receiver_order(wish),
        studies=[key],
        level=wish.level,
        idle_timeout_s=wish.dimse_timeout_s,
        connect_timeout_s=wish.network_timeout_s,
        acse_timeout_s=wish.acse_timeout_s,
        tls=wish.tls,
    )


def _receiver_order(wish: Speedtest) -> ReceiverOrder:
    return ReceiverOrder(
        ae_title=wish.ae_title,
        port=wish.cstore_port,
        address=wish.bind_address,
        max_pdu_bytes=wish.max_pdu_bytes,
        transfer_syntaxes=acceptor_order([], wish.preference),
        artim_s=wish.acse_timeout_s,
        silence_s=wish.network_timeout_s,
        verification=wish.verification,
        tls=wish.tls,
    )


def _ceiling(wish: Speedtest, outcome: MoveOutcome, progress: Progress) -> Ceiling | None:
    """What the receiver takes here and now of images as they came; the sender's syntax is its own affair.

    None when that cannot be measured: the C-MOVEs have been, and hold.
    """
    sizes = outcome.arrivals.dataset_bytes
    order = CeilingOrder(
        receiver=replace(_receiver_order(wish), transfer_syntaxes=acceptor_order([])),
        dataset_bytes=max(64, sum(sizes) // len(sizes) // 2 * 2),
        associations=1,
    )
    try:
        with progress.task("measuring the receiver alone"):
            return local_agent.ceiling(order)
    except local_agent.NotBegun as failure:
        log.warning("%s", failure)
        return None


def _result(wish: Speedtest, moved: _Moved) -> SpeedtestResult:
    total_bytes = local_agent.speedtest_bytes(moved.outcome.arrivals)
    return result_of(wish.study_instance_uid, moved.outcome, moved.begun, total_bytes)


def _environment(wish: Speedtest) -> Environment:
    return Environment(
        lab_version=lab_version(),
        project="",
        kernel=hostinfo.kernel(),
        machine=hostinfo.machine(),
        cpus=hostinfo.cpus(),
        memory_bytes=hostinfo.memory_bytes(),
        engine="",
        compose="",
        pacs=f"{wish.called_ae_title} at {wish.host}:{wish.port}",
        images={},
        kernel_congestion_control=hostinfo.sysctl("net.ipv4.tcp_congestion_control"),
    )


def _shown_by(task: Task) -> Callable[[Mapping[str, int]], None]:
    def show(sofar: Mapping[str, int]) -> None:
        log.debug("%s", sofar)
        total = sofar["instances"] + sofar["remaining"] if sofar["remaining"] else None
        note = f"{sofar['instances']} images, {format_bytes(sofar['bytes'])}"
        task.update(sofar["instances"], total, note)

    return show


def _utc(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds")
