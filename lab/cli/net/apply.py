"""`lab net apply`: shape the link."""

from typing import Any

import click

from lab.cli.congestion import cc_option
from lab.cli.desk import Desk, output_option, pass_desk
from lab.cli.net.commands import print_commands
from lab.cli.net.link_options import adhoc_profile, link_options
from lab.cli.net.words import show_state
from lab.cli.shaper import shaper_option
from lab.errors import UsageProblem
from lab.model.link_state import Wish
from lab.stack import shaping
from lab.stack.putting_back import whole_or_clear
from lab.system import store
from lab.units import parse_time_s


@click.command()
@click.argument("name", metavar="[PROFILE]", required=False)
@link_options
@shaper_option
@cc_option
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Decides the fate of each packet.")
@click.option("--duration", metavar="TIME", help='Take it off after so long, such as "10s".')
@click.option("--dry-run", is_flag=True, help="Print the commands, run none.")
@output_option
@pass_desk
def apply(
    desk: Desk,
    name: str | None,
    shaper: str,
    cc: str,
    seed: int | None,
    duration: str | None,
    output: str,
    link: dict[str, Any],
    *,
    dry_run: bool,
) -> None:
    """Shape the link as PROFILE says, read it back and feel it.

    Options that say a link change both directions of PROFILE; without PROFILE they are all there is.
    """
    profile = adhoc_profile(store.profile(name, desk.home) if name else None, link)
    wish = Wish(
        profile=profile,
        shaper=shaper,
        congestion_control=cc,
        seed=seed,
        duration_s=_duration_s(duration) if duration else None,
    )
    shaping.demand_time(wish)
    if dry_run:
        print_commands(shaping.planned_argvs(desk.engine, wish))
        return
    with (
        desk.at_work(),
        desk.progress.task(f"applying {profile.name}"),
        whole_or_clear(desk.home, desk.engine, f"`net apply {profile.name}`", desk.progress.say),
    ):
        state = shaping.apply(desk.home, desk.engine, wish)
    show_state(state, output)


def _duration_s(text: str) -> float:
    found = parse_time_s(text)
    if not found:
        msg = f"--duration {text} is over before it begins"
        raise UsageProblem(msg, "a time above 0, such as 10s; leave it out for a link that stays")
    return found
