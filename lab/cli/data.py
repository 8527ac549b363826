"""`lab data`: studies on disk."""

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.system import store, studies
from lab.units import format_bytes

_COLUMNS = ("name", "made", "instances", "dataset_bytes", "study_instance_uid", "description")


@click.group()
def data() -> None:
    """Studies to measure with."""


@data.command("list")
@output_option
@pass_desk
def list_(desk: Desk, output: str) -> None:
    """Recipes, and what has been made of them."""
    made = {study.name: study for study in studies.made(desk.home)}
    rows = [
        {
            "name": recipe.name,
            "made": recipe.name in made,
            "instances": recipe.instances,
            "dataset_bytes": made[recipe.name].dataset_bytes if recipe.name in made else None,
            "study_instance_uid": recipe.study_instance_uid,
            "description": recipe.description,
        }
        for recipe in store.recipes()
    ]
    show(rows, _COLUMNS, output)


@data.command()
@click.argument("name")
@pass_desk
def make(desk: Desk, name: str) -> None:
    """Make the study NAME; what is made and whole is kept."""
    study = studies.make(desk.home, store.recipe(name), desk.progress)
    size = format_bytes(study.file_bytes)
    click.echo(f"{studies.folder(desk.home, name)}: {len(study.instances)} instances, {size}")


@data.command()
@click.argument("name")
@pass_desk
def verify(desk: Desk, name: str) -> None:
    """Prove every file of the study NAME against its manifest."""
    study = studies.load(desk.home, name)
    studies.verify(desk.home, study, desk.progress)
    click.echo(f"{name}: {len(study.instances)} instances are what the manifest says")
