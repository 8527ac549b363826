"""`lab`: the root command, and the one place where an error becomes a line and an exit code."""

import logging
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import click

from lab.cli.desk import Desk
from lab.cli.lazy import LazyGroup
from lab.errors import Interrupted, LabError
from lab.system.home import DEFAULT_PROJECT, Home, default_root, lab_version


class LabGroup(LazyGroup):
    """Turns a LabError into its message, its remedy and its exit code; a Ctrl-C into 130."""

    places: ClassVar[Mapping[str, str]] = {
        "doctor": "lab.cli.doctor:doctor",
        "images": "lab.cli.images:images",
        **{name: f"lab.cli.stack:{name}" for name in ("up", "down", "status", "logs")},
        "exec": "lab.cli.stack:exec_",
        "dc": "lab.cli.stack:dc",
        **{name: f"lab.cli.{name}:{name}" for name in ("top", "data", "seed", "net", "bench", "report")},
        **{name: f"lab.cli.{name}:{name}" for name in ("compare", "schema", "demo", "speedtest", "echo")},
        "dcmtk": "lab.cli.dcmtk:dcmtk",
    }

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
    ctx.call_on_close(ctx.obj.close)


def run() -> None:
    """The program `lab`."""
    heed_endings()
    main(prog_name="lab")


def speedtest_alone() -> None:
    """The program `speedtest`: `lab speedtest` under the name its users know."""
    heed_endings()
    main(["speedtest", *sys.argv[1:]], prog_name="lab")


def heed_endings() -> None:
    """SIGTERM, by which `timeout` and CI end things, and SIGHUP, a terminal that goes, as Ctrl-C is.

    `nohup` ignores the latter, and is left to.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
