"""`lab bench rerun`: a case again, as its record has it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from lab.bench import again
from lab.cli.bench.shared import bench_of, save_option
from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.errors import UsageProblem
from lab.model.case import Case
from lab.model.link_state import LinkState
from lab.model.record import Record
from lab.model.store_record import StoreRecord
from lab.report.cases import case_columns, case_rows
from lab.report.compare import columns_shown, compare_notes, compare_rows
from lab.report.text import Row
from lab.stack import standing
from lab.statistics.comparing import compare
from lab.statistics.results import results_of
from lab.system import records

_MAY_DIFFER = ("instrument", "schema_version")


@click.command()
@click.argument("record", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@save_option
@output_option
@pass_desk
def rerun(desk: Desk, record: Path, save: Path | None, output: str) -> None:
    """Run the case of RECORD again, and hold it against the runs in there.

    Study, link with its seed, method, settings and number of runs are the record's. Of a case that failed
    before its first run there is nothing to compare with.
    """
    (before,) = records.load(record)
    case = case_of(before, record, stack_has_tls=bool(desk.settings.ca_file))
    folder = save or desk.home.results
    with desk.at_work():
        if case.profile is None:
            demand_same_link(before, record, standing.status(desk.home, desk.engine))
        now = again.measure(bench_of(desk, case.study), case, folder)
    rows, columns, notes = held_against(record, before, now, folder)
    show(rows, columns, output, now)
    for line in notes:
        desk.progress.say(f"note: {line}")
    desk.progress.say(f"records: {folder}")


def held_against(
    file: Path, before: Record | StoreRecord, now: Record | StoreRecord, folder: Path
) -> tuple[Sequence[Row], Sequence[str], Sequence[str]]:
    """Rows, columns and notes: the new runs, by the old ones of ``file``; alone, where it has none.

    Raises UsageProblem when they do not compare; the new ones are saved in ``folder`` then too.
    """
    results = results_of([now])
    if not before.runs:
        return case_rows(results), case_columns(results), ["the record has no runs to hold these against"]
    try:
        found = compare(results_of([before]), results, _MAY_DIFFER)
    except UsageProblem as error:
        remedy = f"the new runs are saved in {folder}: lab compare {file} NEW {error.remedy}"
        raise UsageProblem(error.message, remedy) from None
    rows = compare_rows(found)
    return rows, columns_shown(rows), compare_notes(found)


def case_of(record: Record | StoreRecord, file: Path, *, stack_has_tls: bool) -> Case:
    """What is to be run. Raises UsageProblem when that cannot be done as it was."""
    case = record.case
    if case is None:
        msg = f"{file} does not say how its case is run: it is of several cases, or of an older version"
        raise UsageProblem(msg, "give a record that lab bench move, store or run saved for one case")
    had_tls = {run.tls for run in record.runs}
    if case.tls is None and had_tls - {stack_has_tls}:
        was, now = ("plain", "up with it") if stack_has_tls else ("by DICOM TLS", "up without")
        msg = f"the runs in {file} went {was}, and the stack is {now}"
        raise UsageProblem(msg, "lab down, then lab up" if stack_has_tls else "lab up --with tls")
    return replace(case, runs=len(record.runs) or case.runs)


def demand_same_link(record: Record | StoreRecord, file: Path, now: LinkState) -> None:
    """Of a case that took the link as it found it. Raises UsageProblem where it is another now."""
    had = {run.profile for run in record.runs} - {now.profile}
    if had and now.hosts:
        was = ", ".join(sorted(had))
        msg = f"the runs in {file} took the link as they found it, {was}, and now it is {now.profile}"
        raise UsageProblem(msg, "lab net apply makes it what it was")
