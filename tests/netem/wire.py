"""Runs inside the guest: two hosts on a wire, each a network namespace, shaped as a profile says."""

import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout

from lab.inside import emulator
from lab.inside.hop import read_hop
from lab.inside.shaper_talk import EMULATOR, ask
from lab.link.commands import clearing_argvs, is_plain, shaper_order
from lab.link.netem import apply_argvs
from lab.link.schedule import schedule_of
from lab.model.exchange import Hop
from lab.model.plain import to_json
from lab.model.profile import Link, Profile
from lab.model.shaper import Schedule
from tests.netem import forked

PACS, TESTER = "orthanc", "tester"
ADDRESSES = {PACS: "10.9.0.1", TESTER: "10.9.0.2"}


def lay() -> None:
    """Have both hosts and the wire between them."""
    run("ip", "link", "add", device(PACS), "type", "veth", "peer", "name", device(TESTER))
    for host, address in ADDRESSES.items():
        run("ip", "netns", "add", host)
        run("ip", "link", "set", device(host), "netns", host)
        run_in(host, "ip", "link", "set", "lo", "up")
        run_in(host, "ip", "address", "add", f"{address}/24", "dev", device(host))
        run_in(host, "ip", "link", "set", device(host), "up")


def device(host: str) -> str:
    """A host's end of the wire."""
    return f"wire-{host}"


def shape(profile: Profile) -> None:
    """By netem, straight over what was there before: what an old profile set must not stay."""
    halves: dict[str, Link] = {PACS: profile.down, TESTER: profile.up}
    for host, link in halves.items():
        for argv in apply_argvs(link, device(host)):
            run_in(host, *argv)


@contextmanager
def shaped(profile: Profile, shaper: str) -> Iterator[None]:
    """By netem, or by an emulator at each host; clear afterwards."""
    with ExitStack() as stack:
        stack.callback(clear)
        if shaper == "netem":
            shape(profile)
        else:
            for host, direction in ((PACS, "down"), (TESTER, "up")):
                stack.enter_context(_emulated(host, schedule_of(profile, direction, seed=1)))
        yield


@contextmanager
def _emulated(host: str, schedule: Schedule) -> Iterator[None]:
    """A direction that is plain has none, as in the lab."""
    if is_plain(schedule):
        yield
        return
    order = shaper_order(hops()[host], schedule, "", epoch_s=0.0, until_s=None)
    emulating = forked.start(host, _emulate, to_json(order))
    while not emulator_at(host):
        if not emulating.process.is_alive():
            raise RuntimeError("the emulator did not start")
        time.sleep(0.05)
    try:
        yield
    finally:
        emulating.end()


def _emulate(_: Callable[[object], None], order: str) -> None:
    sys.argv[1:] = [order]
    with redirect_stdout(io.StringIO()):  # ours is the guest's, and carries the reports
        emulator.main()


def emulator_at(host: str) -> bool:
    """Whether one shapes there."""
    found: bool = forked.start(host, lambda _: ask(EMULATOR) is not None).said()
    return found


def clear() -> None:
    """Take all shaping off."""
    for host, hop in hops().items():
        for argv in clearing_argvs(hop):
            run_in(host, *argv)


def hops() -> dict[str, Hop]:
    """What each host's kernel reports."""
    return {host: forked.start(host, _hop_at, address).said() for host, address in ADDRESSES.items()}


def _hop_at(_: Callable[[object], None], address: str) -> Hop:
    return read_hop(address)


def ping(count: int, interval_s: float = 0.02) -> str:
    """What ping says at the tester."""
    argv = ["ping", "-n", "-c", str(count), "-i", f"{interval_s:.3f}", "-W", "3", ADDRESSES[PACS]]
    return _ended(in_host(TESTER, *argv)).stdout  # whose exit code is 1 when a reply was lost on purpose


def in_host(host: str, *argv: str) -> list[str]:
    """The command line that runs ``argv`` at a host."""
    return ["ip", "netns", "exec", host, *argv]


def run_in(host: str, *argv: str) -> str:
    """Run at a host; what it printed. Raises RuntimeError."""
    return run(*in_host(host, *argv))


def run(*argv: str) -> str:
    """Run; what it printed. Raises RuntimeError."""
    ended = _ended(argv)
    if ended.returncode:
        raise RuntimeError(f"{argv}: {ended.stderr}")
    return ended.stdout


def _ended(argv: list[str] | tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=False)
