"""`lab`: the root command, and the one place where an error becomes a line and an exit code."""

import logging
import sys
from pathlib import Path
from typing import Any

import click

from lab.cli.bench import bench
from lab.cli.compare import compare
from lab.cli.data import data
from lab.cli.dcmtk import dcmtk
from lab.cli.demo import demo
from lab.cli.desk import Desk
from lab.cli.doctor import doctor
from lab.cli.echo import echo
from lab.cli.images import images
from lab.cli.net import net
from lab.cli.report import report
from lab.cli.schema import schema
from lab.cli.seed import seed
from lab.cli.speedtest import speedtest
from lab.cli.stack import dc, down, exec_, logs, status, up
from lab.cli.top import top
from lab.errors import Interrupted, LabError
from lab.system.home import DEFAULT_PROJECT, Home, default_root, lab_version


class LabGroup(click.Group):
    """Turns a LabError into its message, its remedy and its exit code; a Ctrl-C into 130."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except LabError as error:
            _explain(error)
            ctx.exit(error.exit_code)
        except OSError as error:
            _explain(LabError(f"{error.filename or 'the system'}: {error.strerror or error}"))
            ctx.exit(LabError.exit_code)
        except (KeyboardInterrupt, click.Abort):
            _explain(Interrupted("interrupted"))
            ctx.exit(Interrupted.exit_code)


def _explain(error: LabError) -> None:
    click.echo(f"Error: {error.message}", err=True)
    if error.remedy:
        click.echo(f"Try: {error.remedy}", err=True)


def _project_name(_: click.Context, __: click.Parameter, value: str) -> str:
    """Docker compose's rule for project names."""
    allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_"
    if not value or value[0] not in allowed[:36] or set(value) - set(allowed):
        msg = f"{value!r}: lower-case letters, digits, - and _ only, a letter or digit first"
        raise click.BadParameter(msg)
    return value


@click.group(
    cls=LabGroup, context_settings={"auto_envvar_prefix": "LAB", "help_option_names": ["-h", "--help"]}
)
@click.option("--root", type=click.Path(path_type=Path, file_okay=False), help="The lab's folder.")
@click.option(
    "--project",
    default=DEFAULT_PROJECT,
    show_default=True,
    callback=_project_name,
    help="One of several labs side by side on a machine.",
)
@click.option("-v", "--verbose", is_flag=True, help="Print every command that is run.")
@click.version_option(lab_version(), prog_name="lab")
@click.pass_context
def main(ctx: click.Context, root: Path | None, project: str, *, verbose: bool) -> None:
    """A DICOM transfer-performance lab.

    Every option can also be set in the environment as LAB_<COMMAND>_<OPTION>, LAB_ROOT and
    LAB_PROJECT among them. Exit codes: 0 ok, 1 failed, 2 usage, 3 preflight not met, 4 unhealthy or
    timed out, 5 out of tolerance, 6 delivery not proved, 99 threshold crossed, 130 interrupted.
    """
    if verbose:
        logging.basicConfig(level=logging.INFO, format="%(message)s")
    ctx.obj = Desk(Home((root or default_root()).resolve(), project))
    ctx.call_on_close(ctx.obj.engine.close)


_STACK = (doctor, images, up, down, status, logs, exec_, dc, top)
_WORK = (data, seed, net, bench, report, compare, schema, demo, speedtest, echo, dcmtk)
for command in (*_STACK, *_WORK):
    main.add_command(command)


def speedtest_alone() -> None:
    """The program `speedtest`: `lab speedtest` under the name its users know."""
    main(["speedtest", *sys.argv[1:]], prog_name="lab")
