"""Profiles as rows: what was claimed, what was measured, and the C-MOVE against its prediction."""

from collections.abc import Iterable

from lab.model.links import LinkLine
from lab.model.verdict import OK, OUT, Verdict
from lab.report.text import Row

LINK_COLUMNS = (
    "profile",
    "shaper",
    "rtt ms",
    "rate Mbit/s",
    "loss %",
    "verified",
    "study",
    "cc",
    "predicted s",
    "duration s",
    "ratio",
)


def link_rows(lines: Iterable[LinkLine]) -> list[Row]:
    """A row per profile and congestion control; where two figures stand, the first is the profile's.

    One that failed says why where it says otherwise what was verified.
    """
    return [_row(line) for line in lines]


def _row(line: LinkLine) -> Row:
    run = line.run
    if run is None:
        nothing = dict.fromkeys(LINK_COLUMNS)
        return {**nothing, "profile": line.profile.name, "verified": f"failed: {line.failed}"}
    found = {(one.direction, one.what): one for one in line.verdicts}
    return {
        "profile": line.profile.name,
        "shaper": run.shaper,
        "rtt ms": _both(found.get(("both", "round trip"))),
        "rate Mbit/s": _both(found.get(("down", "rate"))),
        "loss %": _both(found.get(("down", "loss"))),
        "verified": _in_words(line.verdicts),
        "study": run.study,
        "cc": run.congestion_control["pacs"],
        "predicted s": run.expected_s,
        "duration s": run.duration_s,
        "ratio": run.duration_s / run.expected_s if run.expected_s else None,
    }


def _both(verdict: Verdict | None) -> str:
    if verdict is None or verdict.expected is None:
        return "-"
    measured = "?" if verdict.measured is None else f"{verdict.measured:.3g}"
    return f"{verdict.expected:.3g} / {measured}"


def _in_words(verdicts: list[Verdict]) -> str:
    if not verdicts:
        return "not: phases"
    out = [f"{one.direction} {one.what}" for one in verdicts if one.verdict == OUT]
    sure = sum(one.verdict == OK for one in verdicts)
    return f"out: {', '.join(out)}" if out else f"{sure} of {len(verdicts)}"
