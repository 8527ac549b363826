"""How the receiver compares: one row per receiver, medians over the rounds, and ours against each."""

import statistics
from collections.abc import Sequence

from lab.model.record import Goal, ReceiverSample
from lab.report.text import Row

SELF_COLUMNS = ("receiver", "rounds", "MB/s", "CPU s/GB", "RSS MB", "our speed / its", "our CPU / its")
GOAL_COLUMNS = ("against", "measure", "goal", "measured", "met", "how")


def self_rows(samples: Sequence[ReceiverSample]) -> list[Row]:
    """In the order in which they were measured; the lab's own receiver comes first."""
    names = list(dict.fromkeys(sample.receiver for sample in samples))
    ours = _of(samples, "lab")
    return [_row(name, _of(samples, name), ours) for name in names]


def goal_rows(goals: Sequence[Goal]) -> list[Row]:
    """One per goal; "met" is yes, no, or why it cannot be told here."""
    return [
        {
            "against": goal.against,
            "measure": goal.measure,
            "goal": goal.goal,
            "measured": goal.measured,
            "met": {True: "yes", False: "NO", None: "the machine is the limit"}[goal.met],
            "how": goal.how,
        }
        for goal in goals
    ]


def _of(samples: Sequence[ReceiverSample], name: str) -> list[ReceiverSample]:
    return [sample for sample in samples if sample.receiver == name]


def _row(name: str, its: Sequence[ReceiverSample], ours: Sequence[ReceiverSample]) -> Row:
    speed, cpu = _median(its, "mb_s"), _median(its, "cpu_s_per_gb")
    return {
        "receiver": name,
        "rounds": len(its),
        "MB/s": speed,
        "CPU s/GB": cpu,
        "RSS MB": max(sample.peak_rss_bytes for sample in its) / 1e6,
        "our speed / its": _median(ours, "mb_s") / speed,
        "our CPU / its": _median(ours, "cpu_s_per_gb") / cpu,
    }


def _median(samples: Sequence[ReceiverSample], field: str) -> float:
    return float(statistics.median(getattr(sample, field) for sample in samples))
