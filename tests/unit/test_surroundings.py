"""What lies around a run: machine, caches, path; what is read of them, and the doubts that follow."""

import dataclasses
from typing import Any

import pytest

from lab.bench.caches import look
from lab.bench.known import Beside
from lab.bench.machine import condition, links_in_turn
from lab.bench.surroundings import doubts
from lab.link.tcp_flow import IMAGES_S, OTHER_S, Spell, flow, spell
from lab.model.conditions import CacheRecord, Flow, MachineRecord
from lab.model.load import Reading
from lab.model.profile import Link
from lab.stack.pacs_settings import digest, parsed
from lab.system.hostinfo import CpuTimes
from tests.unit.test_link_figures import FAST, SLOW, state

QUIET = MachineRecord(busy_ratio=0.5, steal_ratio=0.0, throttled_s={"orthanc": 0.0}, clock_jump_s=0.0)
STUDY_BYTES = 1000
REPORT: dict[str, Any] = {
    "start": {"tcp_mss_default": 1000},
    "end": {
        "streams": [{"sender": {"mean_rtt": 60000}}],
        "sum_sent": {"bytes": 9_900_000, "retransmits": 100},
        "sum_received": {"bits_per_second": 50e6},
    },
}


def codes(beside: Beside, link: Link | None = None, flow: Flow | None = None) -> list[str]:
    return [doubt.code for doubt in doubts(beside, link, flow, STUDY_BYTES)]


def machine(**changes: Any) -> Beside:
    return Beside(condition=dataclasses.replace(QUIET, **changes))


def cache(declared: str, in_memory_bytes: int | None) -> Beside:
    return Beside(cache=CacheRecord(declared=declared, storage_bytes=2000, in_memory_bytes=in_memory_bytes))


def test_a_quiet_machine_is_not_doubted() -> None:
    assert codes(machine()) == []
    assert codes(Beside()) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"steal_ratio": 0.05}, "cpu_stolen"),
        ({"throttled_s": {"orthanc": 0.2}}, "cpu_throttled"),
        ({"clock_jump_s": -1.0}, "clock_jumped"),
    ],
)
def test_what_disturbs_is_doubted(changes: dict[str, Any], code: str) -> None:
    assert codes(machine(**changes)) == [code]


@pytest.mark.parametrize(
    ("declared", "in_memory_bytes", "expected"),
    [
        ("cold", 0, []),
        ("cold", 200, ["cache_not_cold"]),
        ("warm", 1000, []),
        ("warm", 999, ["cache_not_warm"]),
        ("cold", None, []),
    ],
)
def test_caches_are_held_to_what_the_case_declares(
    declared: str, in_memory_bytes: int | None, expected: list[str]
) -> None:
    assert codes(cache(declared, in_memory_bytes)) == expected


def test_a_study_that_orthanc_keeps_compressed_is_warm_when_all_of_the_storage_is_in_memory() -> None:
    compressed = CacheRecord(declared="warm", storage_bytes=400, in_memory_bytes=400)
    assert codes(Beside(cache=compressed)) == []
    assert codes(Beside(cache=dataclasses.replace(compressed, in_memory_bytes=300))) == ["cache_not_warm"]


@pytest.mark.parametrize(
    ("got_mbit_s", "link", "expected"),
    [
        (95.0, {"rate_bit_s": 100e6}, []),
        (70.0, {"rate_bit_s": 100e6}, ["path_slower_than_profile"]),
        (10.0, {"rate_bit_s": 100e6, "loss_ratio": 0.01}, []),
        (10.0, {}, []),
        (None, {"rate_bit_s": 100e6}, []),
    ],
)
def test_a_path_short_of_its_profile_is_doubted_unless_packets_are_lost(
    got_mbit_s: float | None, link: dict[str, Any], expected: list[str]
) -> None:
    assert codes(Beside(), Link(**link), Flow(mbit_s=got_mbit_s)) == expected


def test_instances_that_come_rewritten_are_told() -> None:
    assert codes(Beside(rewritten=2)) == ["rewritten"]


def test_fincores_lines_are_added_up() -> None:
    assert look("4096 4000\n0 500\n\n", "warm") == CacheRecord(
        declared="warm", storage_bytes=4500, in_memory_bytes=4000
    )


@pytest.mark.parametrize("said", ["", "sh: fincore: not found", "x y"])
def test_without_fincore_nobody_knows(said: str) -> None:
    assert look(said, "cold").in_memory_bytes is None


def reading(throttled_s: float) -> Reading:
    nothing = dict.fromkeys(("read_bytes", "written_bytes", "received_bytes", "sent_bytes", "memory_bytes"))
    return Reading(at_s=0.0, cpu_s=0.0, throttled_s=throttled_s, **nothing)


def test_a_machines_condition_is_what_changed_meanwhile() -> None:
    before = CpuTimes(total_s=100.0, idle_s=50.0, steal_s=1.0)
    after = CpuTimes(total_s=110.0, idle_s=54.0, steal_s=2.0)
    assert condition(before, after, {"orthanc": [reading(1.0), reading(1.5)]}, 0.25) == MachineRecord(
        busy_ratio=0.6, steal_ratio=0.1, throttled_s={"orthanc": 0.5}, clock_jump_s=0.25
    )


def test_where_the_kernel_does_not_tell_nothing_is_said() -> None:
    assert condition(None, None, {}, 0.0).steal_ratio is None


def test_a_flow_has_the_metrics_of_rfc_6349() -> None:
    found = flow(REPORT, rtt_ms=40.0, rate_bit_s=100e6)
    assert found is not None
    assert found.mbit_s == 50.0
    assert found.retransmitted_segments == 100
    assert found.efficiency_ratio == pytest.approx(0.99)
    assert found.buffer_delay_ratio == pytest.approx(0.5)
    assert found.transfer_time_ratio == pytest.approx(100e6 * 1448 / 1514 / 50e6)


def test_what_iperf3_does_not_tell_is_not_made_up() -> None:
    assert flow({"error": "refused"}, 1.0, 1e6) is None
    found = flow({"end": {"sum_received": {"bits_per_second": 1e6}}}, None, None)
    assert found == Flow(mbit_s=1.0)


@pytest.mark.parametrize(
    ("rtt_ms", "omitted_s"),
    [(1.0, 1), (40.6, 1), (100.0, 1), (100.1, 2), (250.0, 3), (600.4, 7), (3000.0, 10)],
)
def test_slow_start_is_left_out_however_long_a_round_trip_takes(rtt_ms: float | None, omitted_s: int) -> None:
    assert spell(rtt_ms, IMAGES_S) == Spell(omitted_s=omitted_s, counted_s=max(2, omitted_s))
    assert spell(rtt_ms, OTHER_S) == Spell(omitted_s=omitted_s, counted_s=omitted_s)


@pytest.mark.parametrize("rtt_ms", [None, 0.0, 0.1, 0.49])
def test_slow_start_of_some_milliseconds_is_not_waited_for(rtt_ms: float | None) -> None:
    assert spell(rtt_ms, IMAGES_S) == Spell(omitted_s=0, counted_s=IMAGES_S)
    assert spell(rtt_ms, OTHER_S) == Spell(omitted_s=0, counted_s=OTHER_S)


def test_it_is_left_out_where_it_is_half_a_percent() -> None:
    assert (spell(0.6, IMAGES_S).omitted_s, spell(0.6, OTHER_S).omitted_s) == (0, 1)


CONFIGURATION = """{
  // a comment
  "Name": "lab", "HttpPort": ${HTTP_PORT},
  "RegisteredUsers": { "lab": "secret" }
}"""


def test_orthancs_configuration_is_read_as_orthanc_does() -> None:
    found = parsed(CONFIGURATION, {"HTTP_PORT": "8042"})
    assert found == {"Name": "lab", "HttpPort": 8042, "RegisteredUsers": {"lab": "secret"}}


def test_the_digest_of_a_configuration_does_not_depend_on_the_password() -> None:
    found = parsed(CONFIGURATION, {"HTTP_PORT": "8042"})
    assert digest(found) == digest({**found, "RegisteredUsers": {"lab": "another"}})
    assert digest(found) != digest({**found, "Name": "other"})


def test_the_slowest_turn_of_a_schedule_is_known_before_it_comes() -> None:
    assert set(links_in_turn(state(0))) == {FAST, SLOW}
