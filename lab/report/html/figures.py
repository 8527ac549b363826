"""Figures as a page writes them: as many digits as an eye can use, and no more rows than a chart can show."""

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lab.report.text import cell

Value = TypeVar("Value")
POINTS = 300
_LARGEST = 1e15  # below it, powers of ten and what is multiplied by them are exact enough


def rounded(value: float | None, digits: int = 3) -> float | None:
    """To so many significant digits; a whole number without its point; None for what JSON has no word for."""
    if value is None or not math.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() else short


def rounded_column(values: Sequence[float] | NDArray[np.float64], digits: int = 3) -> list[float | None]:
    """The same of each, all at once: what lies in the middle between two figures may become the other one."""
    exact = np.asarray(values, np.float64)
    sizes = np.where(exact == 0, 1.0, np.abs(exact))
    if not ((sizes > 1 / _LARGEST) & (sizes < _LARGEST)).all():
        return [rounded(value, digits) for value in exact.tolist()]
    places = digits - 1 - np.floor(np.log10(sizes))
    up, down = 10.0 ** np.maximum(places, 0), 10.0 ** np.maximum(-places, 0)
    short: list[float] = (np.rint(exact * up / down) / up * down).tolist()
    return [int(value) if value.is_integer() else value for value in short]


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
