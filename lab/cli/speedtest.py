"""`lab speedtest`: in place of the ANS DRIMBox SpeedTest."""

import dataclasses
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from lab.bench.speedtest import Measured, measure, save
from lab.bench.speedtest_proof import NoImage
from lab.cli.desk import Desk, pass_desk, show
from lab.cli.progress import NoProgress
from lab.cli.speedtest_parser import Asked, parsed
from lab.errors import LabError, UsageProblem
from lab.report.runs import COLUMNS, case_rows
from lab.report.speedtest import NO_IMAGE, block, figure_lines, figures_document
from lab.report.text import as_table

_UNPARSED = {"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []}
_SILENT = ("critical", "error")


@click.command(context_settings=_UNPARSED)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="HOST PORT AEC [OPTIONS]")
@pass_desk
def speedtest(desk: Desk, words: tuple[str, ...]) -> None:
    """Have any PACS send a study here by C-MOVE, and time it, as the ANS SpeedTest does."""
    asked = parsed(words, os.environ)
    logging.basicConfig(level=asked.log_level.upper().replace("WARN", "WARNING"), format="%(message)s")
    progress = NoProgress() if asked.log_level in _SILENT else desk.progress
    with _advised(asked):
        if asked.save:
            _make(asked.save)
        measured = measure(asked.wish, progress)
    _show(asked, measured)
    if asked.save:
        save(measured.record, asked.save)


def _make(folder: Path) -> None:
    """Before anything is asked: it may take long."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"--save {folder}: {error.strerror}"
        raise UsageProblem(msg, "name a folder, or a place where one can be made") from error


@contextmanager
def _advised(asked: Asked) -> Iterator[None]:
    """The original's advice before what went wrong. With -q the exit code alone tells."""
    try:
        yield
    except LabError as error:
        if asked.log_level == "critical":
            raise click.exceptions.Exit(error.exit_code) from error
        if isinstance(error, NoImage):
            click.echo("\n".join(NO_IMAGE), err=True)
        raise


def _show(asked: Asked, measured: Measured) -> None:
    record = measured.record
    if asked.output != "table":
        figures = [figures_document(result) for result in measured.results]
        document = {**dataclasses.asdict(record), "speedtest": figures}
        show(case_rows(record.runs), COLUMNS, asked.output, document)
        return
    for result, run in zip(measured.results, record.runs, strict=True):
        lines = block(result, quiet_warning=asked.quiet_warning) + figure_lines(run)
        click.echo("\n".join(lines))
    if len(record.runs) > 1:
        click.echo(as_table(case_rows(record.runs), COLUMNS))
