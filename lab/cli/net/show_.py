"""`lab net show`: what a profile says."""

import click

from lab.cli.desk import Desk, output_option, pass_desk
from lab.cli.net.list_ import list_
from lab.cli.net.words import show_profile
from lab.link.expect import expected
from lab.system import store
from lab.system.sizes import study_size


@click.command("show")
@click.argument("name", metavar="[PROFILE]", required=False)
@click.option(
    "--study",
    default="reference",
    show_default=True,
    metavar="NAME",
    help="What to expect is said of this study.",
)
@output_option
@pass_desk
@click.pass_context
def show_(ctx: click.Context, desk: Desk, name: str | None, study: str, output: str) -> None:
    """What a profile says, its source, and what to expect of it; without PROFILE, every profile.

    PROFILE is a name from `lab net list` or the path of a profile file.
    """
    if name is None:
        ctx.invoke(list_, output=output)
        return
    profile = store.profile(name, desk.home)
    show_profile(profile, output, expected(profile, study_size(desk.home, study)))
