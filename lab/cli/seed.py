"""`lab seed`: put a study into the PACS and prove it."""

import click

from lab.bench.seed import WAYS, Seeded, Seeding
from lab.bench.seed import seed as seed_study
from lab.cli.desk import Desk, pass_desk
from lab.errors import UsageProblem
from lab.system import studies


@click.command()
@click.argument("name", default="reference")
@click.option("--via", type=click.Choice(WAYS), default="auto", show_default=True, help="How it gets there.")
@click.option("--jobs", type=click.IntRange(1, 32), help="Connections or associations at once.")
@click.option("--in-order", is_flag=True, help="One instance after the other, in the manifest's order.")
@pass_desk
def seed(desk: Desk, name: str, via: str, jobs: int | None, in_order: bool) -> None:
    """Have Orthanc hold the study NAME, exactly as its manifest lists it.

    What is there already and right is not sent again, so that a seeding that was interrupted goes on where
    it stopped.
    """
    if in_order and jobs not in (None, 1):
        msg = f"--in-order sends one after the other, --jobs {jobs} sends {jobs} at once"
        raise UsageProblem(msg, "leave one of them out")
    with desk.at_work():
        order = Seeding(
            home=desk.home,
            engine=desk.engine,
            settings=desk.settings,
            study=studies.load(desk.home, name),
            progress=desk.progress,
            via=via,
            jobs=1 if in_order else jobs,
        )
        click.echo(_told(seed_study(order)))


def _told(done: Seeded) -> str:
    there = f"{done.study}: {done.instances} instances, {done.dataset_bytes} bytes of Data Sets in Orthanc"
    rewritten = (
        f"; {done.rewritten} were rewritten on the way, with the same elements" if done.rewritten else ""
    )
    if not done.sent:
        return f"{there} already, proved in {done.duration_s:.1f} s{rewritten}"
    sent = f"{done.sent} sent by {done.via} in {done.sending_s:.1f} s, {done.duration_s:.1f} s with proof"
    return f"{there}; {sent}{rewritten}"
