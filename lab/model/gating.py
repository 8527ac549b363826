"""What came of a gate."""

from dataclasses import dataclass

from lab.model.plan import Gate


@dataclass(frozen=True, kw_only=True)
class GateVerdict:
    """A gate and one case that it is for.

    Attributes:
        case: as people call it; "" when there is no case that the gate is for.
        measured: in the measure's own unit; None: nothing to take it from.
        runs: that have the measure.
        passed: None when it could not be measured, which is no pass.
        text: the gate and what was measured, or why not, in words.
    """

    gate: Gate
    case: str
    measured: float | None
    runs: int
    passed: bool | None
    text: str
