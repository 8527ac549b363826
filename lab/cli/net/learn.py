"""`lab net learn`: a real link as a profile."""

import click

from lab.cli.desk import Desk, output_option, pass_desk
from lab.cli.net.words import show_profile
from lab.stack import learning


@click.command()
@click.argument("host")
@click.option("--name", default="", metavar="NAME", help="What the profile is called.  [default: to-HOST]")
@click.option(
    "--iperf3-port",
    type=click.IntRange(1, 65535),
    default=5201,
    show_default=True,
    help="Where an `iperf3 --server` listens at HOST.",
)
@click.option("--count", type=click.IntRange(4, 10_000), default=50, show_default=True, help="Pings to send.")
@click.option("--replace", is_flag=True, help="Take the place of a profile of that name.")
@output_option
@pass_desk
def learn(
    desk: Desk, host: str, name: str, iperf3_port: int, count: int, output: str, *, replace: bool
) -> None:
    """Measure the link from this machine to HOST, and keep it as a profile.

    Round trip, jitter and loss by ping; the rate each way where an iperf3 server answers at HOST.
    """
    profile = learning.learn(
        desk.home, host, name, desk.progress, iperf3_port=iperf3_port, pings=count, replace=replace
    )
    show_profile(profile, output)
