"""What has to be true of cases, held against what was measured. What could not be measured does not pass."""

from collections.abc import Mapping, Sequence

from lab.errors import UsageProblem
from lab.model.gating import GateVerdict
from lab.model.plan import Gate
from lab.statistics.matching import FIELDS
from lab.statistics.measures import MEASURES, STATISTICS, Measure, samples
from lab.statistics.missing import Missing
from lab.statistics.naming import labels
from lab.statistics.possible import Values, fits, possible
from lab.statistics.results import CaseKey, CaseResult


def judge(
    gates: Sequence[Gate],
    results: Sequence[CaseResult],
    missing: Sequence[Missing] = (),
    among: Sequence[CaseResult] = (),
) -> list[GateVerdict]:
    """A verdict for each gate and each case it is for; one that says so where there is no such case.

    A gate is for the cases that its ``only`` names, and then for those whose method can have the measure:
    stores have no steady throughput. A case whose runs lack it, or that has none, was not measured; nor were
    the ``missing``, which were not begun. What failed, or has fewer runs than it was to have, may fail a gate
    and passes none. Cases are called by what tells them from all ``among`` which they are shown.

    Raises UsageProblem for a measure, a statistic, a relation or a field that there is not.
    """
    shown = [one.key for one in among or results]
    names = dict(zip(shown, labels(shown), strict=True))
    names |= {one.result.key: one.name for one in missing}
    cases = [*results, *(one.result for one in missing)]
    return [verdict for gate in gates for verdict in _judged(gate, cases, names)]


def hold(verdicts: Sequence[GateVerdict]) -> bool:
    """All of them passed."""
    return all(one.passed for one in verdicts)


def _judged(gate: Gate, results: Sequence[CaseResult], names: Mapping[CaseKey, str]) -> list[GateVerdict]:
    _check(gate)
    measure = MEASURES[gate.measure]
    named = [one for one in results if _is_for(gate, one)]
    able = [one for one in named if measure.is_of(one.key.method)]
    if not able:
        return [_nothing(gate, named)]
    return [_verdict(gate, measure, one, names[one.key]) for one in able]


def _check(gate: Gate) -> None:
    for what, given, known in (
        ("measure", [gate.measure], list(MEASURES)),
        ("statistic", [gate.statistic], list(STATISTICS)),
        ("relation", [gate.relation], ["<", ">"]),
        ("field", list(gate.only), list(FIELDS)),
    ):
        for one in given:
            if one not in known:
                msg = f"gate {gate.text!r}: there is no {what} {one!r}"
                raise UsageProblem(msg, f"known: {', '.join(known)}")


def _is_for(gate: Gate, result: CaseResult) -> bool:
    """A case without a run is one that the gate may be for."""
    values: dict[str, Values] = {name: (str(getattr(result.key, name)),) for name in gate.only}
    before = possible(result.case) if result.case and not result.runs else {}
    return all(fits(wanted, before.get(name, values[name])) for name, wanted in gate.only.items())


def _nothing(gate: Gate, named: Sequence[CaseResult]) -> GateVerdict:
    conditions = " and ".join(f"{name} {value}" for name, value in gate.only.items())
    no_case = f"no case has {conditions}" if conditions else "there is no case"
    why = f"no run has {gate.measure}" if named else no_case
    return GateVerdict(
        gate=gate, case="", measured=None, runs=0, passed=None, text=f"{gate.text}: not measured, {why}"
    )


def _verdict(gate: Gate, measure: Measure, result: CaseResult, case: str) -> GateVerdict:
    found = samples(result.runs, measure)
    measured = STATISTICS[gate.statistic](found) if found else None
    said = _why_not(gate, result) if measured is None else _measured(gate, measure, measured, result)
    passed = None if measured is None else _passes(gate, measured)
    if passed and (lacking := _lacking(result)):
        passed, said = None, f"{said}, but {lacking}"
    return GateVerdict(
        gate=gate,
        case=case,
        measured=measured,
        runs=len(found),
        passed=passed,
        text=f"{gate.text}: {said}",
    )


def _lacking(result: CaseResult) -> str:
    """Why more runs might say something else; "" where all there was to be is there."""
    if result.failure:
        return f"the case failed: {result.failure.message}"
    if result.case and len(result.runs) < result.case.runs:
        return f"{result.case.runs} runs were to be made"
    return ""


def _passes(gate: Gate, measured: float) -> bool:
    return measured < gate.limit if gate.relation == "<" else measured > gate.limit


def _measured(gate: Gate, measure: Measure, measured: float, result: CaseResult) -> str:
    count, of = len(samples(result.runs, measure)), len(result.runs)
    runs = f"{count} runs" if count == of else f"{count} of {of} runs"
    return f"{gate.statistic} {measured:.4g} {measure.unit}".rstrip() + f" of {runs}"


def _why_not(gate: Gate, result: CaseResult) -> str:
    if result.runs:
        return f"not measured, no run has {gate.measure}"
    return f"not measured, {result.failure.message if result.failure else 'there is no run'}"
