"""`lab bench store`: the ingest benchmark."""

from pathlib import Path

import click

from lab.bench.store import measure as measure_store
from lab.cli.bench.shared import bench_of, save_option, sensible_max_pdu
from lab.cli.congestion import cc_option
from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.cli.shaper import shaper_option
from lab.dicom.pdu import LARGEST_MAX_PDU_BYTES
from lab.model.case import Case
from lab.model.profile import Profile
from lab.model.store import METHODS
from lab.report.stores import STORE_COLUMNS, store_doubt_lines, store_rows
from lab.system import store


@click.command("store")
@click.argument("study", default="reference")
@click.option(
    "--via",
    multiple=True,
    type=click.Choice(METHODS),
    help="Who stores: our own C-STORE sender, DCMTK's storescu, HTTP POST; may be repeated.  [default: all]",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Associations or connections at once, the same for each method so that they compare.",
)
@click.option(
    "--max-pdu",
    type=click.IntRange(0, LARGEST_MAX_PDU_BYTES),
    callback=sensible_max_pdu,
    default=0,
    show_default=True,
    help="Longest P-DATA-TF sent, in bytes; 0 is what Orthanc takes.",
)
@click.option("--profile", multiple=True, metavar="P", help="Measure over this profile; may be repeated.")
@click.option(
    "--runs", type=click.IntRange(1), default=3, show_default=True, help="Measured runs of each method."
)
@click.option(
    "--warmup", type=click.IntRange(0), default=1, show_default=True, help="Runs before them, not counted."
)
@shaper_option
@cc_option
@save_option
@output_option
@pass_desk
def store_(
    desk: Desk,
    study: str,
    via: tuple[str, ...],
    jobs: int,
    max_pdu: int,
    profile: tuple[str, ...],
    runs: int,
    warmup: int,
    shaper: str,
    cc: str,
    save: Path | None,
    output: str,
) -> None:
    """Store STUDY into Orthanc, and measure: each method in turn, proved each time.

    The study is taken out of Orthanc before each run, and is there at the end. Without --profile the link
    is left as it is; with it, the link is put back afterwards.
    """
    wanted: list[Profile | None] = [store.profile(name, desk.home) for name in profile] or [None]
    links = [
        [
            Case(
                study=study,
                method=method,
                parallel=jobs,
                profile=one,
                shaper=shaper,
                congestion_control=cc,
                runs=runs,
                warmup=warmup,
                max_pdu_bytes=max_pdu,
            )
            for method in dict.fromkeys(via or METHODS)
        ]
        for one in wanted
    ]
    folder = save or desk.home.results
    with desk.at_work():
        record = measure_store(bench_of(desk, study, None), links, folder)
    show(store_rows(record.runs), STORE_COLUMNS, output, record)
    if output == "table":
        for line in store_doubt_lines(record.runs):
            desk.progress.say(f"doubt: {line}")
        desk.progress.say(f"records: {folder}")
