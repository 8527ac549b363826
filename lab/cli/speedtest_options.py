"""The options of `lab speedtest`: all of the ANS SpeedTest's, and a few of our own.

Parser, environment and the table in docs/speedtest.md are made from this list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.cli.desk import FORMATS
from lab.cli.speedtest_values import ae_title, max_pdu, patient_id, port, positive, seconds, uid
from lab.model.speedtest import REFERENCE_PATIENT_ID, REFERENCE_STUDY_UID

_OPTIONS, _COMMAND = "tests/unit/test_speedtest_options.py", "tests/unit/test_speedtest_command.py"
_LOOPBACK, _PEERS = "tests/loopback/test_speedtest.py", "tests/loopback/test_speedtest_peers.py"
_TLS = "tests/loopback/test_speedtest_tls.py"
_FAILURES = "tests/loopback/test_speedtest_failures.py"


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option.

    Attributes:
        group: heading in the help.
        names: as the user writes it, the long one last.
        help: what it does here.
        how: for argparse's add_argument.
        tested: test files in which it is shown to do what it says.
        exclusive: options of the same word exclude each other; "" excludes none.
        original: the ANS SpeedTest has it.
    """

    group: str
    names: tuple[str, ...]
    help: str
    how: Mapping[str, Any]
    tested: tuple[str, ...]
    exclusive: str = ""
    original: bool = True

    @property
    def long(self) -> str:
        """The name by which the environment has it."""
        return self.names[-1]

    @property
    def destination(self) -> str:
        """The attribute that argparse gives its value."""
        return str(self.how.get("dest") or self.long.lstrip("-").replace("-", "_"))

    @property
    def is_flag(self) -> bool:
        """It takes no value."""
        return "action" in self.how


def _general(names: str, text: str, how: Mapping[str, Any], *tested: str) -> Option:
    exclusive = "log" if how.get("dest") == "log_type" else ""
    group = "General Options"
    return Option(
        group=group, names=_names(names), help=text, how=how, tested=(*tested, _COMMAND), exclusive=exclusive
    )


def _network(names: str, text: str, how: Mapping[str, Any], *tested: str) -> Option:
    return Option(
        group="Network Options", names=_names(names), help=text, how=how, tested=(_OPTIONS, *tested)
    )


def _syntax(names: str, text: str, preference: str) -> Option:
    how = {"action": "store_const", "dest": "preference", "const": preference, "default": "compressed"}
    return Option(
        group="Preferred Transfer Syntaxes",
        names=_names(names),
        help=text,
        how=how,
        tested=(_OPTIONS, _LOOPBACK),
        exclusive="syntax",
    )


def _miscellaneous(names: str, text: str, how: Mapping[str, Any], *tested: str) -> Option:
    return Option(
        group="Miscellaneous Options", names=_names(names), help=text, how=how, tested=(_OPTIONS, *tested)
    )


def _ours(names: str, text: str, how: Mapping[str, Any], *tested: str) -> Option:
    return Option(
        group="Options that the original has not",
        names=_names(names),
        help=text,
        how=how,
        tested=(_OPTIONS, *tested),
        original=False,
    )


def _names(names: str) -> tuple[str, ...]:
    return tuple(names.split())


def _level(level: str) -> dict[str, Any]:
    return {"action": "store_const", "dest": "log_type", "const": level}


def _seconds() -> dict[str, Any]:
    return {"metavar": "SECONDS", "type": seconds, "default": 30.0}


_SWITCH = {"action": "store_true"}
_FILE = {"metavar": "FILE"}
_LEVELS = ["critical", "error", "warn", "info", "debug"]

OPTIONS = (
    _general("-h --help", "print this help and exit", {"action": "help"}),
    _general("--version", "print the lab's version and exit", {"action": "version"}),
    _general("-q --quiet", "say nothing beside the result, errors neither", _level("critical"), _OPTIONS),
    _general("-v --verbose", "say what is done, too", _level("info"), _OPTIONS),
    _general("-d --debug", "say everything", _level("debug"), _OPTIONS),
    _general(
        "-ll --log-level",
        f"how much is said beside the result: {', '.join(_LEVELS)} (default: warn)",
        {"metavar": "LEVEL", "choices": _LEVELS},
        _OPTIONS,
    ),
    _network(
        "-aet --ae-title",
        "own AE title, the move destination (default: STORESCP)",
        {"metavar": "AET", "type": ae_title, "default": "STORESCP"},
        _FAILURES,
        _PEERS,
    ),
    _network(
        "-p --cstore-port",
        "port to which the PACS sends (default: 9999)",
        {"metavar": "PORT", "type": port, "default": 9999},
        "tests/loopback/speedtesting.py",
    ),
    _network(
        "-ta --acse-timeout",
        "longest wait for an association to be answered or proposed (default: 30 s)",
        _seconds(),
        _FAILURES,
    ),
    _network(
        "-td --dimse-timeout",
        "longest silence of the PACS during the C-MOVE (default: 30 s)",
        _seconds(),
        _FAILURES,
    ),
    _network(
        "-tn --network-timeout",
        "longest wait for a connection, and longest silence on one that stores (default: 30 s)",
        _seconds(),
        _FAILURES,
    ),
    _network(
        "-pdu --max-pdu",
        "longest PDU that is taken (0: no limit, else 256 at least; default: 16382)",
        {"metavar": "BYTES", "type": max_pdu, "default": 16382},
        _LOOPBACK,
        _PEERS,
    ),
    _network(
        "-ba --bind-address",
        "address of this machine to listen on (default: all of them)",
        {"metavar": "ADDRESS", "default": ""},
        _FAILURES,
    ),
    _syntax(
        "-x= --prefer-uncompr",
        "prefer uncompressed ones, explicit VR in local byte order first",
        "uncompressed",
    ),
    _syntax("-xe --prefer-little", "prefer explicit VR little endian", "little"),
    _syntax("-xb --prefer-big", "prefer explicit VR big endian", "big"),
    _syntax("-xi --implicit", "accept none but implicit VR little endian", "implicit"),
    _miscellaneous("--no-echo", "refuse C-ECHO (Verification)", _SWITCH, _LOOPBACK),
    _miscellaneous(
        "-s --study",
        f"Study Instance UID to be moved (default: {REFERENCE_STUDY_UID})",
        {"metavar": "UID", "type": uid, "default": REFERENCE_STUDY_UID},
        _LOOPBACK,
        _PEERS,
    ),
    _miscellaneous(
        "-pid --patientid",
        f"Patient ID it is moved by (default: {REFERENCE_PATIENT_ID})",
        {"metavar": "ID", "type": patient_id, "default": REFERENCE_PATIENT_ID},
        _LOOPBACK,
        _PEERS,
    ),
    _ours(
        "--calling",
        "ask as this AE title (default: MOVESCU, as the original asks)",
        {"metavar": "AET", "type": ae_title, "default": "MOVESCU"},
        _LOOPBACK,
    ),
    _ours(
        "--level",
        "level of the C-MOVE: patient gives both keys, as the original does; study gives the study's only,"
        " where a PACS would send the patient's other studies too (default: patient)",
        {"choices": ["patient", "study"], "default": "patient"},
        _LOOPBACK,
        _PEERS,
    ),
    _ours(
        "--runs", "measure so often (default: 1)", {"metavar": "N", "type": positive, "default": 1}, _LOOPBACK
    ),
    _ours(
        "--save",
        "write the record there, as lab bench does (default: nowhere)",
        {"metavar": "DIR"},
        _LOOPBACK,
        _FAILURES,
    ),
    _ours("--tls-key", "by DICOM TLS: own private key, in PEM; with the two below", _FILE, _TLS),
    _ours("--tls-certificate", "by DICOM TLS: own certificate", _FILE, _TLS),
    _ours("--tls-ca", "by DICOM TLS: certificate of the authority that is trusted", _FILE, _TLS),
    _ours(
        "--quiet-warning",
        "no warning where the reference study came in the syntax it is published in",
        _SWITCH,
        "tests/unit/test_speedtest_report.py",
    ),
    _ours(
        "-o --output",
        "what to print: the result block and more (table, the default), json, csv, md",
        {"choices": FORMATS, "default": "table"},
        _COMMAND,
    ),
)


def option_table() -> str:
    """As docs/speedtest.md has it: Markdown, a row per option."""
    lines = ["| SpeedTest | lab speedtest | what it does here | tested in |", "| --- | --- | --- | --- |"]
    for option in OPTIONS:
        names = ", ".join(f"`{name}`" for name in option.names)
        tested = ", ".join(option.tested)
        lines.append(f"| {names if option.original else '-'} | {names} | {option.help} | {tested} |")
    return "\n".join(lines)
