"""What `lab compare` said of comparisons whose truth is known, and whether that is honest."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from lab.report.text import Row
from lab.units import format_ratio

COLUMNS = ("comparisons", "runs", "what must be", "of", "found", "bound", "honest")
FALSE_ALARMS_AT_MOST = 0.02
REGRESSIONS_AT_LEAST = 0.95
NO_ALARM = ("same", "cannot tell")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one comparison said.

    Attributes:
        slower: whether the PACS of NEW was, in truth.
        words: of duration, first image and throughput.
        low, high: the interval of the ratio of durations.
        exit_code: of the command with its threshold.
    """

    slower: bool
    words: tuple[str, ...]
    low: float
    high: float
    exit_code: int


def honesty(said: Sequence[Said], runs: int) -> list[Row]:
    """A row per promise, and two that are none.

    What the word would be if nothing within 5 % were "same"; and how long intervals are, which says
    whether the machine was quiet.
    """
    equal = [one for one in said if not one.slower]
    slower = [one for one in said if one.slower]
    alarms = sum(not set(one.words) <= set(NO_ALARM) for one in equal)
    stopped = sum(one.exit_code == 99 for one in equal)
    caught = sum(one.exit_code == 99 for one in slower)
    out = sum(not one.low <= 1 <= one.high for one in equal)
    half = statistics.median((one.high - one.low) / 2 for one in said)
    most, least = FALSE_ALARMS_AT_MOST * len(equal), REGRESSIONS_AT_LEAST * len(slower)
    return [
        _row("A/A", runs, "a word that is an alarm", len(equal), alarms, f"at most {most:g}", alarms <= most),
        _row("A/A", runs, "exit 99 above 5 %", len(equal), stopped, f"at most {most:g}", stopped <= most),
        _row(
            "10 % slower",
            runs,
            "exit 99 above 5 %",
            len(slower),
            caught,
            f"at least {least:g}",
            caught >= least,
        ),
        _row("A/A", runs, "an interval without 1", len(equal), out, "-", None),
        _row("all", runs, "half an interval, median", len(said), format_ratio(half), "-", None),
    ]


def is_honest(rows: Sequence[Row]) -> bool:
    """Every promise is kept."""
    return all(row["honest"] != "NO" for row in rows)


def _row(name: str, runs: int, what: str, of: int, found: object, bound: str, honest: bool | None) -> Row:
    word = {True: "yes", False: "NO", None: "-"}[honest]
    values = (name, f"{runs} + {runs}", what, of, found, bound, word)
    return dict(zip(COLUMNS, values, strict=True))
