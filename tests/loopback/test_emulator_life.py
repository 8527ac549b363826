"""The emulator's start, its schedule and its ends, on a real kernel."""

import signal
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from lab.link.tun_routes import TUN_DEVICE
from lab.model.profile import Link
from lab.model.shaper import Schedule, Turn
from tests.loopback.emulator_hosts import Host, emulated, order_of, steady, two_hosts
from tests.loopback.test_emulator import TOLERANCE_S, comes_to, trip_s

pytestmark = pytest.mark.alone

HOUR_S = 3600.0
LATEST_S = 0.15
STOPPED = 128 + signal.SIGTERM


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    with two_hosts() as pair:
        yield pair


def two_turns(first_lasts_s: float, then_lasts_s: float, *, repeat: bool) -> Schedule:
    """Nothing at first, then 30 ms."""
    turns = (
        Turn(name="before", lasts_s=first_lasts_s, link=Link()),
        Turn(name="after", lasts_s=then_lasts_s, link=Link(delay_s=0.03)),
    )
    return Schedule(turns=turns, repeat=repeat, seed=1)


def flows_within(sender: Host, receiver: Host, seconds: float) -> bool:
    """Whether a datagram arrives before that time is over."""
    end_s = time.monotonic() + seconds
    with sender.udp() as source, receiver.udp() as sink:
        sink.settimeout(0.05)
        while time.monotonic() < end_s:
            try:
                source.sendto(b"ping", (receiver.address, 4000))
                sink.recv(2000)
            except OSError:
                continue
            return True
    return False


def test_it_reports_what_it_was_told(hosts: tuple[Host, Host]) -> None:
    one, other = hosts
    link = Link(rate_bit_s=1e9, delay_s=0.001, jitter_s=0.0001, jitter_distribution="pareto")
    order = order_of(one, steady(link, seed=42), until_s=time.monotonic() + HOUR_S)
    with emulated(one, order):
        trip_s(one, other)
        report = one.report()
    assert (report.schedule, report.turn, report.link) == (order.schedule, "steady", link)
    assert (report.epoch_s, report.until_s) == (order.epoch_s, order.until_s)
    assert [change.turn for change in report.changes] == ["steady"]


def test_it_takes_the_route_over_and_leaves_it_as_it_was(hosts: tuple[Host, Host]) -> None:
    one, _ = hosts
    with emulated(one, order_of(one, steady(Link()))) as emulator:
        assert one.route_devices() == [TUN_DEVICE, "v0"]
        emulator.terminate()
        assert emulator.wait() == STOPPED
    assert one.route_devices() == ["v0"]


def test_traffic_flows_within_a_second_when_it_is_killed(hosts: tuple[Host, Host]) -> None:
    one, other = hosts
    with emulated(one, order_of(one, steady(Link(loss_ratio=1)))) as emulator:
        assert not flows_within(one, other, 0.5)
        emulator.kill()
        assert flows_within(one, other, 1)
        assert one.route_devices() == ["v0"]


def test_it_ends_when_its_time_is_up(hosts: tuple[Host, Host]) -> None:
    one, other = hosts
    until_s = time.monotonic() + 2
    with emulated(one, order_of(one, steady(Link(delay_s=0.5)), until_s)) as emulator:
        assert emulator.wait(timeout=10) == 0
        assert time.monotonic() >= until_s
        assert one.route_devices() == ["v0"]
        assert comes_to(lambda: trip_s(one, other), pytest.approx(0, abs=TOLERANCE_S))


def test_a_schedule_changes_the_path_when_told(hosts: tuple[Host, Host]) -> None:
    one, other = hosts
    with emulated(one, order_of(one, two_turns(2, HOUR_S, repeat=False))):
        assert trip_s(one, other) < 0.01
        assert one.report().turn == "before"
        time.sleep(max(0.0, one.report().epoch_s + 2 - time.monotonic()))
        assert comes_to(lambda: trip_s(one, other), pytest.approx(0.03, abs=TOLERANCE_S))
        report = one.report()
    assert [change.turn for change in report.changes] == ["before", "after"]
    assert 0 <= report.changes[1].at_s - (report.epoch_s + 2) < LATEST_S
    assert report.link == Link(delay_s=0.03)


def test_a_schedule_begins_again(hosts: tuple[Host, Host]) -> None:
    one, _ = hosts
    with emulated(one, order_of(one, two_turns(0.2, 0.4, repeat=True))):
        time.sleep(2)
        report = one.report()
    assert {change.turn for change, _ in pairwise(report.changes)} == {"before", "after"}
    assert all(change.turn != then.turn for change, then in pairwise(report.changes))
    begins_s = {"before": 0.0, "after": 0.2}
    for change in report.changes[1:]:
        assert (change.at_s - report.epoch_s) % 0.6 - begins_s[change.turn] < LATEST_S


def test_its_epoch_can_be_moved(hosts: tuple[Host, Host]) -> None:
    one, other = hosts
    with emulated(one, order_of(one, two_turns(HOUR_S, HOUR_S, repeat=False))):
        assert one.report().turn == "before"
        moved_s = time.monotonic() - HOUR_S
        report = one.report(epoch_s=moved_s)
        assert (report.turn, report.epoch_s) == ("after", moved_s)
        assert comes_to(lambda: trip_s(one, other), pytest.approx(0.03, abs=TOLERANCE_S))
        assert one.report(epoch_s=time.monotonic()).turn == "before"
