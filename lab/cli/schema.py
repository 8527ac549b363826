"""`lab schema`: the JSON Schema of records."""

import json

import click

from lab.report.schema import record_schema


@click.command()
def schema() -> None:
    """Print the JSON Schema of the records that benchmarks save; docs/record.schema.json is the same."""
    click.echo(json.dumps(record_schema(), indent=1))
