"""What is asked of `lab echo`, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum

from lab.model.tls import TlsParameters


class Level(IntEnum):
    """How much is said on stderr; each holds those above it."""

    FATAL = 0
    ERROR = 1
    WARN = 2
    INFO = 3
    DEBUG = 4
    TRACE = 5


Say = Callable[[Level, str], None]


class IpVersion(Enum):
    """Which addresses of the peer are tried."""

    V4 = "IPv4"
    V6 = "IPv6"
    EITHER = "IP"


@dataclass(frozen=True, kw_only=True)
class EchoOrder:
    """C-ECHO, how often and over what.

    Attributes:
        transfer_syntaxes, contexts: how many are proposed; each context proposes all of them.
        connect_timeout_s: of the TCP connection; None is no limit.
        socket_timeout_s: of one wait on the socket where no other limit holds; None is no limit.
        acse_timeout_s: of each answer to an A-ASSOCIATE-RQ or A-RELEASE-RQ.
        dimse_timeout_s: of a C-ECHO-RSP; None is no limit.
        repeat: C-ECHOs.
        abort: abort the association at its end, and do not release it.
        interval_s: from the start of one C-ECHO to that of the next; 0 is at once.
        keep_on: count a C-ECHO that failed as lost, associate anew, and go on.
    """

    host: str
    port: int
    calling_ae_title: str
    called_ae_title: str
    transfer_syntaxes: int
    contexts: int
    ip_version: IpVersion
    connect_timeout_s: float | None
    socket_timeout_s: float | None
    acse_timeout_s: float
    dimse_timeout_s: float | None
    max_pdu_bytes: int
    repeat: int
    abort: bool
    interval_s: float
    keep_on: bool
    tls: TlsParameters | None


@dataclass(frozen=True, kw_only=True)
class Echo:
    """One C-ECHO.

    Attributes:
        number: from 1.
        rtt_ms: request handed to the kernel to the read that completed the response; None when lost.
        status: of the response (PS3.7 9.1.5.1); None when lost.
        trouble: why it was lost; "" otherwise.
    """

    number: int
    rtt_ms: float | None
    status: int | None
    trouble: str


@dataclass(frozen=True, kw_only=True)
class EchoSummary:
    """Many C-ECHOs; round-trip figures are None when none was answered.

    Attributes:
        answered: with whatever status.
        failed: answered with a status other than success.
        lost: not answered.
        p95_ms: 95 % of the round trips are no longer.
    """

    sent: int
    answered: int
    failed: int
    lost: int
    min_ms: float | None
    median_ms: float | None
    p95_ms: float | None
    max_ms: float | None
