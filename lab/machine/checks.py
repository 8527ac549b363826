"""What the lab needs of a machine, one check each. Looks, never changes."""

import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
from docker.errors import DockerException

from lab.errors import LabError
from lab.machine import fixes, kernel_settings, netem_kernel
from lab.machine.fixes import Fix
from lab.stack.congestion import USUAL
from lab.stack.images import base_is_here
from lab.system import hostinfo, images, netns, settings
from lab.system.engine import Engine
from lab.system.home import Home, image_pins

OK, WARN, FAIL = "ok", "warn", "fail"
_OLDEST_API = (1, 41)
_OLDEST_COMPOSE = (2, 23, 1)  # configs with inline content
_TEST_PROGRAMS = {
    "kmod": "modprobe",
    "iputils-ping": "ping",
    "iproute2": "tc",
    "iperf3": "iperf3",
    "dcmtk": "dcmqrscp",
}
_DISK_BYTES = 4_000_000_000


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check. ``remedy`` is one line; ``fix`` is set when `--fix` can do it here."""

    check: str
    state: str
    found: str
    remedy: str = ""
    fix: Fix | None = None


def examine(home: Home, engine: Engine) -> list[Finding]:
    """Every check, in the order in which their remedies build on each other."""
    findings = [_engine(engine), _compose()]
    if _answers(engine):
        findings += [_base(engine), _netem(engine), _ports(home, engine)]
    return [*findings, _tun(), _congestion_control(), _disk(home)]


def _answers(engine: Engine) -> bool:
    try:
        return engine.client.ping()
    except (LabError, DockerException, requests.RequestException):
        return False


def _engine(engine: Engine) -> Finding:
    if not _answers(engine):
        return _no_engine()
    version = engine.client.version()
    found = f"{version['Version']}, API {version['ApiVersion']}"
    if _numbers(version["ApiVersion"]) < _OLDEST_API:
        return Finding(check="engine", state=FAIL, found=found, remedy="install Docker Engine 20.10 or newer")
    return Finding(check="engine", state=OK, found=found)


def _no_engine() -> Finding:
    installed = shutil.which("dockerd") is not None
    found = "installed, but it does not answer" if installed else "none"
    start = "sudo systemctl start docker" if fixes.has_systemd() else "start dockerd as root"
    remedy = (
        start if installed else "install Docker Engine, or run `lab doctor --fix` as root on Debian or Ubuntu"
    )
    if not fixes.may_install():
        return Finding(check="engine", state=FAIL, found=found, remedy=remedy)
    fix = fixes.start_engine() if installed else fixes.install_engine()
    return Finding(check="engine", state=FAIL, found=found, remedy=remedy, fix=fix)


def _compose() -> Finding:
    version = hostinfo.compose_version()
    if _numbers(version) >= _OLDEST_COMPOSE:
        return Finding(check="compose", state=OK, found=version)
    wanted = ".".join(str(number) for number in _OLDEST_COMPOSE)
    return Finding(
        check="compose",
        state=FAIL,
        found=version or "none",
        remedy=f"install docker compose {wanted} or newer",
        fix=fixes.install_compose() if fixes.may_install() else None,
    )


def _base(engine: Engine) -> Finding:
    """The Debian image that the lab's are built on: here, to be had, or to be made."""
    published = f"debian:{image_pins()['debian']}-slim"
    ways: list[tuple[str, Callable[[], bool]]] = [
        ("the lab's images are here", lambda: base_is_here(engine)),
        (f"{published} can be pulled", lambda: images.can_be_pulled(engine.client, published)),
        ("no registry, mmdebstrap makes it", lambda: shutil.which("mmdebstrap") is not None),
    ]
    for found, works in ways:
        if works():
            return Finding(check="base image", state=OK, found=found)
    return Finding(
        check="base image",
        state=FAIL,
        found="no registry within reach, no mmdebstrap",
        remedy="apt-get install mmdebstrap, or `lab images load FILE` from another machine",
        fix=fixes.install(["mmdebstrap", "debian-archive-keyring"]) if fixes.may_install() else None,
    )


def _netem(engine: Engine) -> Finding:
    if images.image_id(engine.client, f"{engine.project}/tester:latest") is None:
        return Finding(check="netem", state=OK, found="not tried yet: the probe needs the tester image")
    works, said = netns.probe_netem(engine)
    if works:
        return Finding(check="netem", state=OK, found="works")
    return Finding(
        check="netem", state=WARN, found=said, remedy="none needed: the tun shaper is used instead"
    )


def _ports(home: Home, engine: Engine) -> Finding:
    chosen = settings.read(home) or settings.first(home)
    ports = (chosen.dicom_port, chosen.http_port)
    if "orthanc" in engine.running_services():
        return Finding(check="ports", state=OK, found=f"{ports[0]}, {ports[1]} in use by this lab")
    taken = [str(port) for port in ports if not settings.port_is_free(port)]
    if not taken:
        return Finding(check="ports", state=OK, found=f"{ports[0]}, {ports[1]} free")
    remedy = "lab up --dicom-port N --http-port N"
    return Finding(check="ports", state=WARN, found=f"{', '.join(taken)} taken", remedy=remedy)


def _tun() -> Finding:
    if sys.platform != "linux":
        return Finding(check="tun", state=OK, found="not looked at: the engine runs in a virtual machine")
    if Path("/dev/net/tun").exists():
        return Finding(check="tun", state=OK, found="/dev/net/tun")
    remedy = "modprobe tun; without it and without netem no profile can be applied"
    return Finding(check="tun", state=WARN, found="no /dev/net/tun on this host", remedy=remedy)


def _congestion_control() -> Finding:
    """Containers may have what the host allows; the lab's usual one is cubic, as most hosts' is."""
    found = hostinfo.sysctl("net.ipv4.tcp_congestion_control") or "unknown"
    allowed = hostinfo.sysctl(kernel_settings.ALLOWED)
    if USUAL in (found, *allowed.split()):
        said = f"{found}, {USUAL} may be had" if found != USUAL else found
        return Finding(check="congestion control", state=OK, found=said)
    fixable = kernel_settings.may_be_allowed(USUAL)
    command = kernel_settings.in_words(USUAL) + " as root"
    return Finding(
        check="congestion control",
        state=WARN,
        found=f"{found} (allowed to containers: {allowed})",
        remedy=command if USUAL in hostinfo.sysctl(kernel_settings.AVAILABLE).split() else "--cc reno",
        fix=fixes.allow_congestion_control(USUAL) if fixable else None,
    )


def _disk(home: Home) -> Finding:
    place = next(folder for folder in (home.root, *home.root.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 1e9:.0f} GB free at {place}"
    if free < _DISK_BYTES:
        return Finding(
            check="disk", state=FAIL, found=found, remedy=f"free {_DISK_BYTES / 1e9:.0f} GB, or --root"
        )
    return Finding(check="disk", state=OK, found=found)


def _numbers(version: str) -> tuple[int, ...]:
    """(2, 26, 1) of "2.26.1-4"."""
    parts = version.lstrip("v").split("-")[0].split("+")[0].split(".")
    return tuple(int(part) for part in parts if part.isdigit())


def tools_for_tests() -> Finding:
    """Programs that the tests of links and of peers start."""
    missing = [package for package, program in _TEST_PROGRAMS.items() if shutil.which(program) is None]
    if not missing:
        return Finding(check="tools for tests", state=OK, found=", ".join(_TEST_PROGRAMS))
    return Finding(
        check="tools for tests",
        state=FAIL,
        found=f"without {', '.join(missing)}",
        remedy=f"apt-get install {' '.join(missing)} (Debian), or let these tests be skipped",
        fix=fixes.install(missing) if fixes.may_install() else None,
    )


def netem_kernel_for_tests() -> Finding:
    """A kernel that has sch_netem, for the tests of the netem shaper where this one has none."""
    if platform.machine() != netem_kernel.MACHINE:
        found = f"{netem_kernel.PACKAGE} is for {netem_kernel.MACHINE}"
        return Finding(check="netem kernel", state=WARN, found=found, remedy="these tests are skipped here")
    version = netem_kernel.version()
    if netem_kernel.is_new_enough(version):
        return Finding(check="netem kernel", state=OK, found=f"{netem_kernel.PACKAGE} {version}")
    return Finding(
        check="netem kernel",
        state=FAIL,
        found=f"{netem_kernel.PACKAGE} {version or 'is not installed'}",
        remedy=f"a {netem_kernel.PACKAGE} of 6.6 or newer (Debian 13), or let these tests be skipped",
        fix=fixes.install_netem_kernel() if fixes.may_install() else None,
    )


def browser_for_tests() -> Finding:
    """What opens reports in the tests of the page."""
    found = shutil.which("chromium")
    if found:
        return Finding(check="browser", state=OK, found=found)
    return Finding(
        check="browser",
        state=FAIL,
        found="no chromium",
        remedy="apt-get install chromium (Debian), or let these tests be skipped",
        fix=fixes.install(["chromium"]) if fixes.may_install() else None,
    )


FOR_TESTS: tuple[Callable[[], Finding], ...] = (tools_for_tests, netem_kernel_for_tests, browser_for_tests)
