"""Runs inside the guest: a docker engine with what an engine_disk holds."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.netem.kernel import GUEST_OUT

_CONTROLLERS = ("cpu", "cpuacct", "memory", "devices", "freezer", "blkio", "pids")
_CGROUPS = Path("/sys/fs/cgroup")
_DATA = Path("/run/engine")
_READY_TIMEOUT_S = 120


@contextmanager
def engine() -> Iterator[None]:
    """It runs, on docker's default socket, while the block lasts."""
    _mount_cgroups()
    _prefer_legacy_tables()
    _mount("ext4", "/dev/ubda", _DATA)
    config = Path("/run/dockerd.json")
    config.write_text("{}")  # whatever the machine's own engine is told does not count
    argv = ["dockerd", f"--config-file={config}", f"--data-root={_DATA}", "--storage-driver=overlay2"]
    with (
        Path(GUEST_OUT, "dockerd.log").open("w") as said,
        subprocess.Popen(argv, stdout=said, stderr=said) as process,
    ):
        try:
            _wait_until_ready(process)
            yield
        finally:
            process.terminate()


def _mount_cgroups() -> None:
    """Version 1, for a kernel whose memory controller other programs may count on; newer ones lack it."""
    _mount("tmpfs", "cgroup", _CGROUPS)
    for controller in _CONTROLLERS:
        with suppress(subprocess.CalledProcessError):
            _mount("cgroup", "cgroup", _CGROUPS / controller, "-o", controller)


def _mount(kind: str, device: str, folder: Path, *options: str) -> None:
    folder.mkdir(exist_ok=True)
    argv = ["mount", "-t", kind, *options, device, str(folder)]
    subprocess.run(argv, check=True, capture_output=True, text=True)


def _prefer_legacy_tables() -> None:
    """This kernel has no nf_tables that could translate addresses."""
    folder = Path("/run/legacy")
    folder.mkdir()
    for name in ("iptables", "ip6tables"):
        (folder / name).symlink_to("/usr/sbin/xtables-legacy-multi")
    os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"


def _wait_until_ready(process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + _READY_TIMEOUT_S
    while not _answers():
        if process.poll() is not None or time.monotonic() > deadline_s:
            raise RuntimeError("the guest's engine does not start")
        time.sleep(0.5)


def _answers() -> bool:
    """Asked without docker's own command line, which is a second's work here."""
    with socket.socket(socket.AF_UNIX) as client, suppress(OSError):
        client.connect("/run/docker.sock")
        client.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
        return bool(client.recv(1))
    return False
