from pathlib import Path

import pytest

from lab.bench.goal_lines import goals_from
from lab.model.record import Goal, ReceiverSample
from lab.report.instrument import GOAL_COLUMNS, SELF_COLUMNS, goal_rows, self_rows
from lab.report.text import as_table

GOLDEN = Path(__file__).parent / "golden"
DURATIONS = {
    "lab": [0.7, 0.6, 0.65],
    "SpeedTest's way": [4.5, 4.7, 4.6],
    "lab, nagle": [0.9, 0.95, 1.0],
    "movescu, nagle": [58.0],
    "seed": [1.6, 1.4, 1.5],
    "bare HTTP": [1.5, 1.4, 1.45],
    "storescu": [5.0, 5.2, 5.1],
    "seed, nagle": [1.7],
    "storescu, nagle": [60.0],
    "make": [10.0, 11.0],
    "dcmcjpls": [26.0, 28.0],
}


def sample(
    receiver: str, mb_s: float, cpu: float, *, instances: int = 8000, associations: int = 1, rss_mb: int = 44
) -> ReceiverSample:
    return ReceiverSample(
        receiver=receiver,
        associations=associations,
        instances=instances,
        duration_s=instances * 161_000 / mb_s / 1e6,
        mb_s=mb_s,
        cpu_s_per_gb=cpu,
        sender_cpu_s_per_gb=0.35,
        peak_rss_bytes=rss_mb * 1_000_000,
    )


ALONE = [
    sample("lab", 1400, 0.45),
    sample("bare", 1750, 0.28),
    sample("pynetdicom", 63, 5.0, instances=400),
    sample("dcmtk", 1150, 0.55, instances=4000),
    sample("lab", 1500, 0.44),
    sample("bare", 1800, 0.27),
    sample("pynetdicom", 60, 5.1, instances=400),
    sample("dcmtk", 1100, 0.56, instances=4000),
]


def samples(
    parallel_mb_s: float = 2800, parallel_cpu: float = 0.3, ten_mb_s: float = 1450
) -> list[ReceiverSample]:
    return [
        *ALONE,
        sample("lab", parallel_mb_s, parallel_cpu, instances=32000, associations=8),
        sample("lab", ten_mb_s, 0.44, instances=80000, rss_mb=62),
    ]


def goal(against: str, found: list[Goal]) -> Goal:
    return next(one for one in found if one.against == against)


def test_ratios_are_between_medians_of_what_was_measured_in_turn() -> None:
    found = goals_from(samples(), DURATIONS, 2)
    assert goal("bare socket sink", found).measured == pytest.approx(1450 / 1775)
    assert goal("pynetdicom storescp", found).measured == pytest.approx(1450 / 61.5)
    assert goal("DCMTK storescp --ignore", found).measured == pytest.approx(0.445 / 0.555)
    assert goal("SpeedTest's way, this lab's Orthanc", found).measured == pytest.approx(0.65 / 4.6)
    assert goal("movescu as packaged, Orthanc with Nagle", found).measured == pytest.approx(0.95 / 58)


def test_a_goal_that_was_missed_is_said_to_be() -> None:
    found = goals_from(samples(), DURATIONS, 2)
    assert goal("DCMTK storescp --ignore", found).met is False
    assert goal("bare socket sink", found).met is True


def test_parallel_associations_that_use_the_whole_machine_cannot_be_told() -> None:
    """Sender and receiver at 0.65 CPU seconds per GB: 2 GB/s are 1.3 cores, 2.9 GB/s are all of two."""
    assert goal("8 parallel associations", goals_from(samples(2800), DURATIONS, 2)).met is True
    assert goal("8 parallel associations", goals_from(samples(2000), DURATIONS, 2)).met is False
    assert goal("8 parallel associations", goals_from(samples(2000, 0.6), DURATIONS, 2)).met is None


def test_ten_times_as_much_is_held_against_a_tenth_per_instance() -> None:
    linear, flat = ten_times(1450)
    assert linear.measured == pytest.approx(1.0, abs=0.01)
    assert (linear.met, flat.met, flat.measured) == (True, True, 62)
    assert ten_times(1300)[0].met is False


def ten_times(ten_mb_s: float) -> list[Goal]:
    found = goals_from(samples(ten_mb_s=ten_mb_s), DURATIONS, 2)
    return [one for one in found if one.against == "10x as much"]


def test_seeding_and_making_are_held_against_other_ways() -> None:
    found = goals_from(samples(), DURATIONS, 2)
    assert goal("storescu as packaged, Orthanc with Nagle", found).measured == pytest.approx(1.7 / 60)
    assert goal("DCMTK storescu", found).measured == pytest.approx(1.5 / 5.1)
    assert goal("bare HTTP loop, 4 or 8 at once", found).measured == pytest.approx(1.5 / 1.45)
    assert goal("dcmcjpls, a process per core", found).measured == pytest.approx(10.5 / 27)


def test_the_tables_are_what_they_were() -> None:
    found = goals_from(samples(), DURATIONS, 2)
    printed = (
        as_table(self_rows(ALONE), SELF_COLUMNS) + "\n\n" + as_table(goal_rows(found), GOAL_COLUMNS) + "\n"
    )
    assert printed == (GOLDEN / "instrument.txt").read_text()
