import dataclasses

from lab.bench.link_figures import link_record
from lab.link.schedule import schedule_of
from lab.model.link_state import HostLink, LinkState
from lab.model.profile import Link, Phase, Profile
from lab.model.shaper import Change, ShaperReport

FAST, SLOW = Link(rate_bit_s=100e6), Link(rate_bit_s=10e6)
FALLING = Profile(
    name="falling",
    description="",
    source="",
    assumed=("rate",),
    down=FAST,
    up=FAST,
    phases=(
        Phase(name="fast", lasts_s=5, down=FAST, up=FAST),
        Phase(name="slow", lasts_s=5, down=SLOW, up=SLOW),
    ),
)


def state(dropped: int, changes: tuple[Change, ...] = (), cpu_s: float = 0.0) -> LinkState:
    report = ShaperReport(
        schedule=schedule_of(FALLING, "down", seed=3),
        turn="fast",
        link=FAST,
        changes=changes,
        epoch_s=100.0,
        until_s=None,
        cpu_s=cpu_s,
        late_p99_ms=0.2,
    )
    host = HostLink(
        service="orthanc",
        device="eth0",
        shaper="tun",
        link=FAST,
        congestion_control="cubic",
        kernel_congestion_control="cubic",
        dropped_packets=dropped,
        seed=3,
        report=report,
    )
    tester = dataclasses.replace(
        host, service="tester", shaper="none", report=None, seed=None, dropped_packets=0
    )
    return LinkState(profile="falling", shaper="tun", hosts=(host, tester))


CHANGES = (
    Change(at_s=90.0, turn="fast"),
    Change(at_s=100.0, turn="slow"),
    Change(at_s=105.0, turn="fast"),
    Change(at_s=130.0, turn="slow"),
)


def test_phases_are_marked_from_the_one_in_force_at_the_request_to_the_end_of_the_run() -> None:
    found = link_record(
        FALLING, state(0), state(0, CHANGES), requested_s=102.0, duration_s=10.0, ceiling_mbit_s=None
    )
    assert [(mark.name, mark.at_s) for mark in found.phases] == [("slow", -2.0), ("fast", 3.0)]


def test_what_was_dropped_before_the_run_is_not_the_runs() -> None:
    found = link_record(FALLING, state(40), state(47), requested_s=102.0, duration_s=10.0, ceiling_mbit_s=900)
    assert found.dropped_packets == {"pacs": 7, "tester": 0}
    assert (found.seed, found.assumed) == ({"pacs": 3, "tester": None}, ["rate"])


def test_the_emulators_share_of_a_core_is_counted_over_the_run() -> None:
    found = link_record(
        FALLING,
        state(0, cpu_s=1.0),
        state(0, cpu_s=6.0),
        requested_s=102.0,
        duration_s=10.0,
        ceiling_mbit_s=900,
    )
    assert found.emulator is not None
    assert (found.emulator.busiest_cpu_share, found.emulator.late_p99_ms) == (0.5, 0.2)
