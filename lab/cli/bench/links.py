"""`lab bench links`: every profile against what it claims."""

from pathlib import Path

import click

from lab.bench.links import measure_links
from lab.cli.bench.shared import bench_of, save_option
from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.errors import LabError, named
from lab.link.probe_plan import DEFAULT_SECONDS
from lab.model.link_state import AUTO
from lab.report.links import LINK_COLUMNS, link_rows
from lab.report.text import cell
from lab.system import store


@click.command()
@click.option("--profile", multiple=True, metavar="P", help="Only this one; may be repeated.  [default: all]")
@click.option(
    "--cc",
    multiple=True,
    metavar="NAME",
    default=[AUTO],
    show_default=True,
    help="Over each; may be repeated.",
)
@click.option(
    "--study",
    multiple=True,
    metavar="STUDY",
    default=["reference", "quick"],
    show_default=True,
    help="To be moved; may be repeated.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=5),
    default=DEFAULT_SECONDS,
    show_default=True,
    help="To verify each in, about.",
)
@save_option
@output_option
@pass_desk
def links(
    desk: Desk,
    profile: tuple[str, ...],
    cc: tuple[str, ...],
    study: tuple[str, ...],
    seconds: float,
    save: Path | None,
    output: str,
) -> None:
    """Verify every profile, and hold a C-MOVE over it against its prediction. All of them take an hour.

    Of the studies the first is moved that should take two minutes at most, else the last. A profile that
    fails is a row that says why; the exit code is then 1.
    """
    wanted = [store.profile(name, desk.home) for name in profile] or store.profiles(desk.home)
    benches = [bench_of(desk, name, None) for name in study]
    folder = save or desk.home.results
    with desk.at_work():
        lines = []
        for line in measure_links(benches, wanted, cc, seconds, folder):
            lines.append(line)
            desk.progress.say("  ".join(cell(value) for value in link_rows([line])[0].values()))
    show(link_rows(lines), LINK_COLUMNS, output, lines)
    if failed := [line.profile.name for line in lines if line.failed]:
        msg = f"{len(failed)} of {len(wanted)} profiles failed: {named(failed)}"
        raise LabError(msg, f"lab bench links --profile {failed[0]} measures one alone")
