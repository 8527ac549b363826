"""Two hosts on one wire, each a network namespace of this kernel, and emulators beside them."""

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import lab
from lab.inside.shaper_talk import EMULATOR, ask
from lab.model.plain import from_plain, to_json
from lab.model.profile import Link
from lab.model.shaper import Place, Schedule, ShaperOrder, ShaperReport, Turn
from tests.conftest import cannot_run

Answer = TypeVar("Answer")
SUBNET = "10.91.0.0/24"
MTU_BYTES = 1500
_CLONE_NEWNET = 0x40000000  # linux/sched.h
_SO_RCVBUFFORCE = 33  # asm-generic/socket.h
_RECEIVE_BUFFER_BYTES = 4 << 20
_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(lab.__file__).parents[1])}


class Host:
    """One end of the wire; ``address`` is on its device v0."""

    def __init__(self, namespace: str, address: str) -> None:
        self.namespace = namespace
        self.address = address

    def inside(self, function: Callable[..., Answer], *arguments: object) -> Answer:
        """Call the function in this host's network. A socket that it opens stays there."""
        with ThreadPoolExecutor(1, initializer=self._enter) as there:
            return there.submit(function, *arguments).result()

    def route_devices(self) -> list[str]:
        """Devices of the routes to the subnet, the preferred one first."""
        return [line.split()[2] for line in _ip("-n", self.namespace, "route", "show", SUBNET).splitlines()]

    def udp(self) -> socket.socket:
        """A datagram socket on port 4000, to be closed by whoever asked."""
        opened: socket.socket = self.inside(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER_BYTES)
        opened.bind((self.address, 4000))
        opened.settimeout(1)
        return opened

    def report(self, epoch_s: float | None = None) -> ShaperReport:
        """The emulator's, its epoch moved when one is given."""
        return from_plain(ShaperReport, self.inside(ask, EMULATOR, epoch_s))

    def _enter(self) -> None:
        with Path(f"/run/netns/{self.namespace}").open() as network:
            assert ctypes.CDLL(None).setns(network.fileno(), _CLONE_NEWNET) == 0


@contextmanager
def two_hosts() -> Iterator[tuple[Host, Host]]:
    """On one wire, until the end. Skips where no network namespace can be had."""
    one, other = (Host(f"lab-test-{os.getpid()}-{n}", f"10.91.0.{n}") for n in (1, 2))
    if os.geteuid() or not shutil.which("ip") or not Path("/dev/net/tun").exists():
        cannot_run("network namespaces with a TUN device need root, ip and /dev/net/tun")
    try:
        _wire_up(one, other)
        yield one, other
    finally:
        for host in (one, other):
            subprocess.run(["ip", "netns", "del", host.namespace], check=False, capture_output=True)


def _wire_up(one: Host, other: Host) -> None:
    try:
        for host in (one, other):
            _ip("netns", "add", host.namespace)
    except subprocess.CalledProcessError as error:
        cannot_run(f"no network namespace can be made here: {error.stderr}")
    _ip("-n", one.namespace, "link", "add", "v0", "type", "veth", "peer", "v0", "netns", other.namespace)
    for host in (one, other):
        _ip("-n", host.namespace, "addr", "add", f"{host.address}/24", "dev", "v0")
        _ip("-n", host.namespace, "link", "set", "v0", "up")


def steady(link: Link, seed: int = 1) -> Schedule:
    """A schedule of one turn."""
    return Schedule(turns=(Turn(name="steady", lasts_s=0.0, link=link),), repeat=True, seed=seed)


def order_of(host: Host, schedule: Schedule, until_s: float | None = None) -> ShaperOrder:
    """What the emulator of that host is started with; its first turn begins now."""
    place = Place(
        device="v0", subnet=SUBNET, address=host.address, mtu_bytes=MTU_BYTES, congestion_control=""
    )
    return ShaperOrder(place=place, schedule=schedule, epoch_s=time.monotonic(), until_s=until_s)


@contextmanager
def emulated(host: Host, order: ShaperOrder) -> Iterator[subprocess.Popen[str]]:
    """An emulator that shapes what the host sends, until the end."""
    argv = ["ip", "netns", "exec", host.namespace, sys.executable, "-m", "lab.inside.emulator"]
    with subprocess.Popen(
        [*argv, to_json(order)], env=_ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.terminate()


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout
