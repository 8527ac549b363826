"""Where a benchmark is made: the engine's machine, the images and programs that run, the PACS."""

from collections.abc import Mapping
from typing import Any

from lab.errors import PreflightError
from lab.model.environment import WITH_NAGLE, Environment, Limits
from lab.model.link_state import PACS
from lab.stack import images, pacs_settings
from lab.stack.hosts import at_each
from lab.system import hostinfo
from lab.system.engine import Engine
from lab.system.home import lab_version
from lab.system.orthanc import Orthanc
from lab.system.settings import Settings

_CONGESTION_CONTROL = "/proc/sys/net/ipv4/tcp_congestion_control"
_CPU_PERIOD_US = 100_000  # the kernel's, where none is set
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
        pacs=f"Orthanc {Orthanc(settings).system()['Version']}{nagle(services[PACS].attrs)}",
        images={name: container.attrs["Image"] for name, container in services.items()},
        kernel_congestion_control=engine.exec(PACS, ["cat", _CONGESTION_CONTROL]).stdout.strip(),
        programs=_programs(engine),
        limits={name: limits_of(container.attrs["HostConfig"]) for name, container in services.items()},
        pacs_configuration_sha256=pacs_settings.digest(pacs_settings.own(engine)),
    )


def nagle(container: Mapping[str, Any]) -> str:
    """What `lab up --with nagle` makes of Orthanc, by its environment (`GET /containers/{id}/json`)."""
    return WITH_NAGLE if "TCP_NODELAY=0" in container["Config"]["Env"] else ""


def _programs(engine: Engine) -> dict[str, str]:
    """The first line that each says of itself, all asked at once."""
    said = at_each(_PROGRAMS, lambda name: engine.exec(*_PROGRAMS[name]).stdout)
    return {name: text.splitlines()[0].strip() for name, text in said.items() if text.strip()}


def limits_of(host_config: Mapping[str, Any]) -> Limits:
    """As the engine set them (`GET /containers/{id}/json`, HostConfig); 0 and "" are none.

    A share of time is `docker run --cpus` or `--cpu-quota`, a set of processors `--cpuset-cpus`: the least
    of them holds.
    """
    period_us = host_config.get("CpuPeriod") or _CPU_PERIOD_US
    cpus = (
        host_config.get("NanoCpus", 0) / 1e9,
        max(0, host_config.get("CpuQuota", 0)) / period_us,
        float(_counted(host_config.get("CpusetCpus", ""))),
    )
    return Limits(
        cpus=min((count for count in cpus if count), default=None),
        memory_bytes=host_config.get("Memory") or None,
    )


def _counted(cpuset: str) -> int:
    """Of "0-2,4" four."""
    ranges = [part.split("-") for part in cpuset.split(",") if part]
    return sum(int(ends[-1]) - int(ends[0]) + 1 for ends in ranges)


def demand_current_tester(engine: Engine) -> None:
    """The tester that runs must be of these sources, or controller and instrument are of two versions."""
    if not images.runs_current(engine, "tester"):
        msg = "the tester container runs another version of the lab than these sources"
        raise PreflightError(msg, "lab images build, then lab up")
