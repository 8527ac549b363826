"""Where a benchmark is made: host, engine, images, PACS."""

from lab.model.record import Environment
from lab.stack import images
from lab.system import hostinfo
from lab.system.engine import Engine
from lab.system.home import lab_version
from lab.system.orthanc import Orthanc
from lab.system.settings import Settings


def describe(engine: Engine, settings: Settings) -> Environment:
    """Read it all now."""
    version = engine.client.version()
    return Environment(
        lab_version=lab_version(),
        project=engine.project,
        kernel=hostinfo.kernel(),
        machine=hostinfo.machine(),
        cpus=hostinfo.cpus(),
        memory_bytes=hostinfo.memory_bytes(),
        engine=f"{version['Version']} (API {version['ApiVersion']})",
        compose=hostinfo.compose_version(),
        pacs=f"Orthanc {Orthanc(settings).system()['Version']}",
        images={image.name: image.image_id for image in images.status(engine)},
        kernel_congestion_control=hostinfo.sysctl("net.ipv4.tcp_congestion_control"),
    )
