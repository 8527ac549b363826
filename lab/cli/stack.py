"""`lab up`, `down`, `status`, `logs`, `exec`, `dc`: the stack's life."""

import dataclasses
import sys

import click

from lab.cli.desk import Desk, output_option, pass_desk, show
from lab.stack import lifecycle
from lab.system import compose, process, settings
from lab.system.settings import USER, Settings

_COLUMNS = ("service", "state", "ready", "address", "image")
_RAW = {"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []}
_AFTER_THE_SERVICE = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@click.command()
@click.option(
    "--with",
    "variations",
    envvar="LAB_UP_WITH",
    multiple=True,
    type=click.Choice(compose.overlays()),
    help="A variation of the stack; may be repeated.",
)
@click.option("--dicom-port", type=click.IntRange(1, 65535), help="Port for DICOM on 127.0.0.1; kept.")
@click.option(
    "--http-port", type=click.IntRange(1, 65535), help="Port for Orthanc's web side on 127.0.0.1; kept."
)
@click.option("--timeout", default=60.0, show_default=True, help="Seconds to wait until all are ready.")
@pass_desk
def up(
    desk: Desk, variations: tuple[str, ...], dicom_port: int | None, http_port: int | None, timeout: float
) -> None:
    """Start the stack and return when every service is ready."""
    with desk.at_work():
        lifecycle.up(
            desk.home,
            desk.engine,
            desk.progress,
            variations=variations,
            dicom_port=dicom_port,
            http_port=http_port,
            timeout_s=timeout,
        )
    _show_status(desk, "table")


@click.command()
@click.option("--volumes", is_flag=True, help="Delete what Orthanc stores, and the password, too.")
@pass_desk
def down(desk: Desk, *, volumes: bool) -> None:
    """Take the stack away; without --volumes what Orthanc stores is kept."""
    with desk.at_work():
        lifecycle.down(desk.home, desk.engine, desk.progress, volumes=volumes)


@click.command()
@output_option
@pass_desk
def status(desk: Desk, output: str) -> None:
    """Services, how to reach Orthanc, and its password."""
    desk.tidy()
    _show_status(desk, output)


def _show_status(desk: Desk, output: str) -> None:
    services = lifecycle.status(desk.engine)
    rows = [dataclasses.asdict(service) for service in services]
    orthanc = _orthanc(settings.read(desk.home))
    document = {"schema_version": 1, "project": desk.home.project, "services": rows, "orthanc": orthanc}
    show(rows, _COLUMNS, output, document)
    if output == "table" and orthanc:
        click.echo(f"\nOrthanc  {orthanc['url']}  user {orthanc['user']}  password {orthanc['password']}")
        click.echo(f"DICOM    {orthanc['dicom']}")


def _orthanc(chosen: Settings | None) -> dict[str, str] | None:
    """How to reach Orthanc; None before the first `up`."""
    if chosen is None:
        return None
    dicom = f"ORTHANC@127.0.0.1:{chosen.dicom_port}"
    return {"url": chosen.url, "user": USER, "password": chosen.password, "dicom": dicom}


@click.command(context_settings=_RAW)
@click.argument("service", required=False)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@pass_desk
def logs(desk: Desk, service: str | None, words: tuple[str, ...]) -> None:
    """What the containers print; docker compose's options may follow."""
    _compose(desk, ["logs", *([service] if service else []), *words])


@click.command("exec", context_settings=_AFTER_THE_SERVICE)
@click.argument("service", type=click.Choice(lifecycle.SERVICES))
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED)
@pass_desk
def exec_(desk: Desk, service: str, words: tuple[str, ...]) -> None:
    """Run a command in a service's container."""
    desk.tidy()
    terminal = [] if sys.stdin.isatty() and sys.stdout.isatty() else ["-T"]
    _compose(desk, ["exec", *terminal, service, *words])


@click.command(context_settings=_RAW)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@pass_desk
def dc(desk: Desk, words: tuple[str, ...]) -> None:
    """Call docker compose with this project's name, settings and files."""
    _compose(desk, list(words))


def _compose(desk: Desk, words: list[str]) -> None:
    code = process.pass_through(
        lifecycle.compose_argv(desk.home, desk.engine, words), env=settings.environment(desk.home)
    )
    click.get_current_context().exit(code)
