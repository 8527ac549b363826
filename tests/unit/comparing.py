"""Two sides to be compared."""

import dataclasses
from typing import Any

from lab.model.record import Record, Run
from lab.statistics.results import CaseResult, results_of
from tests.unit import records

FIVE = (1.0, 1.01, 1.02, 1.03, 1.04)
HOUR = 60


def runs(durations: tuple[float, ...] = FIVE, *, minute: int = 0, **changes: Any) -> list[Run]:
    """One a minute from that minute after twelve on."""
    return [
        records.run(
            duration_s=duration_s,
            first_image_s=duration_s / 10,
            throughput_mbit_s=100 / duration_s,
            started=f"2026-01-01T{12 + (minute + number) // HOUR}:{(minute + number) % HOUR:02}:00.000+00:00",
            **changes,
        )
        for number, duration_s in enumerate(durations)
    ]


def slower(factor: float, **changes: Any) -> list[Run]:
    """By that factor, half an hour later."""
    return runs(tuple(factor * one for one in FIVE), **{"minute": 30, **changes})


def results(*cases: list[Run], environment: dict[str, Any] | None = None, **changes: Any) -> list[CaseResult]:
    """Each list a record of its own."""
    return results_of(record(one, environment=environment, **changes) for one in cases)


def record(of: list[Run], *, environment: dict[str, Any] | None = None, **changes: Any) -> Record:
    where = dataclasses.replace(records.record().environment, **(environment or {}))
    return records.record_of(of, environment=where, **changes)
