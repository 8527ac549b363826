"""Quantities as people write them, and back.

Inside the lab a quantity is a plain number whose unit stands in its name: ``delay_s``, ``rate_bit_s``,
``loss_ratio``. This module is the only place that reads or writes the human form.
Prefixes are decimal: 1 mbit is 10^6 bit, 1 MB is 10^6 bytes (tc uses the same for rates).

``format_*`` round, for people; ``exact_*`` write so that ``parse_*`` gives the very same number again.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal

from lab.errors import UsageProblem

_TIME_S = {"us": Decimal("1e-6"), "ms": Decimal("1e-3"), "s": Decimal(1)}
_RATE_BIT_S = {"bit": Decimal(1), "kbit": Decimal("1e3"), "mbit": Decimal("1e6"), "gbit": Decimal("1e9")}
_RATIO = {"%": Decimal("0.01")}
_UNROUNDED = Context(prec=400)
_QUANTITY = re.compile(r"\s*(\d{1,30}(?:\.\d{1,350})?)\s*([a-z%]*)\s*", re.IGNORECASE | re.ASCII)


def since_s(origin_s: float, read_s: Iterable[float]) -> list[float]:
    """Readings of a clock counted from one of them, to the nanosecond: no digit beyond is the clock's."""
    return [round(one_s - origin_s, 9) for one_s in read_s]


def parse_time_s(text: str) -> float:
    """Seconds from "20ms", "150us" or "3s". Raises UsageProblem."""
    return _parse(text, _TIME_S, "a time such as 20ms, 150us or 3s")


def parse_rate_bit_s(text: str) -> float:
    """Bits per second from "100mbit", "1gbit" or "9600bit". Raises UsageProblem."""
    return _parse(text, _RATE_BIT_S, "a rate such as 100mbit, 1gbit or 20kbit")


def parse_ratio(text: str) -> float:
    """A share between 0 and 1 from a percentage such as "0.5%". Raises UsageProblem."""
    ratio = _parse(text, _RATIO, "a percentage such as 0.5%")
    if ratio > 1:
        msg = f"{text!r} is more than 100%"
        raise UsageProblem(msg, "write a percentage between 0% and 100%")
    return ratio


def _parse(text: str, units: Mapping[str, Decimal], allowed: str) -> float:
    found = _QUANTITY.fullmatch(text)
    if not found or found[2].lower() not in units:
        msg = f"{text!r} is not {allowed}"
        raise UsageProblem(msg, f"units known here: {', '.join(units)}")
    return float(_times(Decimal(found[1]), units[found[2].lower()]))


def exact_time(seconds: float) -> str:
    """A time that is read back as the same number: "20ms", "1.5s"."""
    return _exact(seconds, _TIME_S)


def exact_rate(bit_s: float) -> str:
    """A rate that is read back as the same number: "7.5mbit"."""
    return _exact(bit_s, _RATE_BIT_S)


def exact_ratio(ratio: float) -> str:
    """A percentage that is read back as the same number: "0.01%"."""
    return _exact(ratio, _RATIO)


def _exact(value: float, units: Mapping[str, Decimal]) -> str:
    """In the largest unit of which it is at least one; the decimals are those that Python shows."""
    shown = Decimal(repr(value))
    fitting = [unit for unit, scale in units.items() if shown >= scale] or list(units)[:1]
    number = _times(shown, 1 / units[fitting[-1]])
    return f"{number.normalize():f}{fitting[-1]}"


def _times(number: Decimal, power_of_ten: Decimal) -> Decimal:
    """Without rounding, however many digits there are."""
    return number.scaleb(power_of_ten.adjusted(), _UNROUNDED)


def format_time(seconds: float) -> str:
    """The shortest of "1234 s", "1.23 s", "20 ms", "150 us"."""
    if abs(seconds) >= 1000:
        return f"{seconds:.0f} s"
    for unit, scale in (("s", 1.0), ("ms", 1e-3)):
        if abs(seconds) >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def format_rate(bit_s: float) -> str:
    """The shortest of "1 gbit", "100 mbit", "20 kbit", "300 bit"."""
    for unit, scale in (("gbit", 1e9), ("mbit", 1e6), ("kbit", 1e3)):
        if bit_s >= scale:
            return f"{bit_s / scale:.4g} {unit}"
    return f"{bit_s:.4g} bit"


def format_ratio(ratio: float) -> str:
    """A percentage: 0.0001 is "0.01%"."""
    return f"{ratio * 100:.4g}%"


def format_bytes(count: float) -> str:
    """Decimal: "209.6 MB", "4.1 kB", "17 B"."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count:.0f} B"
