"""What comes first: the gates, the cases that failed, and how much is in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.model.gating import GateVerdict
from lab.model.spread import Failure
from lab.report.gates import worst_first
from lab.report.html.cases import PageCase
from lab.report.html.figures import shown
from lab.statistics.doubting import doubts_of
from lab.statistics.measures import MEASURES

_WORDS = {True: "pass", False: "FAIL", None: "not measured"}


@dataclass(frozen=True, kw_only=True)
class GateLine:
    """A gate and a case, in words."""

    word: str
    text: str
    case: str
    measured: str
    limit: str


@dataclass(frozen=True, kw_only=True)
class FailedCase:
    """A case without a number, or without all of its runs."""

    label: str
    runs: int
    failure: Failure


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """The first section. ``doubted_cases`` have a doubt in one run at least."""

    gates: list[GateLine]
    passed: int
    not_passed: int
    untold: int
    failed: list[FailedCase]
    cases: int
    runs: int
    doubts: int
    doubted_cases: int


def verdicts(cases: Sequence[PageCase], gates: Sequence[GateVerdict]) -> Verdicts:
    """Gates that failed come first, then those that were not measured."""
    doubted = [{doubt.code for doubt in doubts_of(case.result)} for case in cases]
    return Verdicts(
        gates=[_line(gate) for gate in worst_first(gates)],
        passed=sum(gate.passed is True for gate in gates),
        not_passed=sum(gate.passed is False for gate in gates),
        untold=sum(gate.passed is None for gate in gates),
        failed=[
            FailedCase(label=case.label, runs=len(case.result.runs), failure=case.result.failure)
            for case in cases
            if case.result.failure
        ],
        cases=len(cases),
        runs=sum(len(case.result.runs) for case in cases),
        doubts=len(set[str]().union(*doubted)),
        doubted_cases=sum(map(bool, doubted)),
    )


def _line(gate: GateVerdict) -> GateLine:
    unit = MEASURES[gate.gate.measure].unit
    return GateLine(
        word=_WORDS[gate.passed],
        text=gate.gate.text,
        case=gate.case,
        measured=shown(gate.measured, unit),
        limit=shown(gate.gate.limit, unit),
    )
