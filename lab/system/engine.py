"""The container engine, through its SDK: containers of one project, and sidecars that join their network.

A sidecar is a short-lived container of the tester image in another container's network namespace,
with NET_ADMIN and nothing more than it needs. It carries the project's label and a role.
"""

import shlex
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import cast

import docker
import requests
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container

from lab.errors import LabError, PreflightError, UnhealthyError
from lab.system.home import PROJECT_LABEL, ROLE_LABEL

_SERVICE_LABEL = "com.docker.compose.service"
_BESIDE_LABEL = "org.dicom-lab.beside"
NETWORK = "dicom"
_STOP_TIMEOUT_S = 3


def connect() -> docker.DockerClient:
    """A client of the engine that DOCKER_HOST or docker's current context names. Raises PreflightError."""
    client = None
    try:
        client = docker.from_env(timeout=120)
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


class Engine:
    """The engine as seen from one project."""

    def __init__(self, project: str) -> None:
        self.project = project

    @cached_property
    def client(self) -> docker.DockerClient:
        """The SDK's client, connected on first use."""
        return connect()

    def close(self) -> None:
        """Let go of the connection, if there is one."""
        if "client" in self.__dict__:
            self.client.close()

    def containers(self, role: str | None = None) -> list[Container]:
        """Every container of the project, running or not; with ``role``, of that role."""
        labels = [f"{PROJECT_LABEL}={self.project}"]
        if role:
            labels.append(f"{ROLE_LABEL}={role}")
        return self.client.containers.list(all=True, filters={"label": labels})

    def service(self, name: str) -> Container:
        """The running container of a compose service. Raises UnhealthyError when it does not run."""
        for container in self.containers("host"):
            if container.labels.get(_SERVICE_LABEL) == name and container.status == "running":
                return container
        msg = f"the {name} container of project {self.project} is not running"
        raise UnhealthyError(msg, "lab up")

    def running_services(self) -> dict[str, Container]:
        """Running containers by the compose service they are."""
        found = {
            c.labels.get(_SERVICE_LABEL, ""): c for c in self.containers("host") if c.status == "running"
        }
        return dict(sorted(found.items()))

    def address(self, service: str) -> str:
        """IPv4 address of a service on the lab's network."""
        networks = self.service(service).attrs["NetworkSettings"]["Networks"]
        return str(networks[f"{self.project}_{NETWORK}"]["IPAddress"])

    def exec(self, service: str, argv: Sequence[str]) -> tuple[int, str]:
        """Run in a service's container: exit code, and stdout and stderr as one text."""
        try:
            result = self.service(service).exec_run(list(argv))
        except APIError as error:
            msg = f"cannot run {argv[0]} in the {service} container: {error.explanation}"
            raise UnhealthyError(msg, "lab status") from error
        return result.exit_code or 0, cast("bytes", result.output).decode(errors="replace")

    def sidecar(self, service: str, script: Sequence[Sequence[str]], *, may_change: bool) -> str:
        """Run commands one after the other in a service's network namespace; returns their stdout."""
        command = ["sh", "-ec", "\n".join(shlex.join(argv) for argv in script)]
        capabilities = ["NET_ADMIN"] if may_change else []
        container = self._sidecar(service, command, role="sidecar", capabilities=capabilities, devices=[])
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

    def throw_away(self, argv: Sequence[str]) -> tuple[int, str]:
        """Run one command with NET_ADMIN in a network namespace of its own: exit code and what it printed."""
        container = self._run(
            list(argv), "none", role="probe", capabilities=["NET_ADMIN"], devices=[], labels={}
        )
        try:
            return container.wait()["StatusCode"], container.logs().decode().strip()
        finally:
            _remove(container)

    def start_sidecar(self, service: str, argv: Sequence[str], *, role: str, tun: bool = False) -> Container:
        """Start a sidecar that stays, next to a service."""
        capabilities = ["NET_ADMIN", "NET_RAW"] if tun else []
        devices = ["/dev/net/tun:/dev/net/tun:rw"] if tun else []
        return self._sidecar(service, list(argv), role=role, capabilities=capabilities, devices=devices)

    def _sidecar(
        self, service: str, command: list[str], *, role: str, capabilities: list[str], devices: list[str]
    ) -> Container:
        network = f"container:{self.service(service).id}"
        labels = {_BESIDE_LABEL: service}
        return self._run(
            command, network, role=role, capabilities=capabilities, devices=devices, labels=labels
        )

    def _run(
        self,
        command: list[str],
        network: str,
        *,
        role: str,
        capabilities: list[str],
        devices: list[str],
        labels: dict[str, str],
    ) -> Container:
        return self.client.containers.run(
            f"{self.project}/tester",
            command,
            detach=True,
            user="root",
            network_mode=network,
            cap_drop=["ALL"],
            cap_add=capabilities,
            devices=devices,
            security_opt=["no-new-privileges:true"],
            labels={PROJECT_LABEL: self.project, ROLE_LABEL: role, **labels},
        )

    def sidecars(self, role: str, service: str | None = None) -> list[Container]:
        """Sidecars of a role, running or not; with ``service``, those started beside it."""
        beside = [c for c in self.containers(role) if service in (None, c.labels.get(_BESIDE_LABEL))]
        return sorted(beside, key=lambda c: c.name or "")

    def remove_sidecars(self, role: str, service: str | None = None) -> int:
        """Stop and remove sidecars of a role; returns how many there were."""
        found = self.sidecars(role, service)
        for container in found:
            _remove(container)
        return len(found)


def _remove(container: Container) -> None:
    with suppress(NotFound):
        container.stop(timeout=_STOP_TIMEOUT_S)
    with suppress(NotFound):
        container.remove(force=True)
