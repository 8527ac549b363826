"""`lab net list`: every profile."""

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.model.profile import Profile
from lab.system import store

_COLUMNS = ("name", "description")


@click.command("list")
@output_option
@pass_desk
def list_(desk: Desk, output: str) -> None:
    """Every profile: those that come with the lab, and your own in the lab's folder."""
    aliases = store.aliases(desk.home)
    rows = [_row(profile, aliases[profile.name]) for profile in store.profiles(desk.home)]
    show(rows, _COLUMNS, output)


def _row(profile: Profile, aliases: tuple[str, ...]) -> dict[str, str]:
    also = f" (also: {', '.join(aliases)})" if aliases else ""
    return {"name": profile.name, "description": profile.description + also}
