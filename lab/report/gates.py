"""Gates as lines, the worst first, and as rows."""

from collections.abc import Sequence

from lab.model.gating import GateVerdict
from lab.report.text import Row

GATE_COLUMNS = ("verdict", "gate", "case", "measured", "limit", "runs")
_WORDS = {False: "FAIL", None: "NOT MEASURED", True: "pass"}


def gate_lines(verdicts: Sequence[GateVerdict]) -> list[str]:
    """ "FAIL first_image.p95 < 500 ms: p95 0.812 s of 5 runs (4g-lte)"."""
    return [
        f"{_WORDS[one.passed]} {one.text}" + (f" ({one.case})" if one.case else "")
        for one in worst_first(verdicts)
    ]


def gate_rows(verdicts: Sequence[GateVerdict]) -> list[Row]:
    """A row per verdict; measured value and limit in the measure's own unit."""
    return [
        {
            "verdict": _WORDS[one.passed],
            "gate": one.gate.text,
            "case": one.case,
            "measured": one.measured,
            "limit": one.gate.limit,
            "runs": one.runs,
        }
        for one in worst_first(verdicts)
    ]


def worst_first(verdicts: Sequence[GateVerdict]) -> list[GateVerdict]:
    """Failed, by how many times the limit was missed; not measured; passed. Else as they come."""
    ranks = {False: 0, None: 1, True: 2}
    return sorted(verdicts, key=lambda one: (ranks[one.passed], -_missed(one)))


def _missed(one: GateVerdict) -> float:
    if one.passed is not False or one.measured is None:
        return 0.0
    far, near = (one.measured, one.gate.limit) if one.gate.relation == "<" else (one.gate.limit, one.measured)
    return far / near if near > 0 else float("inf")
