"""A real link, as measured from this machine."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Goodput:
    """What TCP got through one direction, in bit/s of payload; None and why where it is not known."""

    bit_s: float | None
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What ping and iperf3 found out.

    Attributes:
        host: the other end, ``here`` this machine's name, ``date`` the day as YYYY-MM-DD.
        sent, answered: pings; at least one was answered.
        rtts_ms: their round trips in milliseconds.
        down: from the host to here, ``up`` from here to the host.
    """

    host: str
    here: str
    date: str
    sent: int
    answered: int
    rtts_ms: tuple[float, ...]
    down: Goodput
    up: Goodput
