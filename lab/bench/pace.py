"""How far a sending is: instances, bytes, bytes per second, time left."""

import time

from lab.model.progress import Task
from lab.units import format_bytes


class Pace:
    """Shows a task that began now.

    Args:
        task: where it is shown.
        instances: how many there are to send.
        dataset_bytes: theirs together.
    """

    def __init__(self, task: Task, instances: int, dataset_bytes: int) -> None:
        self._task = task
        self._instances = instances
        self._dataset_bytes = dataset_bytes
        self._begun_s = time.monotonic()

    def show(self, sent: int, sent_bytes: int) -> None:
        """So many have been sent."""
        note = f"{sent} of {self._instances} instances, {format_bytes(sent_bytes)}"
        bytes_s = sent_bytes / max(1e-9, time.monotonic() - self._begun_s)
        if sent_bytes:
            left_s = max(0, self._dataset_bytes - sent_bytes) / bytes_s
            note += f", {bytes_s / 1e6:.1f} MB/s, {left_s:.0f} s left"
        self._task.update(sent, self._instances, note)


class Throughput:
    """Of what came between two looks; leads a progress note, whose end a narrow terminal cuts off."""

    def __init__(self) -> None:
        self._at_s = time.monotonic()
        self._count_bytes = 0

    def now(self, count_bytes: int) -> str:
        """With ``count_bytes`` in all by now: "12.3 Mbit/s, ", "" at the first look."""
        now_s = time.monotonic()
        came_bytes, lasted_s = count_bytes - self._count_bytes, now_s - self._at_s
        first = not self._count_bytes
        self._count_bytes, self._at_s = count_bytes, now_s
        return "" if first or lasted_s <= 0 else f"{came_bytes * 8 / lasted_s / 1e6:.1f} Mbit/s, "
