"""Options that hold, as an EchoOrder."""

from lab.echoscu.checking import port_number
from lab.echoscu.parsing import Parsed
from lab.echoscu.security import tls_of
from lab.errors import VerificationError
from lab.model.echo import EchoOrder, IpVersion

_TITLE_CHARACTERS = 16  # PS3.5 6.2, AE
_COUNTING_TIMEOUT_S = 30.0


def order_of(parsed: Parsed) -> tuple[EchoOrder, tuple[str, ...]]:
    """The order, and what to warn of. The command line has been checked."""
    counts = parsed.holds("--count")
    calling, called = parsed.value("--aetitle", "ECHOSCU"), parsed.value("--call", "ANY-SCP")
    order = EchoOrder(
        host=_host(parsed.parameters[0]),
        port=port_number(parsed.parameters[1]),
        calling_ae_title=_title(calling, "-aet"),
        called_ae_title=_title(called, "-aec"),
        transfer_syntaxes=int(parsed.value("--propose-ts", "1")),
        contexts=int(parsed.value("--propose-pc", "1")),
        ip_version=_ip_version(parsed),
        connect_timeout_s=_seconds(parsed.value("--timeout")),
        socket_timeout_s=_seconds(parsed.value("--socket-timeout", "60")),
        acse_timeout_s=float(parsed.value("--acse-timeout", "30")),
        dimse_timeout_s=_seconds(parsed.value("--dimse-timeout"))
        or (_COUNTING_TIMEOUT_S if counts else None),
        max_pdu_bytes=int(parsed.value("--max-pdu", "16384")),
        repeat=int(parsed.value("--count") or parsed.value("--repeat", "1")),
        abort=parsed.holds("--abort"),
        interval_s=float(parsed.value("--interval", "1" if counts else "0")),
        keep_on=counts,
        tls=tls_of(parsed),
    )
    cut = [title for title in (calling, called) if len(title.strip(" ")) > _TITLE_CHARACTERS]
    return order, tuple(f"the AE title {title!r} is cut to its first 16 characters" for title in cut)


def _host(text: str) -> str:
    """Not empty: a resolver takes nothing for this machine."""
    if text:
        return text
    msg = "the peer '' is no host"
    raise VerificationError(msg, "the first parameter is the peer's name or address")


def _seconds(text: str) -> float | None:
    """No limit for nothing, 0 and less."""
    return float(text) if text and int(text) > 0 else None


def _ip_version(parsed: Parsed) -> IpVersion:
    if parsed.holds("--ipv6"):
        return IpVersion.V6
    return IpVersion.EITHER if parsed.holds("--ip-auto") else IpVersion.V4


def _title(text: str, option: str) -> str:
    """PS3.5 6.2: ASCII without backslash and control characters, blanks at its ends left off."""
    title = text.strip(" ")[:_TITLE_CHARACTERS].rstrip(" ")
    if title and title.isascii() and title.isprintable() and "\\" not in title:
        return title
    msg = f"{option} {text!r} is no AE title"
    raise VerificationError(msg, "1 to 16 ASCII characters that are not all blanks, and no backslash")
