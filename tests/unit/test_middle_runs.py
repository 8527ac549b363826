"""What the charts draw of each case, made by two processes."""

import json
from dataclasses import replace

import pytest

from lab.errors import UsageProblem
from lab.model.record import Run
from lab.model.store_record import StoreRun
from lab.report.html.cases import PageCase, page_cases
from lab.report.html.middle_runs import as_it_is, middle_runs_begun
from tests.unit.many import many

CASES = 60


def cases() -> list[PageCase]:
    return page_cases(many(CASES, runs=1, instances=5))


def test_two_processes_make_of_many_cases_what_one_makes_of_each() -> None:
    found = cases()
    assert len(found) == CASES
    together = [json.loads(bytes(one)) for one in middle_runs_begun(found, as_it_is)()]
    alone = [json.loads(bytes(middle_runs_begun([one], as_it_is)()[0])) for one in found]
    assert together == alone
    assert len({json.dumps(one) for one in together}) == CASES


@pytest.mark.parametrize("number", [0, CASES - 2])  # the last has no run
def test_columns_that_are_damaged_are_named_whichever_process_meets_them(
    number: int, capfd: pytest.CaptureFixture[str]
) -> None:
    found = cases()
    damaged = found[number].middle

    def whole(run: Run | StoreRun) -> Run | StoreRun:
        if run is damaged:
            raise UsageProblem("case.json is damaged", "leave it out")
        return run

    with pytest.raises(UsageProblem, match=r"case\.json is damaged"):
        middle_runs_begun(found, whole)()
    assert capfd.readouterr().err == ""


def test_a_case_without_a_run_has_no_columns() -> None:
    (one, *_) = cases()
    assert bytes(middle_runs_begun([replace(one, middle=None)], as_it_is)()[0]) == b"null"
