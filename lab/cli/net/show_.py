"""`lab net show`: what a profile says."""

import click

from lab.cli.desk import Desk, output_option, pass_desk
from lab.cli.net.list_ import list_
from lab.cli.net.words import show_profile
from lab.link.expect import StudySize, expected
from lab.system import store, studies
from lab.system.home import Home


@click.command("show")
@click.argument("name", metavar="PROFILE", required=False)
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


def study_size(home: Home, name: str) -> StudySize:
    """How much a study is: as it was made, else as far as its recipe tells. Raises UsageProblem."""
    if any(made.name == name for made in studies.made(home)):
        study = studies.load(home, name)
        return StudySize(name=name, instances=len(study.instances), dataset_bytes=study.dataset_bytes)
    recipe = store.recipe(name)
    pinned = recipe.speedtest_bytes  # counts Group 2 too: a tenth of a percent
    return StudySize(name=name, instances=recipe.instances, dataset_bytes=pinned or None)
