"""How a dry run prints."""

import shlex

import click


def print_commands(plan: dict[str, list[list[str]]]) -> None:
    """The commands of each service's network namespace."""
    for service, argvs in plan.items():
        click.echo(f"# in the network namespace of {service}")
        for argv in argvs:
            click.echo(shlex.join(argv))
