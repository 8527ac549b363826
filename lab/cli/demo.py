"""`lab demo`: everything once."""

import os
import shutil
import sys

import click

from lab.bench.demo import PROFILES, run
from lab.cli.bench.shared import show_record
from lab.cli.desk import Desk, pass_desk
from lab.system.settings import USER


@click.command(help=f"Build, start, seed and measure: unshaped, then over {' and '.join(PROFILES[1:])}.")
@pass_desk
def demo(desk: Desk) -> None:
    """Build, start, seed, measure; leave the stack up."""
    with desk.at_work():
        record = run(desk.home, desk.engine, desk.progress)
    show_record(desk, record, "table", desk.home.results)
    chosen = desk.settings
    click.echo(f"\nLook at Orthanc: {chosen.url} (user {USER}, password {chosen.password})")
    lab = _program()
    click.echo(f"The whole reference study: {lab} data make reference && {lab} bench move reference")
    click.echo(f"Take everything down: {lab} down --volumes && {lab} images remove && {lab} doctor --undo")


def _program() -> str:
    """How the user can call `lab` from here."""
    if shutil.which("lab"):
        return "lab"
    return os.path.relpath(sys.argv[0])
