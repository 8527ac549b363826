"""What `python -m tests.speedtest_ways` makes of its turns, and the page that has its table."""

from pathlib import Path

import pytest

from lab.report.text import as_markdown
from tests.speedtest_ways import COLUMNS, Turn, row, turn_of


def turn(total_s: float, begun_s: float, handled_s: float, ended_s: float) -> Turn:
    return Turn(
        total_s=total_s, begun_s=begun_s, handled_s=handled_s, ended_s=ended_s, images=300, total_bytes=1
    )


def test_the_parts_together_are_the_difference_of_the_medians() -> None:
    theirs = [turn(5.0, 0.3, 3.0, 0.2), turn(9.0, 0.9, 3.0, 0.2), turn(5.2, 0.3, 3.2, 0.2)]
    found = row("a PACS", "study", theirs, [turn(1.2, 0.1, 0.0, 0.0)] * 3)
    assert list(found) == list(COLUMNS)
    *_, difference, start, handling, ending, rest = found.values()
    assert (difference, start, handling, ending) == pytest.approx((4.0, 0.2, 3.0, 0.2))
    assert rest == pytest.approx(0.6)


def test_our_own_turn_counts_from_the_connection_to_the_final_response() -> None:
    run = {"associate_s": 0.5, "timeline": {"begin_s": [1.0, 2.0]}, "duration_s": 3.0, "instances": 2}
    block = {
        "start_time": "2026-01-01T11:00:00.000000+01:00",
        "end_time": "2026-01-01T11:00:04.000000+01:00",
        "total_bytes": 7,
    }
    assert turn_of(run, block) == Turn(
        total_s=4.0, begun_s=1.5, handled_s=0.0, ended_s=0.5, images=2, total_bytes=7
    )


def test_the_page_has_its_table() -> None:
    page = Path(__file__).parents[2] / "docs/speedtest.md"
    assert as_markdown([], COLUMNS) in page.read_text()
