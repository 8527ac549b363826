"""The link as the runs felt it."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lab.model.conditions import Flow
from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.report.html.cases import PageCase
from lab.report.html.figures import rounded, share, shown
from lab.report.html.lost import connections, dropped, out_of_order, retransmitted

LINK_COLUMNS = (
    "case",
    "ping ms",
    "TCP ms",
    "TCP least ms",
    "sent again",
    "dropped",
    "out of order",
    "path Mbit/s",
    "of the path",
    "buffer delay",
    "transfer time",
)


@dataclass(frozen=True, kw_only=True)
class LinkRow:
    """Medians over the runs of a case, in the order of LINK_COLUMNS after the first."""

    label: str
    cells: list[str]


def link_rows(cases: Sequence[PageCase]) -> list[LinkRow]:
    """Of every case that was run."""
    return [_row(case) for case in cases if case.result.runs]


def _row(case: PageCase) -> LinkRow:
    runs, efficiency = case.result.runs, case.figures.get("efficiency")
    return LinkRow(
        label=case.label,
        cells=[
            shown(ping_ms(case)),
            shown(tcp_ms(case)),
            shown(_median(_least_ms(run) for run in runs)),
            *(shown(_over(runs, count)) for count in (retransmitted, dropped, out_of_order)),
            shown(_median(run.path_mbit_s for run in runs)),
            share(efficiency.median if efficiency else None),
            share(_median(flow.buffer_delay_ratio for flow in _flows(runs))),
            shown(_median(flow.transfer_time_ratio for flow in _flows(runs))),
        ],
    )


def ping_ms(case: PageCase) -> float | None:
    """Of the path before the runs, nothing else on it."""
    return _median(run.rtt_ms for run in case.result.runs)


def tcp_ms(case: PageCase) -> float | None:
    """Of the connections at their end, the link in use: TCP's smoothed estimate."""
    return _median(one.rtt_ms for run in case.result.runs for one in connections(run))


def _least_ms(run: Run | StoreRun) -> float | None:
    return min((one.min_rtt_ms for one in connections(run) if one.min_rtt_ms is not None), default=None)


def _flows(runs: Sequence[Run | StoreRun]) -> list[Flow]:
    """Of iperf3 in the direction in which the images go."""
    return [run.path.down if isinstance(run, Run) else run.path.up for run in runs if run.path]


def _over(runs: Sequence[Run | StoreRun], count: Callable[[Run | StoreRun], float | None]) -> float | None:
    return _median(count(run) for run in runs)


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(statistics.median(known)) if known else None


def rtt_columns(cases: Sequence[PageCase]) -> dict[str, list[float | None]]:
    """Both round trips in ms, a row per case."""
    return {
        "ping": [rounded(ping_ms(case)) for case in cases],
        "tcp": [rounded(tcp_ms(case)) for case in cases],
    }


def rtt_label(cases: Sequence[PageCase]) -> str:
    """What the chart says, for who cannot see it."""
    found = [(rtt_ms, case.label) for case in cases if (rtt_ms := ping_ms(case)) is not None]
    if not found:
        return "Round trip by ping and by TCP: no case has it"
    longest_ms, label = max(found)
    return (
        f"Round trip by ping and by TCP of {len(found)} cases: the longest is {longest_ms:.3g} ms ({label})"
    )


def phase_columns(run: Run | StoreRun) -> list[list[Any]]:
    """Name and begin in seconds of each phase in force during the run; below 0: before it."""
    return [[phase.name, rounded(phase.at_s, 4)] for phase in run.link.phases] if run.link else []
