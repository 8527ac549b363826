"""Runs inside the guest: two hosts on a wire, each shipped profile on it, read back and pinged.

Prints one JSON line per profile, and one for the cleared link.
"""

import json
import subprocess
import sys

from lab.link.commands import clearing_argvs
from lab.link.netem import apply_argvs
from lab.model.exchange import Hop
from lab.model.profile import Link
from lab.system import store

ADDRESSES = {"orthanc": "10.9.0.1", "tester": "10.9.0.2"}
PINGS = 20


def main() -> None:
    _wire()
    for profile in store.profiles():
        if not profile.is_plain:
            _shape("orthanc", profile.down)
            _shape("tester", profile.up)
            _report(profile.name)
    for host in ADDRESSES:
        for argv in clearing_argvs(Hop(**json.loads(_in(host, *_hop_argv(host))))):
            _in(host, *argv)
    _report("baseline")


def _wire() -> None:
    _run("ip", "link", "add", "wire-orthanc", "type", "veth", "peer", "name", "wire-tester")
    for host, address in ADDRESSES.items():
        _run("ip", "netns", "add", host)
        _run("ip", "link", "set", _device(host), "netns", host)
        _in(host, "ip", "address", "add", f"{address}/24", "dev", _device(host))
        _in(host, "ip", "link", "set", _device(host), "up")


def _device(host: str) -> str:
    return f"wire-{host}"


def _shape(host: str, link: Link) -> None:
    """Straight over what was there before: what the old profile set must not stay."""
    for argv in apply_argvs(link, _device(host)):
        _in(host, *argv)


def _report(name: str) -> None:
    hops = {host: json.loads(_in(host, *_hop_argv(host))) for host in ADDRESSES}
    ping = _in("tester", "ping", "-n", "-c", str(PINGS), "-i", "0.02", "-W", "3", ADDRESSES["orthanc"])
    print(json.dumps({"profile": name, "hops": hops, "ping": ping}), flush=True)


def _hop_argv(host: str) -> list[str]:
    return [sys.executable, "-m", "lab.inside.hop", ADDRESSES[host]]


def _in(host: str, *argv: str) -> str:
    return _run("ip", "netns", "exec", host, *argv)


def _run(*argv: str) -> str:
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    if ended.returncode and argv[4:5] != ("ping",):  # ping ends with 1 when a reply was lost on purpose
        raise RuntimeError(f"{argv}: {ended.stderr}")
    return ended.stdout


if __name__ == "__main__":
    main()
