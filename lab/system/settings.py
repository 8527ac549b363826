"""The stack's settings: one env file per project, readable by its owner only, read by docker compose."""

import itertools
import random
import secrets
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass, replace

from lab.errors import UsageProblem
from lab.model.tls import TlsFiles
from lab.system.files import write_private
from lab.system.home import DEFAULT_PROJECT, Home, sources

USER = "lab"
WELL_KNOWN_PORTS = (4242, 8042)
IN_CONTAINERS = TlsFiles(
    key_file="/etc/lab-tls/key.pem",
    certificate_file="/etc/lab-tls/certificate.pem",
    ca_file="/etc/lab-tls/ca.pem",
)
_HOSTS = ("orthanc", "dcmtk", "tester")
_FOR_CONTAINERS = {
    "LAB_TLS_CA_CERTIFICATE": "ca.pem",
    **{f"LAB_TLS_{host}_KEY".upper(): f"{host}.key" for host in _HOSTS},
    **{f"LAB_TLS_{host}_CERTIFICATE".upper(): f"{host}.pem" for host in _HOSTS},
}
_SIDE_BY_SIDE_PORTS = range(20000, 32000)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Published ports on 127.0.0.1, and the password of Orthanc's user `lab`.

    ``ca_file`` is the certificate that its TLS ports are checked against; "" where they are plain.
    ``dicom_is_plain``: for a while Orthanc speaks DICOM without TLS, whatever its other ports do.
    """

    dicom_port: int
    http_port: int
    password: str
    ca_file: str = ""
    dicom_is_plain: bool = False

    @property
    def url(self) -> str:
        """Address of Orthanc's REST API and web page, without the credentials."""
        return f"{'https' if self.ca_file else 'http'}://127.0.0.1:{self.http_port}"

    @property
    def tls(self) -> TlsFiles | None:
        """What the lab's hosts secure DICOM with, where they do; None without TLS."""
        return None if self.dicom_is_plain else self.https

    @property
    def https(self) -> TlsFiles | None:
        """The same for Orthanc's REST API."""
        return IN_CONTAINERS if self.ca_file else None


def ensure(
    home: Home, *, dicom_port: int | None = None, http_port: int | None = None, tls: bool | None = None
) -> Settings:
    """The project's settings, made on first use; what is given here is kept from now on."""
    settings = read(home) or first(home)
    settings = replace(
        settings, dicom_port=dicom_port or settings.dicom_port, http_port=http_port or settings.http_port
    )
    if tls is not None:
        settings = replace(settings, ca_file=home.tls_files("labhost").ca_file if tls else "")
    _write(home, settings)
    if home.project == DEFAULT_PROJECT:
        _link_for_compose_by_hand(home)
    return settings


def read(home: Home) -> Settings | None:
    """The project's settings; None before its first `up`. Raises UsageProblem when the file is damaged."""
    if not home.env_file.exists():
        return None
    values = environment(home)
    try:
        return Settings(
            dicom_port=int(values["LAB_DICOM_PORT"]),
            http_port=int(values["LAB_HTTP_PORT"]),
            password=values["LAB_ORTHANC_PASSWORD"],
            ca_file=values.get("LAB_CA_FILE", ""),
        )
    except (KeyError, ValueError) as error:
        msg = f"{home.env_file}: {error} is missing or not a number"
        raise UsageProblem(msg, f"mend it, or delete it and run `lab --project {home.project} up`") from None


def environment(home: Home) -> dict[str, str]:
    """The settings for compose's environment, where they beat the caller's own LAB_*.

    Certificates and keys of the containers are among them once they are made: compose puts them there. The
    authority's key and this machine's go to nobody.
    """
    lines = home.env_file.read_text().splitlines()
    secrets_there = {
        name: (home.tls_folder / file).read_text()
        for name, file in _FOR_CONTAINERS.items()
        if (home.tls_folder / file).exists()
    }
    return {**dict(line.split("=", 1) for line in lines if "=" in line), **secrets_there}


def first(home: Home) -> Settings:
    """The well-known ports for the one default lab, free ones for those beside it."""
    ports = WELL_KNOWN_PORTS if home.project == DEFAULT_PROJECT else _free_ports()
    return Settings(
        dicom_port=ports[0],
        http_port=ports[1],
        password=secrets.token_urlsafe(18),
    )


def _write(home: Home, settings: Settings) -> None:
    home.studies.mkdir(parents=True, exist_ok=True)
    write_private(
        home.env_file,
        f"LAB_PROJECT={home.project}\n"
        f"LAB_DICOM_PORT={settings.dicom_port}\n"
        f"LAB_HTTP_PORT={settings.http_port}\n"
        f"LAB_ORTHANC_PASSWORD={settings.password}\n"
        f"LAB_STUDIES={home.studies}\n"
        f"LAB_CA_FILE={settings.ca_file}\n",
    )


def _link_for_compose_by_hand(home: Home) -> None:
    """`docker compose -f compose/compose.yaml` reads compose/.env; a read-only checkout goes without."""
    link = sources() / "compose" / ".env"
    with suppress(OSError):
        if link.is_symlink() and link.readlink() != home.env_file:
            link.unlink()
        if not link.exists():
            link.symlink_to(home.env_file)


def _free_ports() -> tuple[int, int]:
    """Two that nobody listens at, below those that kernels hand out to outgoing connections."""
    candidates = random.sample(_SIDE_BY_SIDE_PORTS, len(_SIDE_BY_SIDE_PORTS))
    dicom_port, http_port = itertools.islice(filter(port_is_free, candidates), 2)
    return dicom_port, http_port


def port_is_free(port: int) -> bool:
    """True when nothing listens on 127.0.0.1 at ``port``."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def forget(home: Home) -> None:
    """Remove the project's settings, and what pointed to them."""
    home.env_file.unlink(missing_ok=True)
    shutil.rmtree(home.tls_folder, ignore_errors=True)
    link = sources() / "compose" / ".env"
    if link.is_symlink() and link.readlink() == home.env_file:
        link.unlink()
