"""`lab compare`: two sets of runs."""

from pathlib import Path

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.errors import ThresholdError, named
from lab.report.compare import (
    COMPARE_COLUMNS,
    columns_shown,
    compare_notes,
    compare_rows,
    slower_cases,
    threshold_line,
)
from lab.report.compare_document import compare_document
from lab.statistics.comparing import Comparisons
from lab.statistics.comparing import compare as compare_results
from lab.statistics.results import results_of
from lab.system import records
from lab.units import parse_ratio

_ALSO_PACS = "pacs_version"


def _share(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    return None if value is None else parse_ratio(value.strip().removesuffix("%") + "%")


@click.command()
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--vary",
    default="",
    metavar="FIELD,...",
    help="Fields that may differ, because that is the point: profile, max_pdu, ack, ...",
)
@click.option(
    "--fail-above",
    callback=_share,
    metavar="PERCENT",
    help="Exit with 99 when a case is surely slower by more than that.",
)
@output_option
@pass_desk
def compare(desk: Desk, base: Path, new: Path, vary: str, fail_above: float | None, output: str) -> None:
    """Hold the runs of NEW against those of BASE, case by case: files of records, or folders with some.

    Each case gets the ratio NEW / BASE of its duration, first image and throughput with its 99 % interval,
    and a word: faster, slower, same (within 5 %), cannot tell. Cases that differ in anything but the PACS
    and the machine are not compared, unless --vary says so.
    """
    names = [name.strip() for name in vary.split(",") if name.strip()]
    varied = ["pacs" if name == _ALSO_PACS else name for name in names]
    base_results, new_results = (results_of(records.load(path)) for path in (base, new))
    found = compare_results(base_results, new_results, varied)
    if fail_above is not None:
        _tell(desk, found, fail_above)
    rows = compare_rows(found)
    columns = COMPARE_COLUMNS if output == "csv" else columns_shown(rows)
    show(rows, columns, output, compare_document(found, fail_above))
    for line in compare_notes(found):
        desk.progress.say(f"note: {line}")
    if fail_above is not None and (slower := slower_cases(found, fail_above)):
        msg = f"{threshold_line(found, fail_above)}: {named(slower)}"
        raise ThresholdError(msg, "what both sides ran under is in their records")


def _tell(desk: Desk, found: Comparisons, share: float) -> None:
    for line in slower_cases(found, share):
        desk.progress.say(f"FAIL {line}")
    desk.progress.say(threshold_line(found, share))
