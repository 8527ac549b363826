"""`lab net show`: what a profile says."""

import dataclasses

import click

from lab.cli.desk import output_option, show
from lab.cli.net.list_ import list_
from lab.cli.net.words import link_row
from lab.system import store
from lab.units import format_time

_COLUMNS = ("direction", "rate", "delay", "jitter", "loss", "buffer")


@click.command("show")
@click.argument("name", metavar="PROFILE", required=False)
@output_option
@click.pass_context
def show_(ctx: click.Context, name: str | None, output: str) -> None:
    """What a profile says, with its source; without PROFILE, every profile."""
    if name is None:
        ctx.invoke(list_, output=output)
        return
    profile = store.profile(name)
    rows = [link_row("down", profile.down), link_row("up", profile.up)]
    show(rows, _COLUMNS, output, dataclasses.asdict(profile))
    if output == "table":
        assumed = f"\nassumed: {', '.join(profile.assumed)}" if profile.assumed else ""
        click.echo(f"\n{profile.description}\nadds {format_time(profile.rtt_s)} to a round trip")
        click.echo(f"source: {profile.source}{assumed}")
