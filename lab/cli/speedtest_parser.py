"""From words to what is asked of `lab speedtest`, by argparse, as the ANS SpeedTest reads its words.

click cannot read `-x=` and knows no abbreviations.
"""

import argparse
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from lab.cli.speedtest_options import OPTIONS, Option
from lab.cli.speedtest_values import ae_title, port
from lab.errors import UsageProblem
from lab.model.speedtest import Speedtest
from lab.model.tls import TlsFiles
from lab.system.home import lab_version

_PROGRAM = "lab speedtest"
_ENVIRONMENT = "LAB_SPEEDTEST_"
_LOUDNESS = ("log_level", "log_type")
_TRUE = ("1", "true", "t", "yes", "y", "on")
_DESCRIPTION = (
    "Has a PACS send a study to this machine by C-MOVE and measures it: in place of the ANS DRIMBox"
    " SpeedTest, with its options and its result block. No stack and no container engine are needed."
)
_EPILOG = (
    "Without one of the -x options compressed transfer syntaxes are preferred, so that the PACS sends what it"
    " stores. The original prefers implicit VR little endian, which can make a PACS decompress. Long options"
    " may be abbreviated; each can be set in the environment (LAB_SPEEDTEST_AE_TITLE). Exit codes: 0 images"
    " came and none failed, 1 failed, 2 usage, 4 nobody answered in time, 6 delivery not proved."
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What to measure, and what to print and to write. ``log_level`` is one of -ll's."""

    wish: Speedtest
    log_level: str
    save: Path | None
    quiet_warning: bool
    output: str


def parsed(words: Sequence[str], environment: Mapping[str, str]) -> Asked:
    """What the words ask for, after what the environment does. Help and version are printed, and SystemExit.

    Raises:
        UsageProblem: they cannot be read.
    """
    typed = [*_expanded(words)]
    asked = parser().parse_args([*_from_environment(environment, _given(typed)), *typed])
    return Asked(
        wish=_wish(asked),
        log_level=asked.log_level or asked.log_type or "warn",
        save=Path(asked.save) if asked.save else None,
        quiet_warning=asked.quiet_warning,
        output=asked.output,
    )


def parser() -> argparse.ArgumentParser:
    """With the original's groups, names and defaults."""
    one = _Parser(prog=_PROGRAM, description=_DESCRIPTION, epilog=_EPILOG, add_help=False)
    group = one.add_argument_group("Parameters")
    group.add_argument("host", help="host name of the PACS")
    group.add_argument("port", type=port, help="its DICOM port")
    group.add_argument("aec", type=ae_title, help="its AE title")
    for heading in dict.fromkeys(option.group for option in OPTIONS):
        _add_group(one, heading)
    return one


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """In the lab's words."""
        raise UsageProblem(message, f"{_PROGRAM} --help")


def _add_group(one: argparse.ArgumentParser, heading: str) -> None:
    group = one.add_argument_group(heading)
    exclusive: dict[str, Any] = {"": group}
    for option in OPTIONS:
        if option.group == heading:
            if option.exclusive not in exclusive:
                exclusive[option.exclusive] = group.add_mutually_exclusive_group()
            version = {"version": f"{_PROGRAM} {lab_version()}"} if option.long == "--version" else {}
            exclusive[option.exclusive].add_argument(*option.names, help=option.help, **option.how, **version)


def _given(typed: Sequence[str]) -> set[str]:
    """Destinations that the command line itself decides; -q, -v, -d and -ll decide the same."""
    nothing = object()
    unset = argparse.Namespace(**dict.fromkeys((option.destination for option in OPTIONS), nothing))
    read = vars(parser().parse_args(typed, unset))
    given = {name for name, value in read.items() if value is not nothing}
    return given | set(_LOUDNESS) if given & set(_LOUDNESS) else given


def _from_environment(environment: Mapping[str, str], given: Container[str]) -> Iterator[str]:
    """As words, without those that the command line overrules."""
    for option in OPTIONS:
        if option.destination in given:
            continue
        value = environment.get(_ENVIRONMENT + option.long.lstrip("-").replace("-", "_").upper())
        if value and not option.is_flag:
            yield f"{option.long}={value}"
        elif value and _is_switch(option) and value.lower() in _TRUE:
            yield option.long


def _is_switch(option: Option) -> bool:
    return option.how["action"] not in ("help", "version")


def _expanded(words: Sequence[str]) -> Iterator[str]:
    """The original's abbreviations as it would read them, whatever options of ours begin alike."""
    known = [name for option in OPTIONS for name in option.names]
    originals = [option.long for option in OPTIONS if option.original]
    for word in words:
        name, equals, value = word.partition("=")
        hits = [long for long in originals if long.startswith(name)]
        abbreviated = name.startswith("--") and name != "--" and name not in known and len(hits) == 1
        yield hits[0] + equals + value if abbreviated else word


def _wish(asked: argparse.Namespace) -> Speedtest:
    return Speedtest(
        host=asked.host,
        port=asked.port,
        called_ae_title=asked.aec,
        calling_ae_title=asked.calling,
        level=asked.level.upper(),
        study_instance_uid=asked.study,
        patient_id=asked.patientid,
        ae_title=asked.ae_title,
        cstore_port=asked.cstore_port,
        bind_address=asked.bind_address,
        acse_timeout_s=asked.acse_timeout,
        dimse_timeout_s=asked.dimse_timeout,
        network_timeout_s=asked.network_timeout,
        max_pdu_bytes=asked.max_pdu,
        preference=asked.preference,
        verification=not asked.no_echo,
        runs=asked.runs,
        tls=_tls(asked.tls_key, asked.tls_certificate, asked.tls_ca),
    )


def _tls(key: str | None, certificate: str | None, authority: str | None) -> TlsFiles | None:
    """Raises UsageProblem when some are given and some not, or one is not there."""
    named = [name for name in (key, certificate, authority) if name]
    if not named:
        return None
    if not (key and certificate and authority):
        msg = "--tls-key, --tls-certificate and --tls-ca go together"
        raise UsageProblem(msg, "both sides of DICOM TLS show a certificate: give all three")
    for name in named:
        if not Path(name).is_file():
            msg = f"there is no file {name}"
            raise UsageProblem(msg, "in a lab that is up with TLS they are in its folder under tls/")
    return TlsFiles(
        key_file=str(Path(key).resolve()),
        certificate_file=str(Path(certificate).resolve()),
        ca_file=str(Path(authority).resolve()),
    )
