"""What a command line asks for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from lab.echoscu.checking import check
from lab.echoscu.command_file import expanded
from lab.echoscu.ordering import order_of
from lab.echoscu.parsing import HELP, Parsed, parse
from lab.echoscu.security import idle_tls_options, trust_of
from lab.errors import VerificationError
from lab.model.echo import EchoOrder, Level
from lab.model.tls import TlsParameters
from lab.model.tls_profiles import RFC_8996


class Kind(Enum):
    """What is to be done; of several that end, the first here."""

    HELP = auto()
    VERSION = auto()
    CIPHERS = auto()
    PROFILES = auto()
    VERIFY_CERTIFICATE = auto()
    IS_ROOT = auto()
    ECHO = auto()


_ENDS = {
    "--help": Kind.HELP,
    "--version": Kind.VERSION,
    "--list-ciphers": Kind.CIPHERS,
    "--list-profiles": Kind.PROFILES,
    "--verify-cert": Kind.VERIFY_CERTIFICATE,
    "--is-root-cert": Kind.IS_ROOT,
}
_LISTS = (Kind.HELP, Kind.VERSION, Kind.CIPHERS, Kind.PROFILES)
_LOUDNESS = {"--quiet": Level.FATAL, "--verbose": Level.INFO, "--debug": Level.DEBUG}

_NO_TRUST = TlsParameters(profile=RFC_8996)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for.

    Attributes:
        words: the command line written out, when it is to be shown; nothing of the environment's.
        order: of an echo.
        certificate, trust: what to look at without a connection, and what to hold it against.
        seed_file, write_seed_file: for the random number generator.
        output: of the statistics, "" for none.
        warnings: what was asked for and has no effect, or not the one asked for.
    """

    kind: Kind
    level: Level = Level.WARN
    words: tuple[str, ...] = ()
    order: EchoOrder | None = None
    certificate: Path = Path()
    trust: TlsParameters = _NO_TRUST
    seed_file: Path | None = None
    write_seed_file: Path | None = None
    output: str = ""
    warnings: tuple[str, ...] = ()


def requested(words: Sequence[str], read: Callable[[str], str], preset: Sequence[str] = ()) -> Request:
    """What ``words`` ask for; ``preset`` are words from elsewhere, which those given overrule.

    Args:
        read: the text of a command file; may raise OSError.

    Raises:
        VerificationError: the command line is wrong, or asks for what cannot be had.
    """
    if not words:
        return Request(kind=Kind.HELP)
    typed = expanded(words, read)
    parsed = parse(typed).over(parse(preset))
    kind = next((kind for long, kind in _ENDS.items() if parsed.holds(long)), Kind.ECHO)
    if kind in _LISTS:
        return Request(kind=kind)
    if kind is Kind.ECHO:
        _check_parameters(parsed)
    check(parsed)
    return _request(parsed, kind, typed if parsed.holds("--arguments") else ())


def _request(parsed: Parsed, kind: Kind, words: tuple[str, ...]) -> Request:
    order, warnings = order_of(parsed) if kind is Kind.ECHO else (None, ())
    return Request(
        kind=kind,
        level=_level(parsed),
        words=words,
        order=order,
        certificate=Path(parsed.value("--verify-cert") or parsed.value("--is-root-cert")),
        trust=trust_of(parsed),
        seed_file=_path(parsed.value("--seed")),
        write_seed_file=_written(parsed),
        output=_output(parsed),
        warnings=(*warnings, *idle_tls_options(parsed)),
    )


def _check_parameters(parsed: Parsed) -> None:
    wanted = ("PEER", "PORT")
    missing = wanted[len(parsed.parameters) :]
    if missing:
        msg = f"the {' and the '.join(missing)} is missing"
        raise VerificationError(msg, f"lab echo [options] PEER PORT; {HELP}")
    if len(parsed.parameters) > len(wanted):
        extra = " ".join(parsed.parameters[2:])
        msg = f"too many parameters: {extra!r} after PEER and PORT"
        raise VerificationError(msg, "a title with a blank in it wants quotation marks")


def _level(parsed: Parsed) -> Level:
    for long, level in _LOUDNESS.items():
        if parsed.holds(long):
            return level
    return Level[parsed.value("--log-level", "warn").upper()]


def _output(parsed: Parsed) -> str:
    ours = parsed.holds("--count") or parsed.holds("--interval")
    return parsed.value("--output", "table" if ours else "").lower()


def _path(text: str) -> Path | None:
    return Path(text) if text else None


def _written(parsed: Parsed) -> Path | None:
    if parsed.holds("--write-seed"):
        return _path(parsed.value("--seed"))
    return _path(parsed.value("--write-seed-file"))
