"""What each case should have taken by the stop-and-wait model, against what it took."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.report.html.cases import PageCase
from lab.report.html.figures import rounded, shown
from lab.report.html.reasons import listed, reasons

PARTED_SHARE = 0.2
_HELPS = 3


@dataclass(frozen=True, kw_only=True)
class PredictedRow:
    """One case; ``parted`` when it is over 20 % from its prediction, and ``why`` what the record tells."""

    label: str
    predicted: str
    measured: str
    off: str
    parted: bool
    why: str
    helps: str


def predicted_rows(cases: Sequence[PageCase]) -> list[PredictedRow]:
    """Of the cases with a prediction, the one furthest from it first."""
    found = [(case, case.off_by) for case in cases]
    known = [(case, off) for case, off in found if off is not None]
    return [_row(case, off) for case, off in sorted(known, key=lambda one: -abs(one[1]))]


def _row(case: PageCase, off: float) -> PredictedRow:
    parted = abs(off) > PARTED_SHARE
    return PredictedRow(
        label=case.label,
        predicted=shown(case.expected_s, "s"),
        measured=shown(case.figures["duration"].median, "s"),
        off=f"{round(off * 100):+d} %",
        parted=parted,
        why=listed(reasons(case)) if parted else "",
        helps=_helps(case),
    )


def _helps(case: PageCase) -> str:
    prediction = case.result.prediction
    helps = prediction.helps[:_HELPS] if prediction else []
    return listed([f"{help_.change}: {shown(help_.duration_s, 's')}" for help_ in helps])


def predicted_columns(cases: Sequence[PageCase]) -> dict[str, list[float | None]]:
    """Both durations in seconds, a row per case; None where there is no prediction."""
    known = [case.off_by is not None for case in cases]
    return {
        "predicted": [
            rounded(case.expected_s) if has else None for case, has in zip(cases, known, strict=True)
        ],
        "measured": [
            rounded(case.figures["duration"].median) if has else None
            for case, has in zip(cases, known, strict=True)
        ],
    }


def predicted_label(rows: Sequence[PredictedRow]) -> str:
    """What the chart says, for who cannot see it."""
    if not rows:
        return "Measured duration against prediction: no case has a prediction"
    parted = sum(row.parted for row in rows)
    return (
        f"Measured duration against prediction of {len(rows)} cases: {parted} part by over "
        f"{PARTED_SHARE * 100:.0f} %, the most is {rows[0].off} ({rows[0].label})"
    )
