"""Runs inside the guest: two hosts on a wire, each a network namespace, shaped as a profile says."""

import subprocess
from collections.abc import Callable

from lab.inside.hop import read_hop
from lab.link.commands import clearing_argvs
from lab.link.netem import apply_argvs
from lab.model.exchange import Hop
from lab.model.profile import Link, Profile
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
