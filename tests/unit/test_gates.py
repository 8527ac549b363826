"""Gates held against results."""

import dataclasses
from typing import Any

import pytest

from lab.errors import UsageProblem
from lab.model.plan import Gate
from lab.model.spread import Failure
from lab.report.gates import GATE_COLUMNS, gate_lines, gate_rows
from lab.report.text import as_table
from lab.statistics.gates import hold, judge
from lab.statistics.measures import STATISTICS
from lab.statistics.missing import Missing, missing
from lab.statistics.results import CaseResult
from tests.unit.comparing import results, runs
from tests.unit.plans import plan
from tests.unit.records import record, run
from tests.unit.test_store import run as store_run

TEN = tuple(float(number) for number in range(1, 11))


def gate(text: str, *, limit: float, **only: str) -> Gate:
    """ "duration.median <" with its limit."""
    what, relation = text.split()
    measure, statistic = what.split(".")
    return Gate(
        text=f"{text} {limit:g}",
        measure=measure,
        statistic=statistic,
        relation=relation,
        limit=limit,
        only=only,
    )


def verdicts(text: str, limit: float, cases: list[CaseResult], **only: str) -> list[bool | None]:
    return [one.passed for one in judge([gate(text, limit=limit, **only)], cases)]


@pytest.mark.parametrize(
    ("statistic", "measured"),
    [("median", 5.5), ("p95", 10), ("p99", 10), ("min", 1), ("max", 10), ("mean", 5.5)],
)
def test_the_statistic_is_over_the_runs_and_the_limit_itself_is_not_passed(
    statistic: str, measured: float
) -> None:
    cases = results(runs(TEN))
    (verdict,) = judge([gate(f"duration.{statistic} <", limit=measured)], cases)
    assert (verdict.measured, verdict.runs, verdict.passed) == (measured, 10, False)
    assert verdicts(f"duration.{statistic} <", measured + 0.001, cases) == [True]
    assert verdicts(f"duration.{statistic} >", measured, cases) == [False]
    assert verdicts(f"duration.{statistic} >", measured - 0.001, cases) == [True]


def test_every_statistic_is_tried_here() -> None:
    assert set(STATISTICS) == {"median", "p5", "p95", "p99", "min", "max", "mean"}


def test_percentiles_are_the_nearest_rank() -> None:
    hundred = [float(number) for number in range(1, 101)]
    assert (STATISTICS["p95"](hundred), STATISTICS["p99"](hundred)) == (95, 99)


def profiles() -> list[CaseResult]:
    return results(runs(TEN), runs(TEN, profile="3g", tls=True))


def test_a_gate_is_for_every_case_or_for_those_it_names() -> None:
    assert verdicts("duration.max <", 11, profiles()) == [True, True]
    assert verdicts("duration.max <", 11, profiles(), profile="3g") == [True]
    assert verdicts("duration.max <", 11, profiles(), tls="true") == [True]


def test_a_gate_for_a_case_that_there_is_not_does_not_pass() -> None:
    (verdict,) = judge([gate("duration.max <", limit=11, profile="moon")], profiles())
    assert (verdict.passed, verdict.case, verdict.measured) == (None, "", None)
    assert verdict.text == "duration.max < 11: not measured, no case has profile moon"
    assert not hold([verdict])
    assert verdicts("duration.max <", 11, []) == [None]


def test_a_case_that_failed_before_its_first_run_does_not_pass() -> None:
    (one,) = results(runs())
    failed = dataclasses.replace(
        one, runs=(), failure=Failure(message="Orthanc is gone", remedy="", exit_code=4)
    )
    (verdict,) = judge([gate("duration.max <", limit=11)], [failed])
    assert (verdict.passed, verdict.runs) == (None, 0)
    assert verdict.text.endswith("not measured, Orthanc is gone")


def with_path(*efficiencies: float | None, **changes: Any) -> list[CaseResult]:
    return results([run(efficiency=one, **changes) for one in efficiencies])


def test_a_measure_that_only_some_runs_have_is_taken_from_these_and_said() -> None:
    (verdict,) = judge([gate("efficiency.min >", limit=0.5)], with_path(0.9, None, 0.8))
    assert (verdict.measured, verdict.runs, verdict.passed) == (0.8, 2, True)
    assert verdict.text.endswith("min 0.8 of 2 of 3 runs")


def test_a_case_without_the_measure_does_not_pass_when_its_method_has_it() -> None:
    cases = [*with_path(0.9), *with_path(None, profile="3g")]
    assert verdicts("efficiency.min >", 0.5, cases) == [True, None]


def test_a_measure_that_nobody_has_does_not_pass() -> None:
    (verdict,) = judge([gate("efficiency.min >", limit=0.5)], with_path(None))
    assert verdict.text == "efficiency.min > 0.5: not measured, no run has efficiency"
    assert verdict.passed is None


def test_a_method_that_cannot_have_the_measure_is_not_meant() -> None:
    (move,) = results(runs())
    store = dataclasses.replace(move, key=dataclasses.replace(move.key, method="rest"), runs=(store_run(),))
    assert verdicts("steady.min >", 0, [move, store]) == [True]
    (verdict,) = judge([gate("steady.min >", limit=0, method="rest")], [move, store])
    assert verdict.text.endswith("not measured, no run has steady")


def test_a_method_whose_runs_all_lack_the_measure_does_not_pass() -> None:
    (move,) = with_path(None)
    (other,) = with_path(0.9)
    store = dataclasses.replace(other, key=dataclasses.replace(other.key, method="rest"))
    assert verdicts("efficiency.min >", 0.5, [move, store]) == [None, True]


def unfinished(runs_wanted: int = 10, **changes: Any) -> list[CaseResult]:
    """Five runs, of 1 to 5 s."""
    (one,) = results(runs(TEN[:5]))
    case = dataclasses.replace(plan("").cases[0], runs=runs_wanted)
    return [dataclasses.replace(one, case=case, **changes)]


def test_a_case_with_fewer_runs_than_it_was_to_have_may_fail_and_does_not_pass() -> None:
    (verdict,) = judge([gate("duration.max <", limit=11)], unfinished())
    assert (verdict.passed, verdict.measured, verdict.runs) == (None, 5, 5)
    assert verdict.text == "duration.max < 11: max 5 s of 5 runs, but 10 runs were to be made"
    assert verdicts("duration.max <", 11, unfinished(5)) == [True]
    assert verdicts("duration.max <", 4, unfinished()) == [False]


def test_a_gate_for_a_study_of_some_size_may_be_for_a_case_that_was_not_begun() -> None:
    assert len(wanted(study_size="48 instances")) == 8


def test_a_case_that_failed_after_some_runs_does_not_pass() -> None:
    failure = Failure(message="Orthanc is gone", remedy="", exit_code=4)
    (verdict,) = judge([gate("duration.max <", limit=11)], unfinished(5, failure=failure))
    assert verdict.passed is None
    assert verdict.text.endswith("max 5 s of 5 runs, but the case failed: Orthanc is gone")
    assert verdicts("duration.max <", 4, unfinished(5, failure=failure)) == [False]


def not_begun(text: str) -> list[Missing]:
    return missing(plan(text), [], record().environment)


def wanted(**only: str) -> list[str]:
    """For which of 8 cases that were not begun the gate is."""
    knobs = 'congestion_control = ["bbr", "cubic"]\nparallel = [1, 2]\n'
    cases = not_begun(f"[knobs]\n{knobs}")
    found = judge([gate("duration.max <", limit=11, **only)], [], cases)
    assert {one.passed for one in found} == {None}
    return [one.case for one in found]


def test_of_a_case_that_was_not_begun_nothing_passes() -> None:
    verdicts = judge([gate("duration.max <", limit=11)], results(runs()), not_begun(""))
    assert [(verdict.passed, verdict.case) for verdict in verdicts] == [
        (True, "baseline"),
        (None, "baseline"),
        (None, "wan-20ms"),
    ]


def test_a_gate_is_for_cases_that_may_become_what_it_names() -> None:
    """Which shaper does a link, and by which level a study is split, is seen when it is run."""
    assert len(wanted()) == 8
    assert len(wanted(shaper="netem")) == 4
    assert len(wanted(shaper="none")) == 4
    assert len(wanted(level="series")) == 4
    assert len(wanted(level="study")) == 8
    assert len(wanted(congestion_control="bbr")) == 4
    assert len(wanted(profile="wan-20ms", parallel="2")) == 2
    auto = not_begun("")
    assert len(judge([gate("duration.max <", limit=11, congestion_control="reno")], [], auto)) == 2


def test_what_a_method_never_has_is_not_missed_in_a_case_of_it_that_was_not_begun() -> None:
    stores = not_begun('methods = ["lab"]\n')
    (move,) = results(runs())
    store = dataclasses.replace(move, key=dataclasses.replace(move.key, method="lab"), runs=(store_run(),))
    steady = gate("steady.min >", limit=1)
    assert [one.case for one in judge([steady], [move, store], stores)] == ["baseline, C-MOVE"]
    assert len(judge([steady], [move], stores)) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"measure": "beauty"}, "no measure 'beauty'"),
        ({"statistic": "p42"}, "no statistic 'p42'"),
        ({"relation": "="}, "no relation '='"),
        ({"only": {"weather": "fine"}}, "no field 'weather'"),
    ],
)
def test_a_gate_that_asks_for_what_there_is_not_is_refused(changes: dict[str, Any], said: str) -> None:
    wrong = dataclasses.replace(gate("duration.max <", limit=11), **changes)
    with pytest.raises(UsageProblem, match=said):
        judge([wrong], results(runs()))


def test_lines_have_the_worst_first() -> None:
    gates = [
        gate("duration.max <", limit=11),
        gate("duration.max <", limit=9),
        gate("efficiency.min >", limit=0.5),
        gate("throughput.min >", limit=100),
        gate("first_image.p95 <", limit=0.5),
    ]
    found = judge(gates, results(runs(TEN)))
    assert gate_lines(found) == [
        "FAIL throughput.min > 100: min 10 Mbit/s of 10 runs (baseline)",
        "FAIL first_image.p95 < 0.5: p95 1 s of 10 runs (baseline)",
        "FAIL duration.max < 9: max 10 s of 10 runs (baseline)",
        "NOT MEASURED efficiency.min > 0.5: not measured, no run has efficiency (baseline)",
        "pass duration.max < 11: max 10 s of 10 runs (baseline)",
    ]
    assert not hold(found)
    assert hold(found[:1])
    assert "NOT MEASURED" in as_table(gate_rows(found), GATE_COLUMNS)


def test_cases_are_told_apart_by_what_is_not_the_same_in_all() -> None:
    cases = results(runs(), runs(max_pdu=16384))
    found = judge([gate("duration.max <", limit=11)], cases)
    assert [one.case for one in found] == [
        "baseline, PDU 131072",
        "baseline, PDU 16384",
    ]
