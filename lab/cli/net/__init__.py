"""`lab net`: profiles of the link, and the link as it is."""

import click

from lab.cli.net.apply import apply
from lab.cli.net.clear import clear
from lab.cli.net.learn import learn
from lab.cli.net.list_ import list_
from lab.cli.net.show_ import show_
from lab.cli.net.status import status
from lab.cli.net.verify import verify


@click.group()
def net() -> None:
    """The link between the PACS and its clients."""


for command in (list_, show_, apply, clear, status, learn, verify):
    net.add_command(command)
