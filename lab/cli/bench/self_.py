"""`lab bench self`: the receiver alone."""

from pathlib import Path

import click

from lab.bench.instrument import Load, measure_self
from lab.cli.bench.shared import max_pdu_option, save_option
from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.report.instrument import SELF_COLUMNS, self_rows


@click.command("self")
@click.option(
    "--rounds", type=click.IntRange(1), default=5, show_default=True, help="Each receiver so often."
)
@click.option("--dataset-bytes", type=click.IntRange(64), default=161_000, show_default=True)
@max_pdu_option
@save_option
@output_option
@pass_desk
def self_(desk: Desk, rounds: int, dataset_bytes: int, max_pdu: int, save: Path | None, output: str) -> None:
    """Measure the receiver alone, against a bare socket, pynetdicom and DCMTK's storescp."""
    load = Load(dataset_bytes=dataset_bytes // 2 * 2, max_pdu_bytes=max_pdu)
    folder = save or desk.home.results
    with desk.at_work():
        record = measure_self(desk.home, desk.engine, desk.settings, load, rounds, desk.progress, folder)
    show(self_rows(record.samples), SELF_COLUMNS, output, record)
    if output == "table":
        desk.progress.say(f"record: {folder}")
