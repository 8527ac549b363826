"""`lab bench`: measure."""

from pathlib import Path

import click

from lab.bench.c_move import Bench
from lab.bench.goals import reach
from lab.bench.instrument import Load, measure_self
from lab.bench.move import measure
from lab.bench.store import measure as measure_store
from lab.cli.congestion import cc_option
from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.dicom.pdu import LARGEST_MAX_PDU_BYTES, SMALLEST_MAX_PDU_BYTES
from lab.errors import UsageProblem
from lab.model.profile import Profile
from lab.model.record import Case, Record
from lab.model.store import METHODS, StoreCase
from lab.report.instrument import GOAL_COLUMNS, SELF_COLUMNS, goal_rows, self_rows
from lab.report.runs import COLUMNS, case_rows, doubt_lines
from lab.report.stores import STORE_COLUMNS, store_doubt_lines, store_rows
from lab.stack import shaping
from lab.system import store, studies


def _sensible_max_pdu(_: click.Context, __: click.Parameter, value: int) -> int:
    if 0 < value < SMALLEST_MAX_PDU_BYTES:
        msg = f"{value} is neither 0 (no limit) nor {SMALLEST_MAX_PDU_BYTES} to {LARGEST_MAX_PDU_BYTES}"
        raise click.BadParameter(msg)
    return value


max_pdu_option = click.option(
    "--max-pdu",
    type=click.IntRange(0, LARGEST_MAX_PDU_BYTES),
    callback=_sensible_max_pdu,
    default=131072,
    show_default=True,
    help="Largest P-DATA-TF the receiver takes, in bytes; 0 is no limit.",
)
save_option = click.option(
    "--save", type=click.Path(path_type=Path, file_okay=False), help="Where records go."
)


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
@max_pdu_option
@click.option("--shaper", type=click.Choice(shaping.SHAPERS), default="auto", show_default=True)
@cc_option
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
    help="Acknowledge and answer at once, or as the tools do that stall for 40 ms an image.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write what the proof run receives there.",
)
@save_option
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
    keep: Path | None,
    save: Path | None,
    output: str,
) -> None:
    """Have Orthanc send STUDY to the tester by C-MOVE, and measure.

    Without --profile the link is left as it is; with it, the link is put back afterwards.
    """
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
        record = measure(_bench(desk, study, keep), cases, save or desk.home.results)
    show_record(desk, record, output, save or desk.home.results)


@bench.command("store")
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
@click.option("--profile", multiple=True, metavar="P", help="Measure over this profile; may be repeated.")
@click.option(
    "--runs", type=click.IntRange(1), default=3, show_default=True, help="Measured runs of each method."
)
@click.option(
    "--warmup", type=click.IntRange(0), default=1, show_default=True, help="Runs before them, not counted."
)
@click.option("--shaper", type=click.Choice(shaping.SHAPERS), default="auto", show_default=True)
@cc_option
@save_option
@output_option
@pass_desk
def store_(
    desk: Desk,
    study: str,
    via: tuple[str, ...],
    jobs: int,
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
    wanted: list[Profile | None] = [store.profile(name) for name in profile] or [None]
    cases = [
        StoreCase(
            study=study,
            methods=tuple(dict.fromkeys(via)) or METHODS,
            jobs=jobs,
            profile=one,
            shaper=shaper,
            congestion_control=cc,
            runs=runs,
            warmup=warmup,
        )
        for one in wanted
    ]
    folder = save or desk.home.results
    with desk.at_work():
        record = measure_store(_bench(desk, study, None), cases, folder)
    show(store_rows(record.runs), STORE_COLUMNS, output, record)
    if output == "table":
        for line in store_doubt_lines(record.runs):
            desk.progress.say(f"doubt: {line}")
        desk.progress.say(f"records: {folder}")


@bench.command("self")
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


@bench.command()
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Each so often.")
@save_option
@output_option
@pass_desk
def goals(desk: Desk, rounds: int, save: Path | None, output: str) -> None:
    """Measure what the instrument must reach, and print it beside its goals. Takes some minutes.

    Brings the stack up, restarts Orthanc with Nagle's algorithm on for a while, and leaves it as lab up does.
    """
    folder = save or desk.home.results
    with desk.at_work():
        record = reach(desk.home, desk.engine, rounds, desk.progress, folder)
    show(goal_rows(record.goals), GOAL_COLUMNS, output, record)
    if output == "table":
        desk.progress.say(f"record: {folder}")


def _bench(desk: Desk, study: str, keep: Path | None) -> Bench:
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
