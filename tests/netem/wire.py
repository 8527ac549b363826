"""Runs inside the guest: two hosts on a wire, each a network namespace, shaped as a profile says."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from lab.link.commands import clearing_argvs, is_plain, shaper_order
from lab.link.netem import apply_argvs
from lab.link.schedule import schedule_of
from lab.model.exchange import Hop
from lab.model.plain import from_json, to_json
from lab.model.profile import Link, Profile
from lab.model.shaper import Schedule

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
    argv = in_host(host, sys.executable, "-m", "lab.inside.emulator", to_json(order))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as emulator:
        try:
            if not emulator.stdout or emulator.stdout.readline().strip() != "ready":
                raise RuntimeError("the emulator did not start")
            yield
        finally:
            emulator.terminate()


def clear() -> None:
    """Take all shaping off."""
    for host, hop in hops().items():
        for argv in clearing_argvs(hop):
            run_in(host, *argv)


def hops() -> dict[str, Hop]:
    """What each host's kernel reports."""
    argvs = {host: [sys.executable, "-m", "lab.inside.hop", ADDRESSES[host]] for host in ADDRESSES}
    return {host: from_json(Hop, run_in(host, *argv)) for host, argv in argvs.items()}


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
