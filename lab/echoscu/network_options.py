"""The network options."""

from lab.echoscu.option import Option, Value

_IP = "network: IP version"
_TITLES = "network: application entity titles"
_NEGOTIATION = "network: what is proposed"
_OTHER = "network: other"
_TITLE = (Value(name="TITLE"),)
_LONG = "over 16 characters it is cut to 16 with a warning; empty or not of PS3.5's characters: an error"
_WHOLE = "a whole number and nothing after it, where echoscu reads 5abc and 5.9 as 5"


def _seconds(low: int | None) -> tuple[Value, ...]:
    return (Value(name="SECONDS", kind="whole", low=low, high=None),)


NETWORK = (
    Option(long="--ipv4", short="-i4", section=_IP, choice="ip", default="on", help="IPv4 only."),
    Option(
        long="--ipv6",
        short="-i6",
        section=_IP,
        choice="ip",
        help="IPv6 only.",
        note="an IPv4 address is refused, where echoscu connects to it",
    ),
    Option(
        long="--ip-auto", short="-i0", section=_IP, choice="ip", help="Either, as the name service answers."
    ),
    Option(
        long="--aetitle",
        short="-aet",
        section=_TITLES,
        values=_TITLE,
        default="ECHOSCU",
        note=_LONG,
        help="The calling AE title.",
    ),
    Option(
        long="--call",
        short="-aec",
        section=_TITLES,
        values=_TITLE,
        default="ANY-SCP",
        note=_LONG,
        help="The called AE title.",
    ),
    Option(
        long="--propose-ts",
        short="-pts",
        section=_NEGOTIATION,
        values=(Value(name="N", kind="whole", low=1, high=52),),
        default="1",
        help="Propose the first N transfer syntaxes of DCMTK's list.",
    ),
    Option(
        long="--propose-pc",
        short="-ppc",
        section=_NEGOTIATION,
        values=(Value(name="N", kind="whole", low=1, high=128),),
        default="1",
        help="Propose N presentation contexts.",
    ),
    Option(
        long="--timeout",
        short="-to",
        section=_OTHER,
        values=_seconds(1),
        default="no limit",
        note=_WHOLE,
        help="Longest wait for the TCP connection.",
    ),
    Option(
        long="--socket-timeout",
        short="-ts",
        section=_OTHER,
        values=_seconds(None),
        default="60",
        note=_WHOLE,
        help="Longest wait on the socket where no other limit holds: the TLS handshake, sending, and the "
        "C-ECHO-RSP without -td. 0 or less is no limit.",
    ),
    Option(
        long="--acse-timeout",
        short="-ta",
        section=_OTHER,
        values=_seconds(1),
        default="30",
        note=_WHOLE,
        help="Longest wait for the answer to the association request, and to the release.",
    ),
    Option(
        long="--dimse-timeout",
        short="-td",
        section=_OTHER,
        values=_seconds(1),
        default="no limit (but -ts); 30 with --count",
        note=_WHOLE,
        help="Longest wait for the C-ECHO-RSP.",
    ),
    Option(
        long="--max-pdu",
        short="-pdu",
        section=_OTHER,
        values=(Value(name="BYTES", kind="whole", low=4096, high=131072),),
        default="16384",
        help="The longest PDU that this side says it takes.",
    ),
    Option(
        long="--repeat",
        section=_OTHER,
        values=(Value(name="N", kind="whole", low=1, high=4294967295),),
        default="1",
        help="N C-ECHOs on one association, each at once after the one before.",
    ),
    Option(long="--abort", section=_OTHER, help="Abort the association at its end, instead of releasing it."),
)
