"""`lab doctor`: is this machine ready, and what can be put right."""

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.errors import PreflightError, UsageProblem
from lab.machine import doctor as surgery
from lab.machine.checks import FAIL, Finding

_COLUMNS = ("check", "state", "found", "remedy")


@click.command()
@click.option("--fix", is_flag=True, help="Install and start what is missing, where that may be done.")
@click.option("--undo", is_flag=True, help="Take back everything --fix did on this machine.")
@click.option("--tests", is_flag=True, help="Look after what only the tests need, too.")
@output_option
@pass_desk
def doctor(desk: Desk, *, fix: bool, undo: bool, tests: bool, output: str) -> None:
    """Check that this machine has what the lab needs; exit 3 when it has not."""
    if fix and undo:
        msg = "--fix and --undo are each other's opposite"
        raise UsageProblem(msg, "give one of them")
    if undo:
        taken_back = surgery.undo(desk.engine, desk.progress)
        click.echo("\n".join(f"taken back: {change.text}" for change in taken_back) or "nothing to take back")
        return
    if fix:
        findings = surgery.fix(desk.home, desk.engine, desk.progress, for_tests=tests)
    else:
        findings = surgery.look(desk.home, desk.engine, desk.progress, for_tests=tests)
    _report(findings, output)


def _report(findings: list[Finding], output: str) -> None:
    rows = [{column: getattr(finding, column) for column in _COLUMNS} for finding in findings]
    show(rows, _COLUMNS, output)
    failing = [finding for finding in findings if finding.state == FAIL]
    if failing:
        names = ", ".join(finding.check for finding in failing)
        msg = f"not ready: {names}"
        remedies = [f"{finding.check}: {finding.remedy}" for finding in failing]
        raise PreflightError(msg, "; ".join(remedies))
