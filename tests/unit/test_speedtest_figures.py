"""A speed test's figures and doubts, from outcomes made up for it."""

import dataclasses
import math
from datetime import timedelta
from typing import Any

import pytest

from lab.bench.speedtest_figures import fastest_mbit_s, foreign_run, result_of, smallest_rtt_ms
from lab.bench.speedtest_proof import check
from lab.errors import DeliveryError
from lab.model.exchange import Accepted, Ceiling, Connection, MoveOutcome, Suboperations
from tests.unit.speedtests import EPOCH, wish
from tests.unit.studies import arrivals_of, outcome_of, small_study

STUDY = small_study()
OUTCOME = outcome_of(arrivals_of(STUDY))
OWN = wish(study_instance_uid="2.25.17", level="STUDY", runs=3)


def accepted(min_rtt_ms: float | None) -> Accepted:
    connection = Connection(
        congestion_control="cubic",
        rtt_ms=1.0,
        rttvar_ms=None,
        min_rtt_ms=min_rtt_ms,
        receiver_rtt_ms=None,
        cwnd_segments=None,
        retransmitted_segments=None,
        out_of_order_packets=None,
    )
    return Accepted(
        peer="10.0.0.1",
        calling_ae_title="PACS",
        instances=3,
        received_bytes=1,
        accept_s=0.001,
        trouble="",
        connection=connection,
    )


def codes(outcome: MoveOutcome = OUTCOME, **changes: Any) -> set[str]:
    run = foreign_run(
        dataclasses.replace(OWN, **changes), outcome, ceiling(), "2026-01-01T00:00:00.000+00:00"
    )
    return {doubt.code for doubt in run.doubts}


def ceiling() -> Ceiling:
    return Ceiling(mbit_s=1e6, receiver_cpu_s_per_gb=0.5)


def counting(completed: int) -> MoveOutcome:
    counts = Suboperations(completed=completed, failed=0, warning=0)
    return dataclasses.replace(OUTCOME, suboperations=counts)


def test_what_nobody_knows_of_a_foreign_pacs_is_null_or_empty() -> None:
    run = foreign_run(OWN, OUTCOME, ceiling(), "2026-01-01T00:00:00.000+00:00")
    assert (run.profile, run.shaper, run.rtt_ms, run.expected_s, run.path_mbit_s) == (
        "",
        "none",
        None,
        None,
        None,
    )
    assert (run.link.seed, run.link.dropped_packets, run.link.emulator) == ({}, {}, None)
    assert (run.study, run.instances, run.instances_expected) == ("2.25.17", 3, 3)
    assert run.doubts == []


def test_the_clock_runs_from_the_connection_to_the_final_response() -> None:
    result = result_of("2.25.17", OUTCOME, EPOCH, 1000)
    assert result.start == EPOCH
    assert result.first_image == EPOCH + timedelta(seconds=0.001 + OUTCOME.arrivals.end_s[0])
    assert result.end == EPOCH + timedelta(seconds=0.001 + 0.31)


def test_of_a_pacs_that_answers_first_the_clock_runs_to_the_last_image() -> None:
    early = dataclasses.replace(OUTCOME, completion_s=0.002)
    result = result_of("2.25.17", early, EPOCH, 1000)
    assert result.end == EPOCH + timedelta(seconds=0.001 + OUTCOME.arrivals.end_s[-1])


def test_the_round_trip_is_the_smallest_of_all_connections_or_unknown() -> None:
    several = [accepted(3.0), accepted(None), accepted(2.5)]
    assert smallest_rtt_ms(dataclasses.replace(OUTCOME, associations=several)) == 2.5
    assert smallest_rtt_ms(dataclasses.replace(OUTCOME, associations=[accepted(None)])) is None


def test_the_paths_rate_is_what_it_gave_at_its_best() -> None:
    arrivals = OUTCOME.arrivals
    expected = max(size * 8 / 0.001 / 1e6 for size in arrivals.dataset_bytes)
    assert fastest_mbit_s(arrivals) == pytest.approx(expected, rel=0.01)
    assert fastest_mbit_s(dataclasses.replace(arrivals, begin_s=arrivals.end_s)) == math.inf


def test_a_pacs_that_counts_otherwise_is_doubted() -> None:
    assert codes(counting(0)) == {"not_counted"}
    assert codes(counting(2)) == {"not_counted"}
    assert codes(counting(3)) == set()


def test_a_reference_study_of_another_size_is_doubted() -> None:
    assert codes(study_instance_uid=wish().study_instance_uid) == {"not_the_reference"}


def test_a_study_asked_for_at_patient_level_is_doubted() -> None:
    assert codes(level="PATIENT") == {"whole_patient"}


def test_a_single_run_is_doubted_like_any_benchmark() -> None:
    assert codes(runs=1) == {"few_runs"}


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            Suboperations(completed=3, failed=1, warning=0),
            "1 failed and 0 warned sub-operations; 3 images came",
        ),
        (Suboperations(completed=2, failed=0, warning=1), "0 failed and 1 warned sub-operations"),
        (Suboperations(completed=4, failed=0, warning=0), "says it sent 4 images, and 3 images came"),
    ],
)
def test_what_the_pacs_counts_must_have_come(counts: Suboperations, said: str) -> None:
    with pytest.raises(DeliveryError, match=said):
        check(dataclasses.replace(OUTCOME, suboperations=counts), OWN)


def test_an_image_that_came_twice_counts_once() -> None:
    first, second, _ = OUTCOME.arrivals.sop_instance_uids
    same = dataclasses.replace(OUTCOME.arrivals, sop_instance_uids=[first, first, second])
    with pytest.raises(DeliveryError, match="says it sent 3 images, and 2 images came"):
        check(dataclasses.replace(OUTCOME, arrivals=same), OWN)


def test_what_came_whole_passes() -> None:
    check(OUTCOME, OWN)
