"""What ping prints (iputils, BSD and macOS, busybox), as numbers."""

import re
import statistics
from dataclasses import dataclass

_REPLY = re.compile(r"time=(\d{1,9}(?:\.\d{1,9})?) ms(?! \(DUP!\))", re.ASCII)
_STAMPED = re.compile(r"\[(\d{1,12}\.\d{1,9})\].{1,200}?" + _REPLY.pattern, re.ASCII)
_SUMMARY = re.compile(r"(\d{1,9}) packets transmitted, (\d{1,9}) (?:packets )?received", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Pinged:
    """How many requests went out, how many were answered, and the round trips in milliseconds."""

    sent: int
    answered: int
    rtts_ms: tuple[float, ...]


def pinged(output: str) -> Pinged | None:
    """All that ping found out; None when it got as far as no summary. A duplicate counts once."""
    summary = _SUMMARY.search(output)
    if summary is None:
        return None
    return Pinged(sent=int(summary[1]), answered=int(summary[2]), rtts_ms=tuple(rtts_ms(output)))


def rtts_ms(output: str) -> list[float]:
    """Round-trip times of the replies in ping's output, in milliseconds; duplicates left out."""
    return [float(found) for found in _REPLY.findall(output)]


def median_rtt_ms(output: str) -> float | None:
    """Median of the replies; None when nothing answered."""
    rtts = rtts_ms(output)
    return statistics.median(rtts) if rtts else None


def stamped_rtts_ms(output: str) -> list[tuple[float, float]]:
    """Of `ping -D`: when each reply came, in seconds since 1970, and its round trip in milliseconds."""
    return [(float(at), float(rtt)) for at, rtt in _STAMPED.findall(output)]
