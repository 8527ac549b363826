"""`lab echo`: DCMTK echoscu's command line, read by its rules and not by click's."""

import getpass
import os
import shlex
import ssl
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from lab.bench.echo import summary
from lab.cli.desk import show
from lab.echoscu.environment import preset
from lab.echoscu.help_text import help_text
from lab.echoscu.request import Kind, Request, requested
from lab.errors import VerificationError
from lab.model.echo import Echo, EchoOrder, Level, Say
from lab.model.tls_profiles import PROFILES
from lab.report.echo import ECHO_COLUMNS, echo_document, echo_row
from lab.system import certificates, random_seed
from lab.system.echo import echoes, suites
from lab.system.home import lab_version

_NOT_ACCEPTED = 22
_LOST = 1


class Unread(click.Command):
    """A command whose words click leaves alone."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """All of them are the command's."""
        ctx.params["words"] = tuple(args)
        return []


@click.command(cls=Unread, add_help_option=False)
@click.pass_context
def echo(ctx: click.Context, words: tuple[str, ...]) -> None:
    """C-ECHO with DCMTK echoscu's options and exit codes, and round-trip statistics; no engine needed."""
    request = requested(words, _text_of, preset(os.environ))
    if request.words:
        click.echo(f"{len(request.words)} words: {shlex.join(request.words)}", err=True)
    try:
        code = _done(request)
    except VerificationError as error:
        if request.level > Level.FATAL or error.exit_code == 1:
            raise
        code = error.exit_code
    ctx.exit(code)


def _done(request: Request) -> int:
    """Do what is asked for; the exit code."""
    match request.kind:
        case Kind.HELP:
            click.echo(help_text())
        case Kind.VERSION:
            click.echo(f"lab {lab_version()}, as echoscu of DCMTK 3.6.9\n{ssl.OPENSSL_VERSION}")
        case Kind.CIPHERS:
            click.echo("\n".join(suites()))
        case Kind.PROFILES:
            click.echo("\n".join(f"--profile-{profile.name}: {profile.title}" for profile in PROFILES))
        case Kind.VERIFY_CERTIFICATE:
            return _judged(request, "accepted", certificates.verify(request.certificate, request.trust))
        case Kind.IS_ROOT:
            trouble = certificates.is_root(request.certificate, request.trust.file_format)
            return _judged(request, "a self-signed root", trouble)
        case Kind.ECHO if request.order:
            return _echoed(request, request.order)
    return 0


def _judged(request: Request, what: str, trouble: str) -> int:
    click.echo(f"{request.certificate}: " + (f"not {what}: {trouble}" if trouble else what))
    return _NOT_ACCEPTED if trouble else 0


def _echoed(request: Request, order: EchoOrder) -> int:
    say = _teller(request.level)
    for warning in request.warnings:
        say(Level.WARN, warning)
    if request.seed_file:
        random_seed.mix_in(request.seed_file)
    all_well = _asked(request.output, echoes(order, _password, say))
    if request.write_seed_file:
        random_seed.write_anew(request.write_seed_file)
    return _LOST if order.keep_on and not all_well else 0


def _asked(output: str, answers: Iterable[Echo]) -> bool:
    """One C-ECHO after the other, and the statistics that are wanted; whether each was answered by success.

    Kept is only what statistics are made of: --repeat goes up to four thousand million.
    """
    kept, all_well = list[Echo](), True
    try:
        for one in answers:
            all_well = all_well and one.status == 0
            if output:
                kept.append(one)
    finally:
        if kept:
            _show(kept, output)
    return all_well


def _show(done: list[Echo], output: str) -> None:
    summed = summary(done)
    show([echo_row(summed)], ECHO_COLUMNS, output, echo_document(summed, done))


def _teller(loudest: Level) -> Say:
    def say(level: Level, text: str) -> None:
        if level <= loudest:
            click.echo(f"{level.name[0]}: {text}", err=True)

    return say


def _password(key_file: Path) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"password of {key_file}: ")
    return sys.stdin.readline().rstrip("\r\n")


def _text_of(command_file: str) -> str:
    return Path(command_file).read_text()
