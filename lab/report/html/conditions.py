"""What else went on while the cases were run: the machine, and the PACS's files in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lab.model.conditions import CacheRecord, MachineRecord
from lab.report.html.cases import PageCase
from lab.report.html.figures import share

CONDITION_COLUMNS = ("case", "busy", "stolen", "held back", "clock jump ms", "cache", "in memory")
_UNKNOWN = "-"


@dataclass(frozen=True, kw_only=True)
class ConditionRow:
    """Of the runs of a case the worst of each, in the order of CONDITION_COLUMNS after the first."""

    label: str
    cells: list[str]


def condition_rows(cases: Sequence[PageCase]) -> list[ConditionRow]:
    """Of every case in whose records anything of it stands."""
    known = [
        case for case in cases if any(run.condition is not None or run.cache for run in case.result.runs)
    ]
    return [_row(case) for case in known]


def _row(case: PageCase) -> ConditionRow:
    conditions = [run.condition for run in case.result.runs if run.condition]
    caches = [run.cache for run in case.result.runs if run.cache]
    return ConditionRow(
        label=case.label,
        cells=[
            share(_highest(one.busy_ratio for one in conditions)),
            share(_highest(one.steal_ratio for one in conditions)),
            _held_back(conditions),
            _clock_jump(conditions),
            ", ".join(dict.fromkeys(one.declared for one in caches)) or _UNKNOWN,
            _in_memory(caches),
        ],
    )


def _highest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _held_back(conditions: Sequence[MachineRecord]) -> str:
    """Services that ran into the CPU limit of their containers, and for how long at most."""
    longest_s: dict[str, float] = {}
    for one in conditions:
        for service, held_s in one.throttled_s.items():
            longest_s[service] = max(held_s, longest_s.get(service, 0.0))
    said = [f"{service} {held_s:.3g} s" for service, held_s in longest_s.items() if held_s]
    return ", ".join(said) or ("no" if longest_s else _UNKNOWN)


def _clock_jump(conditions: Sequence[MachineRecord]) -> str:
    jumps_s = [one.clock_jump_s for one in conditions]
    return str(round(max(jumps_s, key=abs) * 1e3)) if jumps_s else _UNKNOWN


def _in_memory(caches: Sequence[CacheRecord]) -> str:
    """The least of the runs, with a digit more than other shares: 99.5 % is not all."""
    ratios = [
        one.in_memory_bytes / one.storage_bytes
        for one in caches
        if one.in_memory_bytes is not None and one.storage_bytes
    ]
    return f"{min(ratios) * 100:.3g} %" if ratios else _UNKNOWN
