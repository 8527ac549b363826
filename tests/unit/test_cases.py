"""Records case by case: as rows, as a document, as JUnit."""

import dataclasses
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model.case import Case
from lab.model.environment import Limits
from lab.model.gating import GateVerdict
from lab.model.record import Record, Run
from lab.model.spread import Doubt, Failure
from lab.model.store_record import StoreRecord
from lab.report.cases import case_columns, case_rows, doubt_lines, labels
from lab.report.cases_document import cases_document
from lab.report.junit import junit
from lab.report.text import as_table
from lab.statistics.doubting import doubts_of
from lab.statistics.results import CaseKey, CaseResult, results_of
from lab.system import store
from tests.unit.gates import verdict
from tests.unit.records import PACED, record, run
from tests.unit.test_store import run as store_run

GOLDEN = Path(__file__).parent / "golden"
LOST = Failure(message="3 of 48 instances <lost> & gone", remedy="look at the PACS's log", exit_code=6)


def of(*runs: Any, **changes: Any) -> Record:
    return dataclasses.replace(record(), runs=list(runs), **changes)


def three(**changes: Any) -> list[Run]:
    return [run(**changes) for _ in range(3)]


def failed(failure: Failure = LOST) -> Record:
    case = Case(
        study="quick",
        profile=None,
        shaper="none",
        congestion_control="cubic",
        runs=3,
        warmup=1,
        max_pdu_bytes=16384,
    )
    return of(case=case, failure=failure)


def stored() -> StoreRecord:
    return StoreRecord(environment=record().environment, runs=[store_run(), store_run("rest", max_pdu=None)])


def some_results() -> list[CaseResult]:
    times = (0.24, 0.25, 0.25, 0.26, 0.25, 0.9)
    small = of(*(run(max_pdu=16384, duration_s=time_s, efficiency=0.5) for time_s in times))
    return results_of([record(), small, failed()])


def test_the_table_has_a_row_per_case_and_a_column_for_what_differs() -> None:
    results = some_results()
    text = as_table(case_rows(results), case_columns(results)) + "\n"
    assert text == (GOLDEN / "cases.txt").read_text()


def test_what_failed_in_the_last_sitting_is_the_cases_failure_in_whatever_order_records_are_read() -> None:
    early = of(run(started="2026-01-01T12:00:00.000+00:00"), failure=LOST)
    late = of(run(started="2026-01-02T12:00:00.000+00:00"))
    for records in ([early, late], [late, early]):
        (result,) = results_of(records)
        assert (result.failure, len(result.runs)) == (None, 2)
    late, early = (
        dataclasses.replace(one, failure=other.failure) for one, other in ((late, early), (early, late))
    )
    for records in ([early, late], [late, early]):
        assert results_of(records)[0].failure == LOST


def test_what_is_the_same_in_all_cases_has_no_column() -> None:
    columns = case_columns(results_of([record()]))
    assert columns[:3] == ["study", "profile", "method"]
    assert not {"shaper", "max pdu"} & set(columns)
    assert "max pdu" in case_columns(some_results())


def test_the_level_of_the_interval_is_said_where_it_is_below_95_percent() -> None:
    few, six = results_of([record()])[0], some_results()[2]
    assert case_rows([few])[0]["level %"] == 75
    assert case_rows([six])[0]["level %"] is None
    assert "level %" in case_columns([few, six])
    assert "level %" not in case_columns([six])


def test_a_single_run_has_no_interval() -> None:
    (row,) = case_rows(results_of([of(run())]))
    assert (row["from s"], row["to s"], row["duration s"]) == (None, None, 0.25)


def test_a_case_that_failed_before_its_first_run_is_a_row_that_says_why() -> None:
    (row,) = case_rows(results_of([failed()]))
    assert (row["runs"], row["duration s"], row["result"]) == (0, None, f"failed: {LOST.message}")


def test_a_store_by_http_has_no_pdu_size() -> None:
    assert [row["max pdu"] for row in case_rows(results_of([stored()]))] == [0, None]


def test_a_label_says_no_more_than_tells_the_cases_apart() -> None:
    assert labels(results_of([record()])) == ["baseline", "wan-20ms"]
    assert labels(some_results())[:3] == [
        "baseline, PDU 131072",
        "wan-20ms, PDU 131072",
        "baseline, PDU 16384",
    ]
    assert labels(results_of([stored()])) == ["baseline, C-STORE", "baseline, REST"]


@pytest.mark.parametrize("field", dataclasses.fields(CaseKey), ids=lambda field: field.name)
def test_cases_that_differ_in_anything_have_labels_of_their_own(field: dataclasses.Field[Any]) -> None:
    (one,) = results_of([of(run())])
    value = getattr(one.key, field.name)
    other_value: Any = not value if field.type is bool else value + (1 if field.type is int else "x")
    changed: dict[str, Any] = {field.name: other_value}
    key = dataclasses.replace(one.key, **changed)
    assert len(set(labels([one, dataclasses.replace(one, key=key)]))) == 2


def test_a_doubt_is_said_once_with_the_first_cases_it_is_about() -> None:
    (paced, few) = doubt_lines(results_of([record()]))
    assert paced == "wan-20ms: BBR sends. Remedy: --cc reno"
    assert few.startswith("wan-20ms: fewer than three runs")
    many = [of(*three(profile=f"p{number}", doubts=[PACED])) for number in range(7)]
    assert doubt_lines(results_of(many)) == [
        "p0; p1; p2; p3; p4 and 2 more: BBR sends. Remedy: --cc reno",
    ]


def test_the_document_has_every_sample_and_its_summary() -> None:
    document: Any = cases_document(some_results())
    first = document["cases"][0]
    assert document["schema_version"] == 1
    assert first["measures"]["duration"]["samples"] == [0.25, 0.35, 0.3]
    assert first["measures"]["duration"]["median"] == 0.3
    assert first["measures"]["duration"]["interval"] == {"low": 0.25, "high": 0.35, "level": 0.75}
    assert "efficiency" not in first["measures"]
    assert document["cases"][2]["measures"]["duration"]["outliers"] == (5,)
    assert document["cases"][3]["failure"]["message"] == LOST.message


def test_a_doubt_in_the_document_names_the_runs_that_have_it() -> None:
    document: Any = cases_document(results_of([of(run(), run(doubts=[PACED]), run())]))
    assert document["cases"][0]["doubts"] == [{**dataclasses.asdict(PACED), "runs": [1]}]


def suite(results: list[CaseResult], gates: list[GateVerdict] | None = None) -> ET.Element:
    root = ET.fromstring(junit(results, gates or []).encode())
    assert root.tag == "testsuites"
    (found,) = root
    return found


def gate(*, passed: bool | None, case: str = "baseline", measured: float | None = 0.7) -> GateVerdict:
    return verdict("first_image.p95 < 500 ms", case, measured, passed=passed)


def test_a_case_is_a_test_whose_time_is_its_median() -> None:
    first = suite(results_of([record()]))[0]
    assert first.attrib == {"classname": "quick.c-move", "name": "baseline", "time": "0.300000"}
    assert list(first) == []


def test_a_case_that_failed_is_a_failure_with_its_remedy() -> None:
    (test,) = suite(results_of([failed()]))
    (failure,) = test
    assert (failure.tag, failure.get("message")) == ("failure", LOST.message)
    assert failure.text == f"Remedy: {LOST.remedy}"


def test_doubts_are_said_and_fail_nothing() -> None:
    found = suite(results_of([of(*three(doubts=[PACED]))]))
    assert found.get("failures") == "0"
    assert found[0].findtext("system-out") == "doubt: BBR sends. Remedy: --cc reno"


def test_a_gate_is_a_test_of_its_case() -> None:
    results = results_of([of(*three())])
    met, missed, untold = (gate(passed=passed) for passed in (True, False, None))
    elsewhere = gate(passed=True, case="all")
    found = suite(results, [met, missed, untold, elsewhere])
    assert [test.get("classname") for test in found] == ["quick.c-move"] * 4 + ["gates"]
    assert [len(test) for test in found] == [0, 0, 1, 1, 0]
    failure = found[2][0]
    assert (failure.tag, failure.get("message")) == ("failure", "first_image.p95 < 500 ms: measured 0.7")
    counts = {name: found.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "5", "failures": "2", "errors": "0", "skipped": "0"}


@given(st.text(), st.text())
def test_no_name_breaks_the_xml(name: str, message: str) -> None:
    doubt = Doubt(code="x", text=message, remedy=name)
    failure = Failure(message=message, remedy=name, exit_code=1)
    results = results_of([of(run(study=name, profile=name, doubts=[doubt]), failure=failure)])
    found = suite(results, [gate(passed=False, case=name)])
    assert [test.tag for test in found] == ["testcase", "testcase"]
    assert [part.tag for part in found[0]] == ["failure", "system-out"]


@pytest.mark.parametrize(
    ("durations_s", "unstable"),
    [((1.0, 1.01, 0.99, 1.0, 5.0), False), ((1.0, 1.3, 0.7, 1.2, 0.9), True), ((1.0, 2.0, 3.0, 4.0), False)],
)
def test_runs_that_differ_from_each_other_make_a_case_doubtful(
    durations_s: tuple[float, ...], unstable: bool
) -> None:
    (result,) = results_of([of(*(run(duration_s=one) for one in durations_s))])
    assert ("unstable" in {doubt.code for doubt in doubts_of(result)}) is unstable


FEW = Doubt(
    code="few_runs",
    text="fewer than three runs say nothing about spread",
    remedy="--runs 3 or more; at_least in a plan",
)


@pytest.mark.parametrize(("count", "doubts"), [(1, {FEW: 1}), (2, {FEW: 2}), (3, {})])
@pytest.mark.parametrize("said", [[], [FEW]])
def test_whether_runs_are_few_is_counted_where_all_of_them_are_known(
    count: int, doubts: dict[Doubt, int], said: list[Doubt]
) -> None:
    """Runs of an earlier plan said it themselves, of as many as there were to be at least."""
    records = [of(run(doubts=said, round=number)) for number in range(count)]
    (result,) = results_of(records)
    assert doubts_of(result) == doubts


def test_a_case_that_failed_before_its_first_run_has_no_doubt() -> None:
    (result,) = results_of([failed()])
    assert doubts_of(result) == {}


def test_a_doubt_that_all_runs_together_give_is_about_each_of_them() -> None:
    document: Any = cases_document(results_of([of(run(), run())]))
    assert [(one["code"], one["runs"]) for one in document["cases"][0]["doubts"]] == [("few_runs", [0, 1])]


def test_over_a_link_that_loses_packets_spread_is_the_links() -> None:
    (result,) = results_of([of(*(run(duration_s=one) for one in (1.0, 1.3, 0.7, 1.2, 0.9)))])
    case = failed().case
    assert case
    lossy = dataclasses.replace(case, profile=store.profile("lossy-1"))
    assert doubts_of(dataclasses.replace(result, case=lossy)) == {}


def test_runs_under_other_limits_or_another_configuration_are_another_case() -> None:
    here = record().environment
    limited = dataclasses.replace(here, limits={"orthanc": Limits(cpus=0.5, memory_bytes=512_000_000)})
    configured = dataclasses.replace(here, pacs_configuration_sha256="0f1e2d3c4b5a")
    found = results_of(of(run(), environment=where) for where in (here, limited, configured))
    assert [one.key.machine.endswith("orthanc on 0.5 CPUs in 512 MB") for one in found] == [
        False,
        True,
        False,
    ]
    assert [one.key.configuration for one in found][2] == "0f1e2d3c"
    assert len(set(labels(found))) == 3
