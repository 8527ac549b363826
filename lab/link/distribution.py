"""How netem spreads its delays: the tables that iproute2 makes for it, by the formulas of its netem/*.c.

A table holds 4096 quantiles in units of 1/8192 of the jitter, as signed 16-bit numbers. What it cuts off
is cut off here: nothing is further than 4 jitters from the mean.
"""

import math
from collections.abc import Callable
from functools import cache
from statistics import NormalDist

SCALE = 8192  # NETEM_DIST_SCALE of linux/pkt_sched.h
_SIZE = 4096
_FINE_SIZE = 16384
_GRID = 0.00005
_GRID_START = -10.0
_PARETO_SHAPE = 3.0
_LOWEST, _HIGHEST = -32768, 32767


def quantile(distribution: str) -> Callable[[float], float]:
    """From a number in [0, 1), evenly spread, to a deviation in jitters. Raises KeyError for no such name."""
    if distribution == "uniform":
        return lambda share: 2 * share - 1
    jitters = [entry / SCALE for entry in table(distribution)]
    return lambda share: jitters[int(share * _SIZE)]


@cache
def table(distribution: str) -> tuple[int, ...]:
    """The table of "normal", "pareto" or "paretonormal"."""
    entry = {"normal": _normal, "pareto": _pareto, "paretonormal": _paretonormal}[distribution]
    return tuple(min(max(entry(n), _LOWEST), _HIGHEST) for n in range(_SIZE))


def _normal(n: int) -> int:
    """The last x of normal.c's grid that rounds to this step of its 16384, of which each fourth counts."""
    edge = NormalDist().inv_cdf((n * _FINE_SIZE // _SIZE + 0.5) / _FINE_SIZE)
    steps = (edge - _GRID_START) // _GRID
    return round((_GRID_START + steps * _GRID) * SCALE)


def _pareto(n: int) -> int:
    deviation = 1 / math.pow(1 - n / _SIZE, 1 / _PARETO_SHAPE) - 1.5
    return round(min(deviation * (4 / 3 * SCALE), _HIGHEST))


def _paretonormal(n: int) -> int:
    return int((_normal(n) + 3 * _pareto(n)) / 4)
