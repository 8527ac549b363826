"""`lab dcmtk`: DCMTK's tools at hand."""

import click

from lab.cli.desk import Desk, pass_desk
from lab.stack.tools import run_tool


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--nagle", is_flag=True, help="Leave Nagle's algorithm on, as DCMTK does of itself.")
@click.argument("tool")
@click.argument("words", metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED)
@pass_desk
def dcmtk(desk: Desk, tool: str, words: tuple[str, ...], *, nagle: bool) -> None:
    """Run a tool of the tools container, the current folder being its own.

    It sends over the link as shaped, and reaches the PACS as `orthanc 4242` and the tester as `tester`.
    Its exit code is this command's.
    """
    desk.tidy()
    click.get_current_context().exit(run_tool(desk.home, desk.engine, tool, words, nagle=nagle))
