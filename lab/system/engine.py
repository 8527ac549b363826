"""The container engine, through its SDK: containers of one project, and sidecars that join their network.

A sidecar is a short-lived container of the tester image in another container's network namespace,
with NET_ADMIN and nothing more than it needs. It carries the project's label and a role.
"""

import functools
import shlex
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import ParamSpec, TypeVar, cast

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container

from lab.errors import LabError, PreflightError, UnhealthyError
from lab.system.home import PROJECT_LABEL, ROLE_LABEL
from lab.system.owner import OWNER_LABEL, is_gone, us
from lab.system.process import Completed

_SERVICE_LABEL = "com.docker.compose.service"
BESIDE_LABEL = "org.dicom-lab.beside"
NETWORK = "dicom"
_STOP_TIMEOUT_S = 3
_LOCAL = "http+docker://"  # what the SDK makes of a socket's address
TOOL_ROLE = "tool"
READER_ROLE = "reader"
STRAY_ROLES = ("sidecar", "probe", "path", "capture", READER_ROLE, TOOL_ROLE)


Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def mapped(call: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Foreign errors end at this door: what the SDK raises becomes an error with a remedy."""

    @functools.wraps(call)
    def inner(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return call(*args, **kwargs)
        except ImageNotFound as error:
            msg = f"an image of the lab is not here ({_first_line(error)})"
            raise PreflightError(msg, "lab images build") from error
        except (DockerException, requests.RequestException) as error:
            msg = f"the engine refuses: {_first_line(error)}"
            raise UnhealthyError(msg, "lab status shows what runs, lab up starts it") from error

    return inner


def connect() -> docker.DockerClient:
    """A client of the engine that DOCKER_HOST or docker's current context names. Raises PreflightError."""
    client = None
    try:
        client = docker.from_env(timeout=120)
        if client.api.base_url.startswith(_LOCAL):
            client.api.trust_env = False  # no proxy leads to a socket, and looking for one takes time
        client.ping()
    except (DockerException, requests.RequestException) as error:
        if client is not None:
            client.close()
        msg = f"the container engine does not answer ({_first_line(error)})"
        remedy = "start it, or run `lab doctor --fix`, which installs and starts one where it may"
        raise PreflightError(msg, remedy) from error
    return client


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What a container of the tester image gets besides its namespace: nothing, unless said."""

    capabilities: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    stdin: bool = False


class Engine:
    """The engine as seen from one project."""

    def __init__(self, project: str) -> None:
        self.project = project

    @cached_property
    def client(self) -> docker.DockerClient:
        """The SDK's client, connected on first use."""
        return connect()

    @mapped
    def cpus(self) -> int:
        """Of the engine's machine."""
        return int(self.client.info()["NCPU"])

    def close(self) -> None:
        """Let go of the connection, if there is one."""
        if "client" in self.__dict__:
            self.client.close()

    @mapped
    def containers(self, role: str | None = None) -> list[Container]:
        """Every container of the project, running or not; with ``role``, of that role."""
        return self.client.containers.list(all=True, filters={"label": self._labels(role)})

    def _labels(self, role: str | None) -> list[str]:
        return [f"{PROJECT_LABEL}={self.project}", *([f"{ROLE_LABEL}={role}"] if role else [])]

    @mapped
    def labs(self) -> list[str]:
        """Projects that have containers on this engine."""
        containers = self.client.containers.list(all=True, filters={"label": [PROJECT_LABEL]})
        return sorted({container.labels[PROJECT_LABEL] for container in containers})

    @mapped
    def service(self, name: str) -> Container:
        """The running container of a compose service. Raises UnhealthyError when it does not run."""
        labels = [*self._labels("host"), f"{_SERVICE_LABEL}={name}"]
        for container in self.client.containers.list(filters={"label": labels}):
            if container.status == "running":
                return container
        msg = f"the {name} container of project {self.project} is not running"
        raise UnhealthyError(msg, "lab up")

    @mapped
    def running_services(self) -> dict[str, Container]:
        """Running containers by the compose service they are."""
        found = {
            c.labels.get(_SERVICE_LABEL, ""): c for c in self.containers("host") if c.status == "running"
        }
        return dict(sorted(found.items()))

    @mapped
    def address(self, service: str) -> str:
        """IPv4 address of a service on the lab's network."""
        networks = self.service(service).attrs["NetworkSettings"]["Networks"]
        return str(networks[f"{self.project}_{NETWORK}"]["IPAddress"])

    @mapped
    def start_of(self, service: str) -> tuple[str, str]:
        """Which container a service is, and when it was started: with each start comes another network."""
        container = self.service(service)
        return container.id or "", container.attrs["State"]["StartedAt"]

    @mapped
    def exec(self, service: str, argv: Sequence[str]) -> Completed:
        """Run in a service's container. Raises UnhealthyError when that cannot be."""
        result = self.service(service).exec_run(list(argv), demux=True)
        if result.exit_code is None:
            msg = f"the {service} container went away while {argv[0]} ran in it"
            raise UnhealthyError(msg, "lab status; lab up")
        stdout, stderr = cast("tuple[bytes | None, bytes | None]", result.output)
        return Completed(
            argv=tuple(argv),
            returncode=result.exit_code,
            stdout=(stdout or b"").decode(errors="replace"),
            stderr=(stderr or b"").decode(errors="replace"),
        )

    @contextmanager
    def emptied(self, service: str, folder: str) -> Iterator[None]:
        """A folder in a service's container that is not there before and after the block."""
        self.exec(service, ["rm", "-rf", folder])
        try:
            yield
        finally:
            self.exec(service, ["rm", "-rf", folder])

    def kill_in(self, service: str, program: str, signal: str = "TERM") -> None:
        """End every process of that name in a service's container, with what a bare container has."""
        named = f'[ "$(cat $process/comm 2>/dev/null)" = {shlex.quote(program)} ]'
        ours = f"{named} && kill -{signal} ${{process#/proc/}}"
        self.exec(service, ["sh", "-c", f"for process in /proc/[0-9]*; do {ours}; done; true"])

    @mapped
    def sidecar(self, service: str, script: Sequence[Sequence[str]], *, may_change: bool) -> str:
        """Run commands one after the other in a service's network namespace; returns their stdout."""
        command = ["sh", "-ec", "\n".join(shlex.join(argv) for argv in script)]
        given = _Given(capabilities=("NET_ADMIN",) if may_change else ())
        container = self._sidecar(service, command, "sidecar", given)
        try:
            code = container.wait()["StatusCode"]
            output = container.logs(stdout=True, stderr=False).decode()
            complaint = container.logs(stdout=False, stderr=True).decode().strip()
        finally:
            _remove(container)
        if code:
            msg = f"in the network of {service}: {complaint or output.strip()} (exit code {code})"
            raise LabError(msg, "lab net status shows what is in force")
        return output

    @mapped
    def throw_away(self, argv: Sequence[str]) -> tuple[int, str]:
        """Run one command with NET_ADMIN in a network namespace of its own: exit code and what it printed."""
        container = self._run(list(argv), "none", "probe", _Given(capabilities=("NET_ADMIN",)), {})
        try:
            return container.wait()["StatusCode"], container.logs().decode().strip()
        finally:
            _remove(container)

    @mapped
    def start_sidecar(
        self,
        service: str,
        argv: Sequence[str],
        *,
        role: str,
        may_change: bool = False,
        may_listen: bool = False,
        tun: bool = False,
        answers: bool = False,
    ) -> Container:
        """Start a sidecar that stays, next to a service; with ``tun``, one that may take packets.

        One that ``answers`` has a stdin, until the first who attaches to it has gone.
        """
        given = _Given(
            capabilities=("NET_ADMIN",) * may_change + ("NET_RAW",) * (tun or may_listen),
            devices=("/dev/net/tun:/dev/net/tun:rw",) * tun,
            stdin=answers,
        )
        return self._sidecar(service, list(argv), role, given)

    def _sidecar(self, service: str, command: list[str], role: str, given: _Given) -> Container:
        network = f"container:{self.service(service).id}"
        return self._run(command, network, role, given, {BESIDE_LABEL: service})

    def _run(
        self, command: list[str], network: str, role: str, given: _Given, labels: dict[str, str]
    ) -> Container:
        container = self.client.containers.create(  # create, not run: that would pull what is not here
            f"{self.project}/tester",
            command,
            user="root",
            network_mode=network,
            stdin_open=given.stdin,
            cap_drop=["ALL"],
            cap_add=list(given.capabilities),
            devices=list(given.devices),
            security_opt=["no-new-privileges:true"],
            labels={PROJECT_LABEL: self.project, ROLE_LABEL: role, OWNER_LABEL: us(), **labels},
        )
        try:
            container.start()
        except APIError:
            _remove(container)
            raise
        return container

    @mapped
    def remove_strays(self) -> None:
        """Remove short-lived containers that a killed command left; one that only looks has its own."""
        for role in STRAY_ROLES:
            for container in self.containers(role):
                if is_gone(container.labels.get(OWNER_LABEL, "")):
                    _remove(container)

    def sidecars(self, role: str, service: str | None = None) -> list[Container]:
        """Sidecars of a role, running or not; with ``service``, those started beside it."""
        beside = [c for c in self.containers(role) if service in (None, c.labels.get(BESIDE_LABEL))]
        return sorted(beside, key=lambda c: c.name or "")

    @mapped
    def stop(self, container: Container) -> None:
        """Have it end, and wait until it has."""
        container.stop(timeout=_STOP_TIMEOUT_S)

    @mapped
    def remove(self, container: Container) -> None:
        """Have it ended and gone; that it is already is fine."""
        _remove(container)

    @mapped
    def ended_well(self, container: Container) -> bool:
        """Whether it has ended, and by itself."""
        return container.status == "exited" and container.attrs["State"]["ExitCode"] == 0

    @mapped
    def remove_sidecars(self, role: str, service: str | None = None) -> None:
        """Stop and remove sidecars of a role, all at once; with ``service``, those beside it."""
        if containers := self.sidecars(role, service):
            with ThreadPoolExecutor(len(containers)) as pool:
                list(pool.map(_remove, containers))


def _remove(container: Container) -> None:
    with suppress(NotFound):
        container.stop(timeout=_STOP_TIMEOUT_S)
    with suppress(NotFound):
        container.remove(force=True)
