"""Verdicts of gates as they come out of a judgement."""

from lab.model.gating import GateVerdict
from lab.plans.gate_text import gate_from_text


def verdict(text: str, case: str, measured: float | None, *, passed: bool | None) -> GateVerdict:
    """``measured`` is in the measure's own unit."""
    gate = gate_from_text(text, {}, "gates")
    return GateVerdict(
        gate=gate, case=case, measured=measured, runs=5, passed=passed, text=f"{text}: measured {measured}"
    )
