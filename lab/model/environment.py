"""Where runs were made. Everything here is read from the system, nothing assumed."""

from dataclasses import dataclass, field

WITH_NAGLE = ", with Nagle's algorithm"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a container may use of the machine; None is all of it.

    Attributes:
        cpus: processors, also in parts: of a share of time and a set of processors the lesser.
        memory_bytes: of main memory.
    """

    cpus: float | None
    memory_bytes: int | None


@dataclass(frozen=True, kw_only=True)
class Environment:
    """The engine's machine, the images that ran, the PACS.

    Attributes:
        lab_version: of the program that measured.
        project: name of the lab, of several on a machine; "" where none was needed.
        kernel: its release.
        machine: model of the processor.
        cpus: processors of the engine's machine.
        memory_bytes: its main memory.
        engine: version of the container engine; "" where none was needed.
        compose: version of docker compose; "" where none was needed.
        kernel_congestion_control: what the kernel gives to connections that do not choose.
        pacs: program and version, "Orthanc 1.12.7", or that "with Nagle's algorithm"; outside the lab title
            and address.
        images: digest of each service's image.
        programs: version of each program that took part, by "service: program".
        limits: of each service's container.
        pacs_configuration_sha256: of Orthanc's configuration as the lab was brought up with, the password
            left out. What a case sets on top of it is in the case: ``orthanc`` and ``tls``.
    """

    lab_version: str
    project: str
    kernel: str
    machine: str
    cpus: int
    memory_bytes: int
    engine: str
    compose: str
    pacs: str
    images: dict[str, str]
    kernel_congestion_control: str
    programs: dict[str, str] = field(default_factory=dict)
    limits: dict[str, Limits] = field(default_factory=dict)
    pacs_configuration_sha256: str = ""
