"""`lab bench move`: the C-MOVE benchmark."""

from pathlib import Path

import click

from lab.bench.move import measure
from lab.cli.bench.shared import bench_of, max_pdu_option, save_option, show_record
from lab.cli.congestion import cc_option
from lab.cli.desk import Desk, output_option, pass_desk
from lab.cli.shaper import shaper_option
from lab.errors import UsageProblem
from lab.model.case import Case
from lab.model.profile import Profile
from lab.system import store


@click.command()
@click.argument("study", default="reference")
@click.option("--profile", multiple=True, metavar="P", help="Measure over this profile; may be repeated.")
@click.option(
    "--runs", type=click.IntRange(1), default=3, show_default=True, help="Measured runs per profile."
)
@click.option(
    "--warmup", type=click.IntRange(0), default=1, show_default=True, help="Runs before them, not counted."
)
@max_pdu_option
@shaper_option
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
@click.option("--pcap", is_flag=True, help="Each case once more, a capture beside its record.")
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
    pcap: bool,
    save: Path | None,
    output: str,
) -> None:
    """Have Orthanc send STUDY to the tester by C-MOVE, and measure.

    Without --profile the link is left as it is; with it, the link is put back afterwards.
    """
    if parallel > 1 and level == "patient":
        msg = "--parallel splits a study, so it cannot ask at patient level"
        raise UsageProblem(msg, "leave --level out")
    wanted: list[Profile | None] = [store.profile(name, desk.home) for name in profile] or [None]
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
        record = measure(bench_of(desk, study, keep), cases, save or desk.home.results, pcap=pcap)
    show_record(desk, record, output, save or desk.home.results)
