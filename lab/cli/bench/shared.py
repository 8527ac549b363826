"""What the benchmarks' commands share."""

from pathlib import Path

import click

from lab.bench.c_move import Bench
from lab.cli.desk import Desk, show
from lab.dicom.pdu import LARGEST_MAX_PDU_BYTES, SMALLEST_MAX_PDU_BYTES
from lab.model.record import Record
from lab.report.runs import COLUMNS, case_rows, doubt_lines
from lab.system import studies


def sensible_max_pdu(_: click.Context, __: click.Parameter, value: int) -> int:
    """0, or no shorter than a PDU must be."""
    if 0 < value < SMALLEST_MAX_PDU_BYTES:
        msg = f"{value} is neither 0 (no limit) nor {SMALLEST_MAX_PDU_BYTES} to {LARGEST_MAX_PDU_BYTES}"
        raise click.BadParameter(msg)
    return value


max_pdu_option = click.option(
    "--max-pdu",
    type=click.IntRange(0, LARGEST_MAX_PDU_BYTES),
    callback=sensible_max_pdu,
    default=131072,
    show_default=True,
    help="Largest P-DATA-TF the receiver takes, in bytes; 0 is no limit.",
)
save_option = click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where records go.  [default: results in the lab's folder]",
)


def bench_of(desk: Desk, study: str, keep: Path | None = None) -> Bench:
    """What every step of a benchmark of that study needs."""
    return Bench(
        home=desk.home,
        engine=desk.engine,
        settings=desk.settings,
        study=studies.load(desk.home, study),
        progress=desk.progress,
        keep=keep,
    )


def show_record(desk: Desk, record: Record, output: str, folder: Path) -> None:
    """The table, then what is to be doubted, then where the records are."""
    show(case_rows(record.runs), COLUMNS, output, record)
    if output == "table":
        for line in doubt_lines(record.runs):
            desk.progress.say(f"doubt: {line}")
        desk.progress.say(f"records: {folder}")
