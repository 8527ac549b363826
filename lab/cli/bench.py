"""`lab bench`: measure."""

from pathlib import Path

import click

from lab.bench.move import Bench, measure
from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.dicom.pdu import LARGEST_MAX_PDU_BYTES, SMALLEST_MAX_PDU_BYTES
from lab.errors import UsageProblem
from lab.model.profile import Profile
from lab.model.record import Case, Record
from lab.report.runs import COLUMNS, case_rows, doubt_lines
from lab.stack import shaping
from lab.system import store, studies


@click.group()
def bench() -> None:
    """Benchmarks."""


@bench.command()
@click.argument("study", default="reference")
@click.option("--profile", multiple=True, metavar="P", help="Measure over this profile; may be repeated.")
@click.option(
    "--runs", type=click.IntRange(1), default=3, show_default=True, help="Measured runs per profile."
)
@click.option(
    "--warmup", type=click.IntRange(0), default=1, show_default=True, help="Runs before them, not counted."
)
@click.option(
    "--max-pdu",
    type=click.IntRange(0, LARGEST_MAX_PDU_BYTES),
    default=131072,
    show_default=True,
    help="Largest P-DATA-TF the receiver takes, in bytes; 0 is no limit.",
)
@click.option("--shaper", type=click.Choice(shaping.SHAPERS), default="auto", show_default=True)
@click.option("--cc", default="", metavar="NAME", help="TCP congestion control: cubic, reno, bbr.")
@click.option(
    "--parallel",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="K",
    help="Split the study into K C-MOVEs at once.",
)
@click.option(
    "--level",
    type=click.Choice(["study", "patient"]),
    default="study",
    show_default=True,
    help="Query/retrieve level of the C-MOVE; at patient level Orthanc sends every study of the patient.",
)
@click.option(
    "--ack",
    type=click.Choice(["quick", "delayed"]),
    default="quick",
    show_default=True,
    help="Acknowledge at once, or up to 40 ms late as kernels do by default.",
)
@click.option("--save", type=click.Path(path_type=Path, file_okay=False), help="Where records go.")
@output_option
@pass_desk
def move(
    desk: Desk,
    study: str,
    profile: tuple[str, ...],
    runs: int,
    warmup: int,
    max_pdu: int,
    shaper: str,
    cc: str,
    parallel: int,
    level: str,
    ack: str,
    save: Path | None,
    output: str,
) -> None:
    """Have Orthanc send STUDY to the tester by C-MOVE, and measure.

    Without --profile the link is left as it is; with it, the link is put back afterwards.
    """
    if 0 < max_pdu < SMALLEST_MAX_PDU_BYTES:
        msg = f"--max-pdu {max_pdu} is too short to carry DICOM sensibly"
        raise UsageProblem(msg, f"0 (no limit), or {SMALLEST_MAX_PDU_BYTES} to {LARGEST_MAX_PDU_BYTES}")
    if parallel > 1 and level == "patient":
        msg = "--parallel splits a study, so it cannot ask at patient level"
        raise UsageProblem(msg, "leave --level out")
    wanted: list[Profile | None] = [store.profile(name) for name in profile] or [None]
    cases = [
        Case(
            study=study,
            profile=one,
            shaper=shaper,
            congestion_control=cc,
            runs=runs,
            warmup=warmup,
            max_pdu_bytes=max_pdu,
            level=level.upper(),
            parallel=parallel,
            ack=ack,
        )
        for one in wanted
    ]
    with desk.at_work():
        record = measure(_bench(desk, study), cases, save or desk.home.results)
    show_record(desk, record, output, save or desk.home.results)


def _bench(desk: Desk, study: str) -> Bench:
    return Bench(
        home=desk.home,
        engine=desk.engine,
        settings=desk.settings,
        study=studies.load(desk.home, study),
        progress=desk.progress,
    )


def show_record(desk: Desk, record: Record, output: str, folder: Path) -> None:
    """The table, then what is to be doubted, then where the records are."""
    show(case_rows(record.runs), COLUMNS, output, record)
    if output == "table":
        for line in doubt_lines(record.runs):
            desk.progress.say(f"doubt: {line}")
        desk.progress.say(f"records: {folder}")
