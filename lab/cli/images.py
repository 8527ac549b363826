"""`lab images`: build the stack's images, or carry them to a machine without a network."""

import dataclasses
from pathlib import Path

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.stack import images as stack_images
from lab.stack.images import ImageStatus
from lab.system import settings
from lab.units import format_bytes

_COLUMNS = ("name", "tag", "state", "image_id")


@click.group()
def images() -> None:
    """The stack's images."""


@images.command()
@click.option("--mirror", help="Debian mirror to make the base image from, when no registry has it.")
@output_option
@pass_desk
def build(desk: Desk, mirror: str | None, output: str) -> None:
    """Build what is missing or out of date."""
    with desk.at_work():
        found = stack_images.build(desk.home, desk.engine, desk.progress, mirror)
        settings.ensure(desk.home)  # with them, docker compose works by hand
    _show(found, output)


@images.command("list")
@output_option
@pass_desk
def list_(desk: Desk, output: str) -> None:
    """The images, and whether they are what the sources now say."""
    found = stack_images.status(desk.engine)
    _show(found, output)


@images.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_desk
def save(desk: Desk, file: Path) -> None:
    """Write the set to FILE."""
    size = stack_images.save(desk.engine, file, desk.progress)
    click.echo(f"{file}: {format_bytes(size)}")


@images.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_desk
def load(desk: Desk, file: Path) -> None:
    """Load a set that `save` wrote."""
    with desk.at_work():
        tags = stack_images.load(desk.engine, file, desk.progress)
        settings.ensure(desk.home)  # with them, docker compose works by hand
    click.echo("\n".join(tags))


@images.command()
@pass_desk
def remove(desk: Desk) -> None:
    """Remove this project's images."""
    with desk.at_work():
        removed = stack_images.remove(desk.engine)
    click.echo("\n".join(removed) or "nothing to remove")


def _show(found: list[ImageStatus], output: str) -> None:
    rows = [{**dataclasses.asdict(image), "image_id": image.image_id[7:19]} for image in found]
    show(rows, _COLUMNS, output, found)
