"""Runs inside the guest: wires of two hosts each, which are network namespaces, shaped as a profile says."""

import io
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass

from lab.inside import emulator
from lab.inside.hop import read
from lab.inside.shaper_talk import EMULATOR, ask
from lab.link.commands import clearing_argvs, is_plain, seed_of, shaper_order
from lab.link.hops import hop_of
from lab.link.netem import apply_argvs
from lab.link.schedule import schedule_of
from lab.model.hop import Hop
from lab.model.plain import to_json
from lab.model.profile import Link, Profile
from lab.model.shaper import Schedule
from tests.netem import forked

PACS, TESTER = "orthanc", "tester"
SERVICES = (PACS, TESTER)


@dataclass(frozen=True)
class Wire:
    """Between a PACS and a tester; its number tells it from others in the same guest."""

    number: int

    def host(self, service: str) -> str:
        """The name of that end's network namespace."""
        return f"{service}{self.number}"

    def address(self, service: str) -> str:
        """Of that end."""
        return f"10.9.{self.number}.{1 + SERVICES.index(service)}"

    def device(self, service: str) -> str:
        """That end."""
        return f"wire-{self.host(service)}"

    def lay(self) -> None:
        """Have both hosts and the wire between them, and no ARP to wait for."""
        run("ip", "link", "add", self.device(PACS), "type", "veth", "peer", "name", self.device(TESTER))
        for service in SERVICES:
            device = self.device(service)
            run("ip", "netns", "add", self.host(service))
            run("ip", "link", "set", device, "netns", self.host(service))
            self.run_in(service, "ip", "link", "set", "lo", "up")
            self.run_in(service, "ip", "address", "add", f"{self.address(service)}/24", "dev", device)
            self.run_in(service, "ip", "link", "set", device, "up")
        self.ping(2)

    def shape(self, profile: Profile) -> None:
        """By netem, straight over what was there before: what an old profile set must not stay."""
        halves: dict[str, Link] = {PACS: profile.down, TESTER: profile.up}
        for service, link in halves.items():
            for argv in apply_argvs(link, self.device(service)):
                self.run_in(service, *argv)

    @contextmanager
    def emulated(self, profile: Profile, hops: dict[str, Hop]) -> Iterator[None]:
        """By an emulator at each end that the profile shapes, for the block; ``hops`` as when clear.

        Each end of each profile has a seed of its own: with one for all, what one draw makes longer is
        longer at both ends, and in every profile.
        """
        seed = zlib.crc32(profile.name.encode())
        with ExitStack() as stack:
            for service, direction in ((PACS, "down"), (TESTER, "up")):
                schedule = schedule_of(profile, direction, seed=seed_of(seed, service))
                if not is_plain(schedule):
                    stack.enter_context(self._emulated(service, hops[service], schedule))
            yield

    @contextmanager
    def _emulated(self, service: str, hop: Hop, schedule: Schedule) -> Iterator[None]:
        order = shaper_order(hop, schedule, "", epoch_s=0.0, until_s=None)
        emulating = self.start(service, _emulate, to_json(order))
        with forked.inside(self.host(service)):
            while ask(EMULATOR) is None:
                if not emulating.process.is_alive():
                    raise RuntimeError("the emulator did not start")
                time.sleep(0.02)
        try:
            yield
        finally:
            emulating.end()

    def clear(self) -> None:
        """Take all shaping off."""
        for service, hop in self.hops().items():
            for argv in clearing_argvs(hop):
                self.run_in(service, *argv)

    def hops(self) -> dict[str, Hop]:
        """What each host's kernel reports."""
        return {service: self.hop(service) for service in SERVICES}

    def hop(self, service: str) -> Hop:
        """What that host's kernel reports."""
        with forked.inside(self.host(service)):
            return hop_of(read(self.address(service)))

    def ping(self, count: int, interval_s: float = 0.02) -> str:
        """What ping says at the tester."""
        argv = ["ping", "-n", "-c", str(count), "-i", f"{interval_s:.3f}", "-W", "5", self.address(PACS)]
        with forked.inside(self.host(TESTER)):
            return _ended(argv).stdout  # whose exit code is 1 when a reply was lost

    def start(self, service: str, function: Callable[..., object], *words: object) -> forked.Forked:
        """Start ``function(say, *words)`` at a host, in a process forked from this one."""
        return forked.start(self.host(service), function, *words)

    def ask(self, service: str, function: Callable[..., object], *words: object) -> forked.Asked:
        """Have a helper at a host do ``function(say, *words)``."""
        return forked.ask(self.host(service), function, *words)

    def run_in(self, service: str, *argv: str) -> str:
        """Run at a host; what it printed. Raises RuntimeError."""
        with forked.inside(self.host(service)):
            return run(*argv)


def _emulate(_: Callable[[object], None], order: str) -> None:
    sys.argv[1:] = [order]
    with redirect_stdout(io.StringIO()):  # ours is the guest's, and carries the reports
        emulator.main()


def run(*argv: str) -> str:
    """Run; what it printed. Raises RuntimeError."""
    ended = _ended(argv)
    if ended.returncode:
        raise RuntimeError(f"{argv}: {ended.stderr}")
    return ended.stdout


def _ended(argv: list[str] | tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=False)
