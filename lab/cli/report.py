"""`lab report`: records, case by case."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.errors import ThresholdError, UsageProblem
from lab.model.gating import GateVerdict
from lab.model.plan import Plan
from lab.model.record import Record
from lab.model.store_record import StoreRecord
from lab.report.cases import case_columns, case_rows, doubt_lines
from lab.report.cases_document import cases_document
from lab.report.gates import gate_lines
from lab.report.junit import junit as as_junit
from lab.report.redact import redacted, redacted_verdicts
from lab.statistics.gates import hold, judge
from lab.statistics.missing import missing
from lab.statistics.results import CaseResult, results_of
from lab.system import experiments, plans, records, store
from lab.system.files import write_public
from lab.system.home import Home
from lab.system.outlines import whole


@contextmanager
def _nothing_is_garbage() -> Iterator[None]:
    """Before its end a report throws nothing away, and to look for garbage takes it a quarter of its time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="DIR_OR_FILE...",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a page with charts there: one file, which needs no network.",
)
@click.option(
    "--gates",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Hold the gates of that TOML file against the cases; a plan's own are held anyway.",
)
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write a test per case there, as JUnit XML for CI systems.",
)
@click.option("--redact", is_flag=True, help="Take hosts, addresses, AE titles and names of your own out.")
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="With --redact: write the records there as they may be shared.",
)
@output_option
@pass_desk
@_nothing_is_garbage()
def report(
    desk: Desk,
    paths: tuple[Path, ...],
    html: Path | None,
    gates: Path | None,
    junit: Path | None,
    *,
    redact: bool,
    save: Path | None,
    output: str,
) -> None:
    """Say what records have in them: a row per case, medians over all of its runs.

    Beside study, profile and method stands only what differs between the cases. Each median duration has
    the interval in which the true one lies 95 % of the time; few runs give less, and "level %" says how much.
    Gates of --gates are held against the cases, those of a plan against the cases in its folder; the exit
    code is 99 when one does not hold.
    """
    if save and not redact:
        msg = "--save writes redacted records only"
        raise UsageProblem(msg, "add --redact; to keep records as they are, copy their files")
    by_file = records.load_all(paths) if redact else records.load_outlines(paths)
    found = list(by_file.values())
    results = results_of(found)
    verdicts = [
        *_held_by_plans(experiments.plans_in(paths, desk.progress.say), by_file, results),
        *judge(plans.gates(gates) if gates else (), results),
    ]
    if redact:
        found = redacted(found, public=_published_words(desk.home))
        verdicts = redacted_verdicts(verdicts, results, results_of(found))
        results = results_of(found)
    if save:
        records.save_numbered(found, save)
    if html:
        _write_page(html, results, verdicts)
    if junit:
        write_public(junit, as_junit(results, verdicts))
    for line in gate_lines(verdicts):
        desk.progress.say(line)
    document = cases_document(results) if output == "json" else None
    show(case_rows(results), case_columns(results), output, document)
    if output == "table":
        for line in doubt_lines(results):
            desk.progress.say(f"doubt: {line}")
    if not hold(verdicts):
        msg = "not every gate holds"
        raise ThresholdError(msg, "the lines that begin with FAIL or NOT MEASURED name the cases")


def _held_by_plans(
    folders: Mapping[Path, Plan], by_file: Mapping[Path, Record | StoreRecord], results: Sequence[CaseResult]
) -> list[GateVerdict]:
    """The gates of each plan, held against the records in its own folder."""
    verdicts = []
    for folder, plan in folders.items():
        its_own = [record for file, record in by_file.items() if file.parent == folder]
        not_begun = missing(plan, its_own, next(iter(by_file.values())).environment)
        verdicts += judge(plan.gates, results_of(its_own), not_begun, among=results)
    return verdicts


def _write_page(file: Path, results: Sequence[CaseResult], verdicts: Sequence[GateVerdict]) -> None:
    """The chart library and its templates are loaded for this alone."""
    from lab.report.html.page import page

    title = f"DICOM transfer performance: {file.stem}"
    write_public(file, page(results, verdicts, title=title, whole=whole))


def _published_words(home: Home) -> frozenset[str]:
    """Names that the lab ships with tell nothing of anybody. Its recipes are loaded for this alone."""
    from lab.system import recipes

    studies = [one.name for one in recipes.recipes()]
    of_plans = [one.name for one in plans.shipped(home)]
    return store.published_words() | {*studies, *of_plans}
