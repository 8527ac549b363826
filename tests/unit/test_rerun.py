"""`lab bench rerun`: what of a record can be run again as it was."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from lab.cli.bench.rerun import case_of, demand_same_link, held_against
from lab.errors import UsageProblem
from lab.link.read_back import link_state
from lab.model.case import Case
from lab.model.link_state import LinkState
from lab.model.record import Record
from lab.model.spread import Failure
from tests.unit.records import record_of, run
from tests.unit.test_read_back import PLAIN

FILE = Path("case.json")
CASE = Case(
    study="quick",
    profile=None,
    shaper="auto",
    congestion_control="auto",
    runs=1,
    warmup=0,
    max_pdu_bytes=131072,
)


def recorded(*, ran_with_tls: bool = False, **case: Any) -> Record:
    return record_of([run(tls=ran_with_tls)], case=dataclasses.replace(CASE, **case))


def refusal(record: Record, *, stack_has_tls: bool = False) -> UsageProblem:
    with pytest.raises(UsageProblem) as caught:
        case_of(record, FILE, stack_has_tls=stack_has_tls)
    return caught.value


@pytest.mark.parametrize("stack_has_tls", [False, True])
@pytest.mark.parametrize("tls", [False, True])
def test_a_case_that_says_tls_or_none_is_run_so_whatever_the_stack_is(tls: bool, stack_has_tls: bool) -> None:
    found = case_of(recorded(tls=tls, ran_with_tls=tls), FILE, stack_has_tls=stack_has_tls)
    assert found.tls is tls


@pytest.mark.parametrize("tls", [False, True])
def test_a_case_that_went_as_its_stack_was_needs_such_a_stack(tls: bool) -> None:
    record = recorded(ran_with_tls=tls)
    assert case_of(record, FILE, stack_has_tls=tls) == CASE
    refused = refusal(record, stack_has_tls=not tls)
    assert "case.json went" in refused.message
    assert refused.remedy == ("lab up --with tls" if tls else "lab down, then lab up")


def test_records_of_several_cases_are_refused_at_once() -> None:
    assert "does not say how" in refusal(record_of([run()])).message


def test_as_many_runs_are_made_as_the_record_has_however_few_would_have_been_enough() -> None:
    adaptive = record_of([run()] * 14, case=dataclasses.replace(CASE, runs=5))
    assert case_of(adaptive, FILE, stack_has_tls=False).runs == 14
    failed = record_of([], case=dataclasses.replace(CASE, runs=5))
    assert case_of(failed, FILE, stack_has_tls=False).runs == 5


def test_a_link_that_was_taken_as_it_was_found_must_be_that_link_again() -> None:
    shaped = record_of([run(profile="wan-20ms")], case=CASE)
    hosts = link_state({"orthanc": PLAIN}, "orthanc", []).hosts
    demand_same_link(shaped, FILE, LinkState(profile="wan-20ms", shaper="tun", hosts=hosts))
    with pytest.raises(UsageProblem, match="as they found it, wan-20ms, and now it is baseline"):
        demand_same_link(shaped, FILE, LinkState(profile="baseline", shaper="none", hosts=hosts))


def test_where_nothing_runs_it_is_not_the_link_that_is_missing() -> None:
    demand_same_link(record_of([run()], case=CASE), FILE, link_state({}, "orthanc", []))


def test_runs_are_held_against_those_of_the_record() -> None:
    rows, _, notes = held_against(FILE, recorded(), recorded(), FILE)
    assert {row["measure"] for row in rows} == {"duration s", "first image s", "throughput Mbit/s"}
    assert all("no runs" not in note for note in notes)


def test_of_a_case_that_failed_before_its_first_run_the_new_runs_are_shown_alone() -> None:
    failure = Failure(message="the link is gone", remedy="lab net clear", exit_code=5)
    failed = record_of([], case=CASE, failure=failure)
    rows, columns, notes = held_against(FILE, failed, recorded(), FILE)
    assert [(row["runs"], row["duration s"]) for row in rows] == [(1, 0.25)]
    assert set(columns) <= rows[0].keys()
    assert notes == ["the record has no runs to hold these against"]


def test_what_does_not_compare_is_saved_and_the_command_that_takes_vary_is_named(tmp_path: Path) -> None:
    other = record_of([run(congestion_control={"pacs": "bbr", "tester": "cubic"})], case=CASE)
    with pytest.raises(UsageProblem, match="congestion_control") as caught:
        held_against(FILE, recorded(), other, tmp_path)
    assert caught.value.remedy == (
        f"the new runs are saved in {tmp_path}: lab compare case.json NEW --vary congestion_control, "
        "if that is the point"
    )
