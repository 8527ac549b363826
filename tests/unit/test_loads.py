"""What hosts use: from the engine's words to readings, from readings to rates and columns."""

import dataclasses
import time
from typing import Any

import pytest

from lab.errors import UnhealthyError
from lab.model.load import Reading, rates, series
from lab.report.loads import LOAD_COLUMNS, load_rows
from lab.report.text import as_table
from lab.system import loads
from lab.system.engine import Engine
from lab.system.loads import reading

EARLIER = Reading(
    at_s=10.0,
    cpu_s=1.0,
    memory_bytes=50_000_000,
    read_bytes=0,
    written_bytes=1_000_000,
    received_bytes=1000,
    sent_bytes=2000,
)
LATER = Reading(
    at_s=12.0,
    cpu_s=2.5,
    memory_bytes=60_000_000,
    read_bytes=0,
    written_bytes=5_000_000,
    received_bytes=251_000,
    sent_bytes=25_002_000,
)


def stats(**others: Any) -> dict[str, Any]:
    """As an engine on cgroup v2 says it."""
    return {
        "cpu_stats": {"cpu_usage": {"total_usage": 1_500_000_000}},
        "memory_stats": {"usage": 90, "stats": {"inactive_file": 40}},
        "blkio_stats": {
            "io_service_bytes_recursive": [
                {"major": 8, "minor": 0, "op": "read", "value": 7},
                {"major": 8, "minor": 0, "op": "write", "value": 5},
                {"major": 8, "minor": 16, "op": "write", "value": 6},
            ]
        },
        "networks": {"eth0": {"rx_bytes": 3, "tx_bytes": 4}},
        **others,
    }


def test_the_engines_words_become_a_reading() -> None:
    assert reading(stats(), 3.0) == Reading(
        at_s=3.0,
        cpu_s=1.5,
        memory_bytes=50,
        read_bytes=7,
        written_bytes=11,
        received_bytes=3,
        sent_bytes=4,
    )


def test_the_page_cache_is_left_out_on_cgroup_v1_too() -> None:
    old = {"usage": 90, "stats": {"total_inactive_file": 30, "inactive_file": 1}}
    assert reading(stats(memory_stats=old), 0.0).memory_bytes == 60


def test_operations_are_read_whichever_way_they_are_spelt() -> None:
    rows = [{"op": "Read", "value": 1}, {"op": "Write", "value": 2}, {"op": "Total", "value": 3}]
    found = reading(stats(blkio_stats={"io_service_bytes_recursive": rows}), 0.0)
    assert (found.read_bytes, found.written_bytes) == (1, 2)


def test_what_the_engine_does_not_count_is_none() -> None:
    found = reading(
        stats(memory_stats={}, blkio_stats={"io_service_bytes_recursive": None}, networks=None), 0.0
    )
    assert found.memory_bytes is None
    assert (found.read_bytes, found.written_bytes) == (None, None)
    assert (found.received_bytes, found.sent_bytes) == (None, None)


def test_rates_are_per_second_of_the_time_between() -> None:
    found = rates(EARLIER, LATER)
    assert (found.cpu_cores, found.memory_bytes) == (0.75, 60_000_000)
    assert (found.written_bytes_s, found.read_bytes_s) == (2_000_000, 0)
    assert (found.received_bit_s, found.sent_bit_s) == (1e6, 1e8)


def test_a_container_that_was_started_again_has_no_negative_rates() -> None:
    assert rates(LATER, dataclasses.replace(EARLIER, at_s=14.0)).cpu_cores == 0


def test_a_series_counts_from_its_first_reading() -> None:
    found = series([EARLIER, LATER])
    assert (found.at_s, found.cpu_s) == ([0.0, 2.0], [0.0, 1.5])
    assert (found.sent_bytes, found.memory_bytes) == ([0, 25_000_000], [50_000_000, 60_000_000])


def test_a_column_that_is_not_counted_is_empty() -> None:
    found = series([EARLIER, dataclasses.replace(LATER, read_bytes=None)])
    assert (found.read_bytes, found.written_bytes) == ([], [0, 4_000_000])
    assert series([]).at_s == []


def test_a_look_is_a_row_per_host() -> None:
    rows = load_rows({"orthanc": rates(EARLIER, LATER)})
    assert rows[0]["network out Mbit/s"] == pytest.approx(100)
    assert "orthanc" in as_table(rows, LOAD_COLUMNS)


@pytest.fixture
def slow_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What happens, in its order, where the engine answers after a while."""
    happened: list[str] = []

    def read(_: Engine) -> dict[str, Reading]:
        happened.append("asked")
        time.sleep(0.05)
        happened.append("read")
        return {"orthanc": EARLIER}

    monkeypatch.setattr(loads, "read", read)
    return happened


def test_a_run_begins_after_the_first_reading_and_the_last_is_asked_for_after_it(
    slow_reads: list[str],
) -> None:
    with loads.watched(Engine("nothing")) as watch:
        watch.begun()
        slow_reads.append("run")
        watch.enough()
        slow_reads.append("something else meanwhile")
    before, _, after = slow_reads[:2], slow_reads[2], slow_reads[3:]
    assert (before, sorted(after)) == (["asked", "read"], ["asked", "read", "something else meanwhile"])
    assert watch.readings == {"orthanc": [EARLIER, EARLIER]}


def test_readings_that_fail_keep_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_: Engine) -> dict[str, Reading]:
        msg = "the engine refuses"
        raise UnhealthyError(msg)

    monkeypatch.setattr(loads, "read", read)
    with loads.watched(Engine("nothing")) as watch:
        watch.begun()
    assert watch.readings == {}


def test_a_run_that_fails_ends_the_watching(slow_reads: list[str]) -> None:
    def run() -> None:
        with loads.watched(Engine("nothing")):
            raise UnhealthyError("no number")

    with pytest.raises(UnhealthyError, match="no number"):
        run()
    assert slow_reads[-1] == "read"
