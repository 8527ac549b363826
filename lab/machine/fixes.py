"""What can be put right on a Debian or Ubuntu machine, and how each is taken back."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.errors import PreflightError
from lab.machine import kernel_settings, netem_kernel
from lab.machine.debian_release import APT, KEYRING, QUIET, fetched, release
from lab.machine.journal import Change
from lab.system import hostinfo, process

ENGINE_DATA = Path("/var/lib/docker")
_ENGINE_PACKAGE = "docker.io"
_TO_UNPACK = ("patchelf", "debian-archive-keyring")
_PIDFILE = Path("/var/run/docker.pid")
_ENGINE_LOG = "/var/log/dicom-lab-dockerd.log"
_ENGINE_START_TIMEOUT_S = 60


Remember = Callable[[Change], None]


@dataclass(frozen=True, kw_only=True)
class Fix:
    """Something that can be put right: what will be done, in words, and the doing of it.

    ``do`` is given what remembers a change, and calls it also when it fails half-way.
    """

    text: str
    do: Callable[[Remember], None]


def may_install() -> bool:
    """Whether packages may be installed and services started from here."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def has_systemd() -> bool:
    """Whether systemd runs this machine."""
    return Path("/run/systemd/system").is_dir()


def install(packages: Sequence[str]) -> Fix:
    """Install Debian packages from the machine's own sources, without what they merely recommend."""
    return Fix(
        text=f"apt-get install {' '.join(packages)}",
        do=lambda remember: _install(packages, packages, remember),
    )


def install_engine() -> Fix:
    """Install Docker's engine as Debian and Ubuntu package it."""
    command_line = ["docker-cli"] if _candidate("docker-cli") else []  # a package of its own since Debian 13
    return install([_ENGINE_PACKAGE, *command_line])


def install_compose() -> Fix:
    """docker compose v2: from the machine's own sources, else Debian's newer package (needs only libc6)."""
    own = next((name for name in ("docker-compose-v2", "docker-compose-plugin") if _candidate(name)), None)
    if own is None and _candidate("docker-compose").startswith("2."):
        own = "docker-compose"
    if own:
        return install([own])
    return Fix(text=f"install docker-compose from Debian {release()}", do=_install_newer_compose)


def install_netem_kernel() -> Fix:
    """A user-mode-linux that is new enough: from the machine's own sources, else Debian's newer, unpacked."""
    if netem_kernel.is_new_enough(_candidate(netem_kernel.PACKAGE)):
        return install([netem_kernel.PACKAGE])
    return Fix(text=f"unpack {netem_kernel.PACKAGE} from Debian {release()}", do=_unpack_netem_kernel)


def start_engine() -> Fix:
    """Start Docker's daemon: by systemd where it runs, else on its own, detached."""
    if has_systemd():
        return Fix(text="systemctl start docker", do=_start_by_systemd)
    return Fix(text=f"start dockerd (log: {_ENGINE_LOG})", do=_start_detached)


def allow_congestion_control(name: str) -> Fix:
    """Let containers have a congestion control that the kernel has."""
    return Fix(text=kernel_settings.in_words(name), do=lambda remember: kernel_settings.allow(name, remember))


def undo(change: Change) -> None:
    """Take a change back."""
    {
        "packages": _remove_packages,
        "netem kernel": lambda _: netem_kernel.remove(),
        "engine": _stop_engine,
        kernel_settings.KIND: kernel_settings.put_back,
    }[change.kind](change)


def _candidate(package: str) -> str:
    """Version that apt would install; "" when it knows none."""
    policy = process.run(["apt-cache", "policy", package], check=False).stdout
    versions = [line.split()[1] for line in policy.splitlines() if line.strip().startswith("Candidate:")]
    return versions[0] if versions and versions[0] != "(none)" else ""


def _install(asked: Sequence[str], what: Sequence[str], remember: Remember) -> None:
    """Install packages, or package files; nothing that is there is removed for them."""
    keep_data = _ENGINE_PACKAGE in asked and ENGINE_DATA.is_dir() and any(ENGINE_DATA.iterdir())
    before = _installed_packages()
    process.run([*APT, "update"], env=QUIET, check=False)  # a source of the machine's own may be out of reach
    try:
        process.run([*APT, "install", "--no-remove", "--no-install-recommends", *what], env=QUIET)
    finally:
        if added := sorted(_installed_packages() - before):
            details = {"packages": added, "keep_data": keep_data}
            text = f"installed {' '.join(asked)} and what they need"
            remember(Change(kind="packages", text=text, details=details))


def _installed_packages() -> set[str]:
    listing = process.run(["dpkg-query", "-W", "-f", "${binary:Package} ${db:Status-Status}\n"]).stdout
    return {line.split()[0] for line in listing.splitlines() if line.endswith(" installed")}


def _install_newer_compose(remember: Remember) -> None:
    with fetched("docker-compose") as packages:
        _install(["docker-compose"], [str(packages["docker-compose"])], remember)


def _unpack_netem_kernel(remember: Remember) -> None:
    if not (shutil.which("patchelf") and KEYRING.exists()):
        _install(_TO_UNPACK, _TO_UNPACK, remember)
    text = f"unpacked {netem_kernel.PACKAGE} in {netem_kernel.FOLDER}"
    remember(Change(kind="netem kernel", text=text))
    netem_kernel.unpack()


def _start_by_systemd(remember: Remember) -> None:
    process.run(["systemctl", "start", "docker"])
    remember(Change(kind="engine", text="started docker", details={"systemd": True}))
    _wait_for_engine()


def _start_detached(remember: Remember) -> None:
    details = {"systemd": False, "ip_forward": hostinfo.sysctl("net.ipv4.ip_forward")}
    process.spawn_detached(["dockerd"], _ENGINE_LOG)
    remember(Change(kind="engine", text="started dockerd", details=details))
    _wait_for_engine()


def _wait_for_engine() -> None:
    deadline_s = time.monotonic() + _ENGINE_START_TIMEOUT_S
    while process.run(["docker", "version"], check=False).returncode:
        if time.monotonic() > deadline_s:
            msg = f"the engine did not answer within {_ENGINE_START_TIMEOUT_S} s"
            raise PreflightError(msg, f"read {_ENGINE_LOG} or `journalctl -u docker`")
        time.sleep(0.2)


def _stop_engine(change: Change) -> None:
    if change.details["systemd"]:
        process.run(["systemctl", "stop", "docker.socket", "docker"], check=False)
        return
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        pid = int(_PIDFILE.read_text())
        os.kill(pid, signal.SIGTERM)
        _wait_until_gone(pid)
    if change.details["ip_forward"] == "0":
        process.run(["sysctl", "-q", "-w", "net.ipv4.ip_forward=0"], check=False)
    process.run(["ip", "link", "delete", "docker0"], check=False)
    Path(_ENGINE_LOG).unlink(missing_ok=True)


def _wait_until_gone(pid: int) -> None:
    deadline_s = time.monotonic() + _ENGINE_START_TIMEOUT_S
    while time.monotonic() < deadline_s:
        os.kill(pid, 0)
        time.sleep(0.2)


def _remove_packages(change: Change) -> None:
    """Purge takes the engine's data along; where there was data before the engine, it stays."""
    verb = "remove" if change.details["keep_data"] else "purge"
    still_there = sorted(_installed_packages() & set(change.details["packages"]))
    if still_there:
        process.run([*APT, verb, *still_there], env=QUIET)
