"""The result block: what scripts read of the original, they read of ours."""

import dataclasses
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model.speedtest import SpeedtestResult
from lab.report.speedtest import block, figure_lines, figures_document
from tests.unit.records import PACED, run
from tests.unit.speedtests import EPOCH, SAMPLE

GOLDEN = Path(__file__).parent / "golden"
PATTERNS = {
    "start": r"^Start time: (.*)$",
    "end": r"^End time: (.*)$",
    "first": r"^First image received at: (.*)$",
    "syntax": r"^Transfer Syntax received: ([0-9.]+)$",
    "megabytes": r"^Total bytes transfered: ([0-9.e+-]+) MB$",
    "latency": r"^Latency \(first image\): (?:(\d+) days?, )?(\d+):(\d\d):(\d\d)(?:\.(\d{6}))?$",
    "mbps": r"^Throughput: ([0-9.e+-]+) Mbps$",
}


def test_the_published_sample_is_printed_as_it_was_published() -> None:
    assert "\n".join(block(SAMPLE)) + "\n" == (GOLDEN / "speedtest.txt").read_text()


def test_what_the_block_lacks_stands_below_it() -> None:
    assert (
        "\n".join(figure_lines(run(doubts=[PACED]))) + "\n" == (GOLDEN / "speedtest_figures.txt").read_text()
    )


def test_a_single_image_has_neither_gaps_nor_a_steady_rate_and_a_round_trip_may_be_unknown() -> None:
    lines = figure_lines(run(gap_ms=None, steady_mbit_s=None, rtt_ms=None))
    assert "gaps        none: there was one image" in lines
    assert "steady      none: there was one image, or all came at once" in lines
    assert "round trip  unknown here" in lines


@given(
    waited_us=st.integers(0, 10**12),
    lasted_us=st.integers(1, 10**12),
    total_bytes=st.integers(1, 10**13),
    begun_us=st.integers(0, 10**15),
)
def test_what_is_printed_reads_back(waited_us: int, lasted_us: int, total_bytes: int, begun_us: int) -> None:
    start = EPOCH + timedelta(microseconds=begun_us)
    first = start + timedelta(microseconds=waited_us)
    result = dataclasses.replace(
        SAMPLE,
        start=start,
        first_image=first,
        end=first + timedelta(microseconds=lasted_us),
        total_bytes=total_bytes,
    )
    check_read_back("\n".join(block(result)), result)


def check_read_back(text: str, result: SpeedtestResult) -> None:
    read = {name: re.search(pattern, text, re.MULTILINE) for name, pattern in PATTERNS.items()}
    values = {name: match[1] for name, match in read.items() if match}
    assert values.keys() == PATTERNS.keys()
    for name, moment in (("start", result.start), ("end", result.end), ("first", result.first_image)):
        assert datetime.fromisoformat(values[name]).replace(tzinfo=moment.tzinfo) == moment
    assert round(float(values["megabytes"]) * 1e6) == result.total_bytes
    assert float(values["mbps"]) == result.throughput_mbit_s
    latency = read["latency"]
    assert latency
    days, hours, minutes, seconds, microseconds = (int(part or 0) for part in latency.groups())
    span = timedelta(days, seconds, microseconds, minutes=minutes, hours=hours)
    assert span == result.first_image - result.start


def test_a_whole_second_has_no_decimals_as_in_the_original() -> None:
    whole = EPOCH.replace(hour=11)
    result = dataclasses.replace(SAMPLE, start=whole, first_image=whole + timedelta(seconds=1))
    lines = block(result)
    assert "Start time: 2026-01-01 11:00:00" in lines
    assert "First image received at: 2026-01-01 11:00:01" in lines
    assert "Latency (first image): 0:00:01" in lines


def test_the_warning_is_always_there_as_in_the_original() -> None:
    assert len(warned(SAMPLE, quiet_warning=False)) == 3


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, 0),
        ({"transfer_syntax_uid": "1.2.840.10008.1.2"}, 3),
        ({"study_instance_uid": "1.2.3"}, 3),
    ],
)
def test_quiet_warning_leaves_it_out_where_the_reference_study_came_as_published(
    changes: dict[str, str], lines: int
) -> None:
    assert len(warned(dataclasses.replace(SAMPLE, **changes), quiet_warning=True)) == lines  # type: ignore[arg-type]


def warned(result: SpeedtestResult, *, quiet_warning: bool) -> list[str]:
    lines = block(result, quiet_warning=quiet_warning)
    return lines[lines.index("Total bytes transfered: 209.577218 MB") + 1 : lines.index("", 5)]


def test_below_the_block_nothing_looks_like_a_line_of_it() -> None:
    below = "\n".join(figure_lines(run(doubts=[PACED])))
    assert [name for name, pattern in PATTERNS.items() if re.search(pattern, below, re.MULTILINE)] == []


def test_programs_get_the_figures_with_their_units_and_an_offset_from_utc() -> None:
    document = figures_document(SAMPLE)
    assert document["start_time"] == "2024-07-25T11:11:44.133268+02:00"
    assert document["latency_s"] == pytest.approx(0.441602)
    assert document["throughput_mbit_s"] == 139.50385578552545
    assert document["total_bytes"] == 209_577_218
