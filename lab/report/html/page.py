"""The page as a whole: results in, one file out that needs nothing else."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import msgspec

from lab.model.gating import GateVerdict
from lab.report.html.cases import PageCase, page_cases
from lab.report.html.common import common
from lab.report.html.conditions import CONDITION_COLUMNS, condition_rows
from lab.report.html.doubts import doubt_groups
from lab.report.html.environments import environments
from lab.report.html.library import chart_library
from lab.report.html.link import LINK_COLUMNS, link_rows, rtt_columns, rtt_label
from lab.report.html.middle_runs import Whole, as_it_is, middle_runs_begun
from lab.report.html.plans import plan_lines
from lab.report.html.predictions import predicted_columns, predicted_label, predicted_rows
from lab.report.html.read_back import READ_BACK_COLUMNS, read_back_rows
from lab.report.html.rendering import packed, render
from lab.report.html.spread import level_note, places, spread_columns, spread_label, spread_rows
from lab.report.html.table import COLUMNS, case_rows
from lab.report.html.verdicts import verdicts
from lab.statistics.naming import usual
from lab.statistics.results import CaseResult


def page(
    results: Sequence[CaseResult],
    gates: Sequence[GateVerdict] = (),
    *,
    title: str = "DICOM transfer performance",
    whole: Whole = as_it_is,
) -> str:
    """A self-contained HTML document about all results, with the chart library in it.

    ``whole`` gives a run the columns of its instances, which are asked for of one run of each case only.
    Raises PreflightError when the chart library is not installed.
    """
    return document(results, gates, title=title, library=chart_library(), whole=whole)


def document(
    results: Sequence[CaseResult],
    gates: Sequence[GateVerdict],
    *,
    title: str,
    library: str,
    whole: Whole = as_it_is,
) -> str:
    """The same with a chart library of the caller's choice, which is packed beside the rest."""
    cases = page_cases(results)
    runs = middle_runs_begun(cases, whole)
    with ThreadPoolExecutor(1) as beside:
        return _document(cases, gates, title, library, beside.submit(packed, library), runs)


def _document(
    cases: Sequence[PageCase],
    gates: Sequence[GateVerdict],
    title: str,
    library: str,
    packed: Future[str],
    runs: Callable[[], list[msgspec.Raw]],
) -> str:
    predicted = predicted_rows(cases)
    return render(
        title=title,
        library=library,
        packed=packed.result,
        verdicts=verdicts(cases, gates),
        when=_when(cases),
        columns=COLUMNS,
        rows=case_rows(cases),
        usual=[word for word in usual([case.result.key for case in cases]).values() if word],
        common=common([case.result.key for case in cases]),
        first_image=spread_rows(cases, "first_image"),
        first_image_label=spread_label(cases, "first_image", "Time to the first image", "s"),
        throughput=spread_rows(cases, "throughput"),
        throughput_label=spread_label(cases, "throughput", "Throughput", "Mbit/s"),
        level_note=level_note(cases),
        predicted=predicted,
        predicted_label=predicted_label(predicted),
        link_columns=LINK_COLUMNS,
        link=link_rows(cases),
        rtt_label=rtt_label(cases),
        read_back_columns=READ_BACK_COLUMNS,
        read_back=read_back_rows(cases),
        plans=plan_lines(cases),
        environments=environments(cases),
        condition_columns=CONDITION_COLUMNS,
        conditions=condition_rows(cases),
        doubts=doubt_groups(cases),
        data=lambda: _columns(cases, runs()),
    )


def _when(cases: Sequence[PageCase]) -> str:
    """The minutes in which the first and the last run began; "" when none was made."""
    runs = [run for case in cases for run in case.result.runs]
    started = [datetime.fromisoformat(run.started).astimezone(UTC) for run in runs]
    if not started:
        return ""
    first, last = (f"{moment:%Y-%m-%d %H:%M}" for moment in (min(started), max(started)))
    until = last.removeprefix(first[:11])
    return f"{first} UTC" if first == last else f"{first} to {until} UTC"


def _columns(cases: Sequence[PageCase], runs: Sequence[msgspec.Raw]) -> dict[str, Any]:
    """What the charts draw: a row per case, and of each case its middle run."""
    return {
        "labels": [case.label for case in cases],
        "places": places(cases),
        "first_image": spread_columns(cases, "first_image"),
        "throughput": spread_columns(cases, "throughput"),
        "prediction": predicted_columns(cases),
        "rtt": rtt_columns(cases),
        "runs": runs,
    }
