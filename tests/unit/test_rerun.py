"""`lab bench rerun`: what of a record can be run again as it was."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from lab.cli.bench.rerun import case_of
from lab.errors import UsageProblem
from lab.model.case import Case
from lab.model.record import Record
from tests.unit.records import record_of, run

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


def test_settings_of_orthancs_own_and_records_of_several_cases_are_refused_at_once() -> None:
    assert "settings of Orthanc's own" in refusal(recorded(orthanc={"ConcurrentJobs": 4})).message
    assert "does not say how" in refusal(record_of([run()])).message
