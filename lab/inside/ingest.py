"""What every way of sending a study has in common: lanes that begin together, and what came of them.

A lane is one association or connection with its share of the instances; it runs in a thread of its own.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.inside.reading import Extent
from lab.model.exchange import Connection
from lab.model.store import Outgoing, StoreOutcome, Stores
from lab.units import since_s

Report = Callable[[dict[str, int]], None]

_REPORT_INTERVAL_S = 0.2
_WARM_CHUNK_BYTES = 1 << 20
_WARMED_BYTES = 2 << 30  # a larger study would push its own beginning out of the page cache


@dataclass
class Lane:
    """What one lane has to tell. Times are monotonic; columns are those of Stores.

    Attributes:
        failures: by SOP Instance UID, why one was not stored.
        under_way: what was begun and is not answered yet.
        lost: why it ended before its share was through.
        connection: what the kernel knew of it at its end.
    """

    sop_instance_uids: list[str] = field(default_factory=list)
    dataset_bytes: list[int] = field(default_factory=list)
    begin_s: list[float] = field(default_factory=list)
    end_s: list[float] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    lost: str = ""
    associate_s: float = 0.0
    connection: Connection | None = None
    under_way: Outgoing | None = None
    sent_bytes: int = 0
    error: Exception | None = None

    def send(self) -> None:
        """All of the share, one instance after the other. Raises OSError when it cannot go on."""
        raise NotImplementedError

    def close(self) -> None:
        """In good order when it still can be."""
        raise NotImplementedError

    def answered(self, item: Outgoing, begin_s: float, end_s: float, status: int, failure: str) -> None:
        """A row; ``failure`` is "" when the instance was stored."""
        self.sop_instance_uids.append(item.sop_instance_uid)
        self.dataset_bytes.append(item.dataset_bytes)
        self.begin_s.append(begin_s)
        self.end_s.append(end_s)
        self.status.append(status)
        self.sent_bytes += item.dataset_bytes
        self.under_way = None
        if failure:
            self.failures[item.sop_instance_uid] = failure

    def run(self) -> None:
        """As a thread: whatever happens is kept for whoever waits."""
        try:
            self.send()
        except OSError as error:
            self.lost = str(error)
            if self.under_way:
                self.failures[self.under_way.sop_instance_uid] = "was under way when that happened"
        except Exception as error:  # a fault of ours: raised again where it is waited for
            self.error = error


def send_all(lanes: Sequence[Lane], report: Report) -> StoreOutcome:
    """Every lane at once, to the end. ``report`` hears of the progress at most five times a second."""
    threads = [threading.Thread(target=lane.run, daemon=True) for lane in lanes]
    cpu_s = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(_REPORT_INTERVAL_S)
            report(_so_far(lanes))
    cpu_s = time.process_time() - cpu_s
    for lane in lanes:
        if lane.error:
            raise lane.error
        lane.close()
    return _outcome(lanes, cpu_s)


def _so_far(lanes: Sequence[Lane]) -> dict[str, int]:
    return {
        "instances": sum(len(lane.end_s) for lane in lanes),
        "bytes": sum(lane.sent_bytes for lane in lanes),
        "remaining": 0,
    }


def _outcome(lanes: Sequence[Lane], cpu_s: float) -> StoreOutcome:
    rows = [
        (lane.end_s[row], number, row) for number, lane in enumerate(lanes) for row in range(len(lane.end_s))
    ]
    rows.sort()
    origin_s = min((lane.begin_s[0] for lane in lanes if lane.begin_s), default=0.0)
    places = [(lanes[number], row) for _, number, row in rows]
    return StoreOutcome(
        stores=Stores(
            sop_instance_uids=[lane.sop_instance_uids[row] for lane, row in places],
            dataset_bytes=[lane.dataset_bytes[row] for lane, row in places],
            begin_s=since_s(origin_s, (lane.begin_s[row] for lane, row in places)),
            end_s=since_s(origin_s, (lane.end_s[row] for lane, row in places)),
            status=[lane.status[row] for lane, row in places],
            association=[number for _, number, _ in rows],
        ),
        failures={uid: why for lane in lanes for uid, why in lane.failures.items()},
        lost="; ".join(dict.fromkeys(lane.lost for lane in lanes if lane.lost)),
        associate_s=lanes[0].associate_s if lanes else None,
        client_cpu_s=cpu_s,
        connections=[lane.connection for lane in lanes if lane.connection],
    )


def data_set_extents(folder: str, share: Sequence[Outgoing]) -> list[Extent]:
    """Of each file its Data Set."""
    return [
        Extent(
            file=Path(folder, item.file),
            offset=item.file_bytes - item.dataset_bytes,
            length=item.dataset_bytes,
        )
        for item in share
    ]


def file_extents(folder: str, share: Sequence[Outgoing]) -> list[Extent]:
    """Each file as a whole."""
    return [Extent(file=Path(folder, item.file), offset=0, length=item.file_bytes) for item in share]


def warm(folder: str, shares: Sequence[Sequence[Outgoing]]) -> None:
    """Read what is to be sent once, before any clock runs: no run is to find it colder than another.

    Raises OSError naming a file that is not there.
    """
    left_bytes = _WARMED_BYTES
    for item in (item for share in shares for item in share):
        with Path(folder, item.file).open("rb", buffering=0) as file:
            while left_bytes > 0 and (chunk := file.read(_WARM_CHUNK_BYTES)):
                left_bytes -= len(chunk)
