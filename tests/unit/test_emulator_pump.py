"""How late packets are, as the emulator tells: a socket pair is its device, and no clock is waited for."""

import socket
import time
from collections.abc import Iterator
from typing import cast

import pytest

from lab.inside.emulator_devices import Wire
from lab.inside.emulator_lateness import Lateness
from lab.inside.emulator_pump import Pump
from lab.link.emulation import Lane
from lab.link.tun_routes import TUN_QUEUE_PACKETS
from lab.model.profile import Link
from tests.unit.test_emulation import packet_of

NEVER = Link(delay_s=60)
BATCH = 64


class NoWire:
    def send(self, packet: bytes) -> None:
        pass


class Device:
    """A device, and a pump that looks into it when a test says so."""

    def __init__(self, link: Link) -> None:
        self.sender, self.tun = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.tun.setblocking(False)
        lane = Lane(1)
        lane.turn_to(link)
        self.pump = Pump(self.tun.fileno(), cast("Wire", NoWire()), lane, 1500)

    def look_after(self, seconds: float, packets: int) -> None:
        """Packets are read so long after the device was seen empty."""
        self.pump.find_empty()
        for _ in range(packets):
            self.sender.send(packet_of(100))
        self.pump.take_in(time.monotonic() + seconds)


@pytest.fixture
def device() -> Iterator[Device]:
    made = Device(NEVER)
    with made.sender, made.tun:
        yield made


def test_what_lay_in_the_device_may_be_late_by_all_the_time_that_nobody_looked(device: Device) -> None:
    device.look_after(0.5, packets=3)
    p99_ms, max_ms = device.pump.lateness.tell()
    assert p99_ms == max_ms == pytest.approx(500, abs=50)


def test_what_waits_for_the_rate_anyway_loses_nothing_by_being_read_late() -> None:
    slow = Device(Link(rate_bit_s=1e3, buffer_s=60))
    with slow.sender, slow.tun:
        slow.look_after(0.0, packets=3)
        slow.pump.lateness.tell()
        slow.look_after(0.5, packets=1)
        assert slow.pump.lateness.tell()[1] == 0


def test_a_device_that_is_never_empty_holds_nothing_for_longer_than_it_takes_to_fill_it(
    device: Device,
) -> None:
    device.pump.find_empty()
    began_s = time.monotonic()
    for _ in range(2 * TUN_QUEUE_PACKETS // BATCH):
        for _ in range(BATCH):
            device.sender.send(packet_of(100))
        device.pump.take_in(began_s)
    device.pump.lateness.tell()
    for _ in range(BATCH):
        device.sender.send(packet_of(100))
    device.pump.take_in(began_s + 10)
    assert device.pump.lateness.tell()[1] == pytest.approx(5000, rel=0.05)


def test_what_was_told_once_is_not_told_again() -> None:
    lateness = Lateness()
    for late_ms in range(100):
        lateness.add_s(late_ms / 1e3)
    lateness.hold_s([0.0, 0.001])
    assert lateness.tell() == pytest.approx((98.0, 100.0))
    assert lateness.tell() == (None, None)
