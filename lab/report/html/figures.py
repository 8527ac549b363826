"""Figures as a page writes them: as many digits as an eye can use, and no more rows than a chart can show."""

import math
from collections.abc import Sequence
from typing import TypeVar

from lab.report.text import cell

Value = TypeVar("Value")
POINTS = 300


def rounded(value: float | None, digits: int = 3) -> float | None:
    """To so many significant digits; a whole number without its point; None for what JSON has no word for."""
    if value is None or not math.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() else short


def thinned(values: Sequence[Value], points: int = POINTS) -> list[Value]:
    """At most so many, evenly spread, the first and the last among them."""
    return [values[row] for row in rows(len(values), points)]


def rows(count: int, points: int = POINTS) -> list[int]:
    """Which of ``count`` rows are kept when so many may be."""
    if count <= points:
        return list(range(count))
    return [row * (count - 1) // (points - 1) for row in range(points)]


def shown(value: float | None, unit: str = "") -> str:
    """Three digits with their unit; "-" for nothing."""
    return cell(value) if value is None or not unit else f"{cell(float(value))} {unit}"


def share(value: float | None) -> str:
    """In percent, two digits of small ones; "-" for nothing."""
    if value is None:
        return "-"
    return f"{value * 100:.0f} %" if value >= 0.1 or not value else f"{value * 100:.2g} %"
