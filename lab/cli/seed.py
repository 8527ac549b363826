"""`lab seed`: put a study into the PACS and prove it."""

import click

from lab.bench.seed import WAYS
from lab.bench.seed import seed as seed_study
from lab.cli.desk import Desk, pass_desk
from lab.system import studies


@click.command()
@click.argument("name", default="reference")
@click.option("--via", type=click.Choice(WAYS), default="auto", show_default=True, help="How it gets there.")
@click.option("--jobs", type=click.IntRange(1, 32), help="Connections or associations at once.")
@pass_desk
def seed(desk: Desk, name: str, via: str, jobs: int | None) -> None:
    """Have Orthanc hold the study NAME, exactly as its manifest lists it."""
    with desk.at_work():
        study = studies.load(desk.home, name)
        done = seed_study(desk.home, desk.engine, desk.settings, study, desk.progress, via=via, jobs=jobs)
    click.echo(
        f"{done.study}: {done.instances} instances, {done.dataset_bytes} bytes of Data Sets in Orthanc "
        f"({done.via}, {done.duration_s:.1f} s)"
    )
