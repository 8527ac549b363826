"""Where a benchmark is made: the engine's machine, the images that run, the PACS."""

from lab.errors import PreflightError
from lab.model.environment import Environment
from lab.stack import images
from lab.stack.hosts import PACS
from lab.system import hostinfo, netns
from lab.system.engine import Engine
from lab.system.home import lab_version
from lab.system.orthanc import Orthanc
from lab.system.settings import Settings


def describe(engine: Engine, settings: Settings) -> Environment:
    """Read it all now."""
    version, info = engine.client.version(), engine.client.info()
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
        images={name: container.attrs["Image"] for name, container in engine.running_services().items()},
        kernel_congestion_control=netns.read_hop(engine, PACS).kernel_congestion_control,
    )


def demand_current_tester(engine: Engine) -> None:
    """The tester that runs must be of these sources, or controller and instrument are of two versions."""
    if not images.runs_current(engine, "tester"):
        msg = "the tester container runs another version of the lab than these sources"
        raise PreflightError(msg, "lab images build, then lab up")
