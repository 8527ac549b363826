"""`lab data`: studies on disk."""

from typing import Any

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.model.study import Recipe, Study
from lab.report.importing import KIND_COLUMNS, import_as_json, import_as_text, kind_rows
from lab.system import importing, recipes, studies
from lab.units import format_bytes

_COLUMNS = ("name", "made", "instances", "dataset_bytes", "study_instance_uid", "description")


@click.group()
def data() -> None:
    """Studies to measure with."""


@data.command("list")
@output_option
@pass_desk
def list_(desk: Desk, output: str) -> None:
    """Recipes and what has been made of them; studies that were imported."""
    made = {study.name: study for study in studies.made(desk.home)}
    known = {recipe.name: recipe for recipe in recipes.recipes()}
    rows = [_row(recipe, made.get(name)) for name, recipe in known.items()]
    rows += [_imported_row(study) for name, study in made.items() if name not in known]
    show(rows, _COLUMNS, output)


def _row(recipe: Recipe, made: Study | None) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "made": made is not None,
        "instances": recipe.instances,
        "dataset_bytes": made.dataset_bytes if made else None,
        "study_instance_uid": recipe.study_instance_uid,
        "description": recipe.description,
    }


def _imported_row(study: Study) -> dict[str, Any]:
    uids = list(dict.fromkeys(key.study_instance_uid for key in study.keys))
    return {
        "name": study.name,
        "made": True,
        "instances": len(study.instances),
        "dataset_bytes": study.dataset_bytes,
        "study_instance_uid": uids[0] if len(uids) == 1 else f"{len(uids)} studies",
        "description": "imported",
    }


@data.command()
@click.argument("name")
@pass_desk
def make(desk: Desk, name: str) -> None:
    """Make the study NAME; what is made and whole is kept."""
    study = studies.make(desk.home, recipes.recipe(name), desk.progress)
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


@data.command()
@click.argument("name")
@pass_desk
def remove(desk: Desk, name: str) -> None:
    """Take the study NAME off the disk. What Orthanc holds of it stays there."""
    studies.remove(desk.home, name)
    click.echo(f"{name}: removed from {desk.home.studies}")
