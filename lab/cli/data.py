"""`lab data`: studies on disk."""

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.report.importing import KIND_COLUMNS, import_as_json, import_as_text, kind_rows
from lab.system import importing, store, studies
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


@data.command("import")
@click.argument("path")
@click.option("--name", required=True, help="What the study is to be called here.")
@click.option("--keep-identity", is_flag=True, help="Change nothing: names, IDs, dates and UIDs stay.")
@click.option("--replace", is_flag=True, help="Take the place of a study of that name.")
@output_option
@pass_desk
def import_(desk: Desk, path: str, name: str, output: str, *, keep_identity: bool, replace: bool) -> None:
    """Make a study of the DICOM files at PATH, without what tells whose they are.

    PATH is a folder, a file, a DICOMDIR, a zip or tar archive, or the http(s) address of a file or archive.
    """
    summary = importing.import_study(
        desk.home, path, name, desk.progress, keep_identity=keep_identity, replace=replace
    )
    if output == "table":
        click.echo(import_as_text(summary))
    else:
        show(kind_rows(summary.kinds), KIND_COLUMNS, output, import_as_json(summary))


@data.command()
@click.argument("name")
@pass_desk
def verify(desk: Desk, name: str) -> None:
    """Prove every file of the study NAME against its manifest."""
    study = studies.load(desk.home, name)
    studies.verify(desk.home, study, desk.progress)
    click.echo(f"{name}: {len(study.instances)} instances are what the manifest says")
