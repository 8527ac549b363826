"""How a dry run prints."""

import shlex

import click

from lab.link import commands


def print_commands(plan: dict[str, list[list[str]]]) -> None:
    """The commands of each service's network namespace."""
    for service, argvs in plan.items():
        click.echo(f"# in the network namespace of {service}")
        for argv in argvs:
            click.echo(shlex.join(argv))
            for own in commands.taking_over(argv):
                click.echo(f"# the emulator runs: {shlex.join(own)}")
