"""A gate as people write it: "first_image.p95 < 500 ms", "throughput > 100 mbit", "efficiency.median > 0.5".

    MEASURE[.STATISTIC] < or > LIMIT [UNIT]

Measures and their units are those of lab.statistics.measures; without a statistic the median is meant.
"""

import math
import re
from collections.abc import Callable, Mapping

from lab.errors import UsageProblem
from lab.link.link_keys import shown
from lab.model.plan import Gate
from lab.plans.keys import meant, refuse
from lab.statistics.measures import MEASURES, STATISTICS, Measure
from lab.units import parse_rate_bit_s, parse_ratio, parse_time_s

MEDIAN = "median"
BLANK = "___"  # what a template has for a limit
_FORM = re.compile(r"\s*([a-z0-9_]+)(?:\.([a-z0-9_]+))?\s*([<>]=?|==?|!=)\s*(\S.*?)\s*", re.ASCII)
_NUMBER = re.compile(r"\d{1,30}(?:\.\d{1,30})?", re.ASCII)


def gate_from_text(text: object, only: Mapping[str, str], place: str) -> Gate:
    """The gate in a text, for the cases that ``only`` names. Raises UsageProblem naming the place."""
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if not isinstance(text, str) or not found:
        refuse(f"{place} {shown(text)} is no gate", 'write it as "first_image.p95 < 500 ms"')
    name, statistic, relation, limit = found.groups()
    where = f"{place} {text!r}"
    measure = _measure(name, where)
    return Gate(
        text=text.strip(),
        measure=name,
        statistic=_statistic(statistic, where),
        relation=_relation(relation, where),
        limit=_limit(limit, measure, where),
        only=dict(only),
    )


def _measure(name: str, where: str) -> Measure:
    if name not in MEASURES:
        remedy = f"{meant(name, MEASURES)}known here: {', '.join(MEASURES)}"
        refuse(f"{where}: there is no measure {name!r}", remedy)
    return MEASURES[name]


def _statistic(name: str | None, where: str) -> str:
    if name is not None and name not in STATISTICS:
        refuse(f"{where}: there is no statistic {name!r}", f"known here: {', '.join(STATISTICS)}")
    return name or MEDIAN


def _relation(sign: str, where: str) -> str:
    if sign not in ("<", ">"):
        refuse(f"{where}: {sign} is no relation of a gate", "allowed: < and >")
    return sign


def _limit(limit: str, measure: Measure, where: str) -> float:
    """In the measure's own unit."""
    if BLANK in limit:
        remedy = (
            f"copy the file, write the limit that you are bound to in place of {BLANK}, and give its path"
        )
        refuse(f"{where}: the limit of {measure.title} is to be filled in", remedy)
    try:
        found = _PARSERS[measure.unit](limit)
    except UsageProblem as error:
        msg = f"{where}: {error.message}, and {measure.title} is one"
        raise UsageProblem(msg, error.remedy) from None
    if not 0 < found < math.inf:
        refuse(f"{where}: {limit!r} is always or never exceeded", "write a limit above 0")
    return found


def _milliseconds(limit: str) -> float:
    return parse_time_s(limit) * 1e3


def _megabits(limit: str) -> float:
    return parse_rate_bit_s(limit) / 1e6


def _share(limit: str) -> float:
    if _NUMBER.fullmatch(limit):
        return float(limit)
    try:
        return parse_ratio(limit)
    except UsageProblem:
        msg = f"{limit!r} is not a ratio such as 0.5 or 50%"
        raise UsageProblem(msg, "write a number without a unit, or a percentage up to 100%") from None


_PARSERS: Mapping[str, Callable[[str], float]] = {
    "s": parse_time_s,
    "ms": _milliseconds,
    "Mbit/s": _megabits,
    "": _share,
}
