"""The receiver measured alone: one sender of pre-encoded PDUs, one path, our receiver and its rivals in turn.

The sender runs in the PACS's network namespace and the receivers in their containers, so the path is the one
a C-MOVE takes. CPU time is the receiving processes' own, as the kernel accounts it.
"""

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lab.bench.environment import demand_current_tester, describe
from lab.dicom.syntaxes import acceptor_order
from lab.errors import LabError, PreflightError
from lab.model.exchange import ReceiverCost, ReceiverOrder, SendOrder, Sent
from lab.model.link_state import PACS
from lab.model.progress import Progress
from lab.model.record import ReceiverSample, SelfRecord
from lab.stack import standing
from lab.system import agent, records
from lab.system.engine import Engine
from lab.system.home import Home
from lab.system.settings import Settings

RECEIVERS = ("lab", "bare", "pynetdicom", "dcmtk")
_PORT = 9999
_AE_TITLE = "STORESCP"
_SHARES = {"lab": 1.0, "bare": 1.0, "pynetdicom": 0.05, "dcmtk": 0.5}  # of the instances: about a second each
_DCMTK_LARGEST_PDU_BYTES = 131072
_TICKS_PER_S = 100  # USER_HZ (proc(5))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Load:
    """What is sent to each receiver in each round."""

    instances: int = 8000
    dataset_bytes: int = 161_000
    max_pdu_bytes: int = 131072
    associations: int = 1


def measure_self(
    home: Home,
    engine: Engine,
    settings: Settings,
    load: Load,
    rounds: int,
    progress: Progress,
    folder: Path,
) -> SelfRecord:
    """Every receiver once per round, in turn; the record is saved. Raises PreflightError on a shaped link."""
    demand_current_tester(engine)
    if standing.status(home, engine).shaper != "none":
        msg = "the link is shaped: the receivers would be measured through it"
        raise PreflightError(msg, "lab net clear")
    samples = []
    for number in range(1, rounds + 1):
        for receiver in RECEIVERS:
            with progress.task(f"round {number} of {rounds}: {receiver}"):
                samples.append(sample(engine, receiver, load))
    record = SelfRecord(
        environment=describe(engine, settings),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        dataset_bytes=load.dataset_bytes,
        max_pdu=load.max_pdu_bytes,
        samples=samples,
    )
    stamp = record.started.replace(":", "").replace("-", "")[:15]
    records.save(record, folder / f"{stamp}-self.json")
    return record


def sample(engine: Engine, receiver: str, load: Load, processes: int = 1) -> ReceiverSample:
    """One receiver, once."""
    instances = max(load.associations, int(load.instances * _SHARES[receiver]))
    with _listening(engine, receiver, load, processes) as enough:
        order = SendOrder(
            host="dcmtk" if receiver == "dcmtk" else "tester",
            port=_PORT,
            called_ae_title=_AE_TITLE,
            instances=instances,
            dataset_bytes=load.dataset_bytes,
            max_pdu_bytes=_pdu_bytes(receiver, load),
            associations=load.associations,
            bare=receiver == "bare",
        )
        sent = _send(engine, order)
        cost = enough()
    gigabytes = sent.dataset_bytes / 1e9
    return ReceiverSample(
        receiver=receiver,
        associations=load.associations,
        instances=sent.instances,
        duration_s=sent.duration_s,
        mb_s=sent.dataset_bytes / sent.duration_s / 1e6,
        cpu_s_per_gb=cost.cpu_s / gigabytes,
        sender_cpu_s_per_gb=sent.sender_cpu_s / gigabytes,
        peak_rss_bytes=cost.peak_rss_bytes,
    )


def _pdu_bytes(receiver: str, load: Load) -> int:
    """DCMTK takes at most 128 KiB: larger or unlimited ones are sent to it at that."""
    if receiver != "dcmtk":
        return load.max_pdu_bytes
    return min(load.max_pdu_bytes or _DCMTK_LARGEST_PDU_BYTES, _DCMTK_LARGEST_PDU_BYTES)


def _send(engine: Engine, order: SendOrder) -> Sent:
    argv = ["python3", "-m", "lab.inside.sender", json.dumps(dataclasses.asdict(order))]
    return Sent(**json.loads(engine.sidecar(PACS, [argv], may_change=False)))


@contextmanager
def _listening(
    engine: Engine, receiver: str, load: Load, processes: int
) -> Iterator[Callable[[], ReceiverCost]]:
    if receiver == "dcmtk":
        with _storescp(engine, load) as enough:
            yield enough
        return
    order = ReceiverOrder(
        ae_title=_AE_TITLE,
        port=_PORT,
        max_pdu_bytes=load.max_pdu_bytes,
        transfer_syntaxes=acceptor_order([]),
        processes=processes,
    )
    kind = "receive" if receiver == "lab" else receiver
    with agent.listening(engine, kind, order) as enough:
        yield enough


@contextmanager
def _storescp(engine: Engine, load: Load) -> Iterator[Callable[[], ReceiverCost]]:
    """DCMTK's storescp that keeps nothing; TCP_NODELAY is in its container's environment."""
    engine.kill_in("dcmtk", "storescp")  # a killed command's would hold the port
    words = f"storescp --ignore -pdu {_pdu_bytes('dcmtk', load)} {_PORT} >/dev/null 2>&1 & echo $!"
    pid = engine.exec("dcmtk", ["sh", "-c", words]).stdout.strip()
    try:
        time.sleep(0.2)
        before_s, _ = _used(engine, pid)

        def enough() -> ReceiverCost:
            after_s, peak_rss_bytes = _used(engine, pid)
            cpu_s = after_s - before_s
            return ReceiverCost(cpu_s=cpu_s, busiest_cpu_s=cpu_s, peak_rss_bytes=peak_rss_bytes)

        yield enough
    finally:
        engine.kill_in("dcmtk", "storescp")


def _used(engine: Engine, pid: str) -> tuple[float, int]:
    """CPU seconds and largest resident set of a process in the tools container (proc(5))."""
    said = engine.exec("dcmtk", ["sh", "-c", f"cat /proc/{pid}/stat; grep VmHWM /proc/{pid}/status"])
    if said.returncode:
        msg = "storescp ended at once in the tools container"
        raise LabError(msg, f"lab exec dcmtk storescp {_PORT} says why")
    stat, high_water = said.stdout.splitlines()[:2]
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S, int(high_water.split()[1]) * 1024
