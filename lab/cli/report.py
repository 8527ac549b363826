"""`lab report`: records, case by case."""

from pathlib import Path

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.errors import UsageProblem
from lab.report.cases import case_columns, case_rows, doubt_lines
from lab.report.cases_document import cases_document
from lab.report.junit import junit as as_junit
from lab.report.redact import redacted
from lab.statistics.results import results_of
from lab.system import records, store
from lab.system.files import write_public


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="DIR_OR_FILE...",
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
def report(
    desk: Desk, paths: tuple[Path, ...], junit: Path | None, *, redact: bool, save: Path | None, output: str
) -> None:
    """Say what records have in them: a row per case, medians over all of its runs.

    Beside study, profile and method stands only what differs between the cases. Each median duration has
    the interval in which the true one lies 95 % of the time; few runs give less, and "level %" says how much.
    """
    if save and not redact:
        msg = "--save writes redacted records only"
        raise UsageProblem(msg, "add --redact; to keep records as they are, copy their files")
    found = records.load_all(paths)
    if redact:
        found = redacted(found, public=store.published_words())
    if save:
        records.save_numbered(found, save)
    results = results_of(found)
    if junit:
        write_public(junit, as_junit(results))
    document = cases_document(results) if output == "json" else None
    show(case_rows(results), case_columns(results), output, document)
    if output == "table":
        for line in doubt_lines(results):
            desk.progress.say(f"doubt: {line}")
