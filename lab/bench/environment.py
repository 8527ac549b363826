"""Where a benchmark is made: the engine's machine, the images and programs that run, the PACS."""

from collections.abc import Mapping

from docker.models.containers import Container

from lab.errors import PreflightError
from lab.model.environment import Environment, Limits
from lab.stack import images, pacs_settings
from lab.stack.hosts import PACS
from lab.system import hostinfo
from lab.system.engine import Engine
from lab.system.home import lab_version
from lab.system.orthanc import Orthanc
from lab.system.settings import Settings

_CONGESTION_CONTROL = "/proc/sys/net/ipv4/tcp_congestion_control"
_PROGRAMS = {
    "tester: python": ("tester", ["python3", "--version"]),
    "tester: iperf3": ("tester", ["iperf3", "--version"]),
    "tester: tc": ("tester", ["tc", "-V"]),
    "dcmtk: storescu": ("dcmtk", ["storescu", "--version"]),
}


def describe(engine: Engine, settings: Settings) -> Environment:
    """Read it all now."""
    version, info = engine.client.version(), engine.client.info()
    services = engine.running_services()
    return Environment(
        lab_version=lab_version(),
        project=engine.project,
        kernel=info["KernelVersion"],
        machine=hostinfo.machine(),
        cpus=info["NCPU"],
        memory_bytes=info["MemTotal"],
        engine=f"{version['Version']} (API {version['ApiVersion']})",
        compose=hostinfo.compose_version(),
        pacs=f"Orthanc {Orthanc(settings).system()['Version']}",
        images={name: container.attrs["Image"] for name, container in services.items()},
        kernel_congestion_control=engine.exec(PACS, ["cat", _CONGESTION_CONTROL]).stdout.strip(),
        programs=_programs(engine),
        limits=_limits(services),
        pacs_configuration_sha256=pacs_settings.digest(pacs_settings.read(engine)),
    )


def _programs(engine: Engine) -> dict[str, str]:
    """The first line that each says of itself."""
    said = {name: engine.exec(service, argv).stdout for name, (service, argv) in _PROGRAMS.items()}
    return {name: text.splitlines()[0].strip() for name, text in said.items() if text.strip()}


def _limits(services: Mapping[str, Container]) -> dict[str, Limits]:
    """As the engine set them; 0 is none."""
    configured = {name: container.attrs["HostConfig"] for name, container in services.items()}
    return {
        name: Limits(
            cpus=host["NanoCpus"] / 1e9 if host.get("NanoCpus") else None,
            memory_bytes=host.get("Memory") or None,
        )
        for name, host in configured.items()
    }


def demand_current_tester(engine: Engine) -> None:
    """The tester that runs must be of these sources, or controller and instrument are of two versions."""
    if not images.runs_current(engine, "tester"):
        msg = "the tester container runs another version of the lab than these sources"
        raise PreflightError(msg, "lab images build, then lab up")
