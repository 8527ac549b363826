"""A turn of a plan: its run is kept, or its failure, or nothing when the PACS is gone."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from lab.bench.capture import tried
from lab.bench.feeling import in_round
from lab.bench.known import Measured
from lab.bench.plan import after
from lab.errors import DeliveryError, Interrupted, LabError, UnhealthyError
from lab.model.case import Case
from lab.model.record import Record
from lab.plans.ordering import Turn
from lab.stack.pacs_settings import DidNotComeBack
from tests.unit.plans import plan
from tests.unit.records import record_of, run

TURN = Turn(number=1, round=2, turn=7)
CASE = plan().cases[1]


def begun(**case: Any) -> Record:
    return record_of([run()], case=dataclasses.replace(CASE, **case))


def seeded(seed: int | None) -> Case:
    assert CASE.profile is not None
    return dataclasses.replace(CASE, profile=dataclasses.replace(CASE.profile, seed=seed))


def there() -> None:
    """The PACS answers."""


def gone() -> None:
    raise UnhealthyError("the PACS is gone")


def measured() -> Measured:
    return Measured(run=run(duration_s=2.0), prediction=None, case=seeded(7))


def failing(error: LabError) -> Any:
    def measure() -> Measured:
        raise error

    return measure


def test_a_run_is_added_with_its_round_and_turn() -> None:
    found = after(begun(), TURN, measured, there)
    assert [(one.duration_s, one.round, one.turn) for one in found.runs] == [(0.25, 0, 0), (2.0, 2, 7)]


def test_a_case_that_fails_while_the_pacs_is_there_keeps_its_reason_and_its_runs() -> None:
    found = after(begun(), TURN, failing(DeliveryError("altered", "look")), there)
    assert found.failure is not None
    assert (found.failure.message, found.failure.exit_code) == ("altered", 6)
    assert len(found.runs) == 1


def test_a_run_in_which_the_pacs_went_is_no_failure_of_its_case() -> None:
    with pytest.raises(UnhealthyError, match="gone"):
        after(begun(), TURN, failing(DeliveryError("nothing came")), gone)
    with pytest.raises(UnhealthyError, match="gone"):
        after(begun(), TURN, failing(DidNotComeBack("cold, and gone")), gone)


def test_settings_that_the_pacs_does_not_take_are_the_cases_failure() -> None:
    found = after(begun(orthanc={"ConcurrentJobs": -1}), TURN, failing(DidNotComeBack("no")), gone)
    assert found.failure is not None
    assert found.failure.message == "no"


def test_ctrl_c_is_nobodys_failure() -> None:
    with pytest.raises(Interrupted):
        after(begun(), TURN, failing(Interrupted("interrupted")), there)


def test_a_case_keeps_the_seed_of_its_first_run() -> None:
    first = after(record_of([], case=CASE), TURN, measured, there)
    assert first.case == seeded(7)
    again = after(begun(profile=seeded(3).profile), TURN, measured, there)
    assert again.case == seeded(3)


def test_a_link_that_is_shaped_anew_for_a_round_draws_other_fates() -> None:
    assert in_round(seeded(7), 1) == seeded(7)
    assert in_round(seeded(7), 3) == seeded(9)
    assert in_round(seeded(None), 3) == seeded(None)  # is drawn
    unshaped = dataclasses.replace(CASE, profile=None)
    assert in_round(unshaped, 3) == unshaped


def test_a_capture_that_fails_is_told_and_ends_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    file = tmp_path / "case-001-quick.pcap"
    tried(failing(LabError("tcpdump did not start", "leave --pcap out")), file, said.append)
    assert said == ["case-001-quick.pcap: not captured: tcpdump did not start. Remedy: leave --pcap out"]
    with pytest.raises(Interrupted):
        tried(failing(Interrupted("interrupted")), file, said.append)
