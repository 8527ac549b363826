"""`--cc`: which TCP congestion control the hosts get."""

import click

from lab.model.link_state import AUTO

cc_option = click.option(
    "--cc",
    default=AUTO,
    show_default=True,
    metavar="NAME",
    help="TCP congestion control with a profile: cubic, reno, bbr; kernel: its own; auto: cubic if allowed.",
)
