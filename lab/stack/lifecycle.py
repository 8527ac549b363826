"""Up, down, and what is there now."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from docker.models.containers import Container

from lab.errors import LabError, PreflightError, UnhealthyError
from lab.model.progress import Progress
from lab.stack import images, wished
from lab.system import compose, netns, process, settings
from lab.system.engine import Engine
from lab.system.home import Home
from lab.system.settings import Settings

SERVICES = ("orthanc", "dcmtk", "tester")
TLS = "tls"
_POLL_S = 0.1


@dataclass(frozen=True, kw_only=True)
class ServiceStatus:
    """One service as found: ``state`` is the engine's word, ``ready`` what its own health check says now."""

    service: str
    state: str
    ready: bool
    address: str
    image: str


def up(
    home: Home,
    engine: Engine,
    progress: Progress,
    *,
    variations: Sequence[str] = (),
    dicom_port: int | None = None,
    http_port: int | None = None,
    timeout_s: float = 60,
) -> Settings:
    """Have the stack running and ready; changes nothing when it is."""
    files = compose.files(variations)
    _check_ports(home, engine, dicom_port, http_port)
    if images.missing(engine):
        images.build(home, engine, progress)
    chosen = settings.ensure(home, dicom_port=dicom_port, http_port=http_port, tls=TLS in variations)
    anew = TLS in variations and _certify(home, progress)
    with progress.task("starting orthanc, dcmtk and tester"):
        _compose_up(home, files, ["--force-recreate"] if anew else [])
        _wait_until_ready(engine, timeout_s)
    return chosen


def _certify(home: Home, progress: Progress) -> bool:
    """Whether any certificate is new; compose does not look at what they contain."""
    from lab.system import authority  # which takes a tenth of a command's start, and few have certificates

    issued = authority.ensure(home, datetime.now(UTC))
    if issued:
        progress.say(f"certificates issued for {', '.join(issued)}: {home.tls_folder}")
    return bool(issued)


def _compose_up(home: Home, files: Sequence[Path], options: Sequence[str]) -> None:
    try:
        argv = compose.argv(home, files, "up", "--detach", "--remove-orphans", *options)
        process.run(argv, env=settings.environment(home))
    except process.ProcessFailed as error:
        remedy = "`lab doctor` looks for what is missing; `lab down` takes away what was started"
        raise LabError(error.message, remedy) from error


def _check_ports(home: Home, engine: Engine, dicom_port: int | None, http_port: int | None) -> None:
    """Before anything is built or kept: the ports to be published are free, or this lab's already."""
    kept = settings.read(home) or settings.first(home)
    running = "orthanc" in engine.running_services()
    for option, asked, now in (
        ("--dicom-port", dicom_port, kept.dicom_port),
        ("--http-port", http_port, kept.http_port),
    ):
        port = asked or now
        if not (running and port == now) and not settings.port_is_free(port):
            msg = f"port {port} on 127.0.0.1 is taken by another program"
            raise PreflightError(msg, f"lab up {option} N, with a free one")


def _wait_until_ready(engine: Engine, timeout_s: float) -> None:
    """Run each service's own health check until it passes. Raises UnhealthyError when one does not."""
    deadline_s = time.monotonic() + timeout_s
    waiting = list(SERVICES)
    while waiting:
        waiting = [service for service in waiting if not _is_ready_or_gone(engine, service)]
        if waiting and time.monotonic() > deadline_s:
            msg = f"{', '.join(waiting)} did not become ready within {timeout_s:.0f} s"
            raise UnhealthyError(msg, f"lab logs {waiting[0]}")
        time.sleep(_POLL_S if waiting else 0)


def _is_ready_or_gone(engine: Engine, service: str) -> bool:
    if service not in engine.running_services():
        msg = f"the {service} container ended as soon as it was started"
        raise UnhealthyError(msg, f"lab logs {service}")
    return is_ready(engine, service)


def is_ready(engine: Engine, service: str) -> bool:
    """Whether the container's own health check passes now."""
    check = engine.service(service).attrs["Config"].get("Healthcheck", {}).get("Test", ["NONE"])
    return check[0] == "CMD" and engine.exec(service, check[1:]).returncode == 0


def down(home: Home, engine: Engine, progress: Progress, *, volumes: bool) -> None:
    """Take the stack away, shaping first; with ``volumes`` its data and settings too."""
    with progress.task("taking the stack down"):
        wished.forget(home)
        for role in netns.SHAPER_ROLES:
            engine.remove_sidecars(role)
        argv = compose_argv(home, engine, ["down", "--remove-orphans", *(["--volumes"] if volumes else [])])
        process.run(argv, env=settings.environment(home))
    if volumes:
        settings.forget(home)


def status(engine: Engine) -> list[ServiceStatus]:
    """Every service, running or not."""
    found = {c.labels.get("com.docker.compose.service"): c for c in engine.containers("host")}
    return [_status_of(engine, service, found.get(service)) for service in SERVICES]


def _status_of(engine: Engine, service: str, container: Container | None) -> ServiceStatus:
    running = container is not None and container.status == "running"
    return ServiceStatus(
        service=service,
        state=container.status if container else "not there",
        ready=running and is_ready(engine, service),
        address=engine.address(service) if running else "",
        image=(container.attrs["Image"] if container else "").removeprefix("sha256:")[:12],
    )


def compose_argv(home: Home, engine: Engine, words: Sequence[str]) -> list[str]:
    """A raw docker compose call with this project's settings and the files it was started with."""
    settings.ensure(home)
    return compose.argv(home, _files_in_use(engine), *words)


def _files_in_use(engine: Engine) -> list[Path]:
    containers = engine.containers("host")
    return compose.files_of(containers[0].labels) if containers else compose.files([])
