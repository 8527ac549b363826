"""`lab net apply`: shape the link."""

import click

from lab.cli.desk import Desk, output_option, pass_desk
from lab.cli.net.commands import print_commands
from lab.cli.net.words import show_state
from lab.stack import shaping
from lab.stack.putting_back import whole_or_clear
from lab.system import store


@click.command()
@click.argument("name", metavar="PROFILE")
@click.option("--shaper", type=click.Choice(shaping.SHAPERS), default="auto", show_default=True)
@click.option("--cc", default="", metavar="NAME", help="TCP congestion control: cubic, reno, bbr.")
@click.option("--dry-run", is_flag=True, help="Print the commands, run none.")
@output_option
@pass_desk
def apply(desk: Desk, name: str, shaper: str, cc: str, output: str, *, dry_run: bool) -> None:
    """Shape the link as PROFILE says, read it back and feel it."""
    profile = store.profile(name)
    if dry_run:
        print_commands(shaping.planned_argvs(desk.engine, profile, shaper, cc))
        return
    doing = f"`net apply {name}`"
    with (
        desk.at_work(),
        desk.progress.task(f"applying {name}"),
        whole_or_clear(desk.home, desk.engine, doing, desk.progress.say),
    ):
        state = shaping.apply(desk.engine, profile, store.profiles(), shaper=shaper, congestion_control=cc)
    show_state(state, output)
