"""`--shaper`: who shapes the link."""

import click

from lab.model.link_state import AUTO
from lab.stack import shaping

shaper_option = click.option(
    "--shaper",
    type=click.Choice(shaping.SHAPERS),
    default=AUTO,
    show_default=True,
    help="netem in the kernel, tun in user space; auto: netem where the kernel has it.",
)
