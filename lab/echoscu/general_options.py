"""The general options, and those that are ours."""

from lab.echoscu.option import Option, Value

_GENERAL = "general"
_OURS = "of this lab"
_LEVELS = ("fatal", "error", "warn", "info", "debug", "trace")
_LOUDNESS = ("--quiet", "--verbose", "--debug")

GENERAL = (
    Option(long="--help", short="-h", section=_GENERAL, help="Print this text and end.", ends=True),
    Option(long="--version", section=_GENERAL, help="Print versions and end.", ends=True),
    Option(
        long="--arguments",
        section=_GENERAL,
        help="Print the command line, command files written out, and go on.",
    ),
    Option(
        long="--quiet",
        short="-q",
        section=_GENERAL,
        choice="loudness",
        help="Say nothing but why it failed with exit code 1.",
    ),
    Option(long="--verbose", short="-v", section=_GENERAL, choice="loudness", help="Tell each step."),
    Option(
        long="--debug",
        short="-d",
        section=_GENERAL,
        choice="loudness",
        help="Tell what was proposed and accepted, too.",
    ),
    Option(
        long="--log-level",
        short="-ll",
        section=_GENERAL,
        values=(Value(name="LEVEL", choices=_LEVELS),),
        default="warn",
        excludes=_LOUDNESS,
        help="Tell what is of this level or above: " + ", ".join(_LEVELS) + ".",
    ),
    Option(
        long="--log-config",
        short="-lc",
        section=_GENERAL,
        values=(Value(name="FILE"),),
        excludes=_LOUDNESS,
        help="Log as a log4cplus configuration file says.",
        refused="such files are for the logging library that is part of DCMTK",
        instead="-ll LEVEL chooses how much is told; it is told on stderr, to be redirected",
    ),
)

OURS = (
    Option(
        long="--count",
        section=_OURS,
        values=(Value(name="N", kind="whole", low=1, high=1_000_000),),
        excludes=("--repeat",),
        ours=True,
        help="Send N C-ECHOs, one every --interval; a lost one is counted, and a new association is made "
        "for the next. Exit code 1 when one was lost or failed.",
    ),
    Option(
        long="--interval",
        section=_OURS,
        values=(Value(name="SECONDS", kind="number", low=0, high=86400),),
        default="1 with --count, else 0",
        ours=True,
        help="From the start of one C-ECHO to that of the next.",
    ),
    Option(
        long="--output",
        short="-o",
        section=_OURS,
        values=(Value(name="FORMAT", choices=("table", "json")),),
        ours=True,
        help="Print round-trip statistics: table (the default with --count or --interval) or json.",
    ),
    Option(
        long="--check-name",
        section=_OURS,
        needs="--enable-tls or --anonymous-tls",
        excludes=("--ignore-peer-cert",),
        ours=True,
        help="The peer's certificate must be for the name that it is called by (that of --request-sni, else "
        "PEER, which is then asked for by SNI). echoscu never looks at the name.",
    ),
)
