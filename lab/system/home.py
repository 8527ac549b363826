"""Where things are: the lab's sources, the folder it keeps its work in, and the project's part of it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import lab
from lab.model.tls import TlsFiles

DEFAULT_PROJECT = "dicom-lab"
PROJECT_LABEL = "org.dicom-lab.project"
ROLE_LABEL = "org.dicom-lab.role"
AUTHORITY = "ca"


@dataclass(frozen=True)
class Home:
    """The lab's folder (``--root``) and one of the labs in it (``--project``)."""

    root: Path
    project: str

    @property
    def studies(self) -> Path:
        """Made and imported studies, shared by all projects."""
        return self.root / "studies"

    @property
    def results(self) -> Path:
        """Records of benchmarks."""
        return self.root / "results"

    @property
    def profiles(self) -> Path:
        """Profiles of one's own, shared by all projects."""
        return self.root / "profiles"

    @property
    def project_folder(self) -> Path:
        """State of this project: settings, lock, session."""
        return self.root / "projects" / self.project

    @property
    def tls_folder(self) -> Path:
        """The lab's certificate authority, and what it issued."""
        return self.project_folder / "tls"

    def tls_files(self, host: str) -> TlsFiles:
        """Where a host's own key and certificate are, and its authority's, on this machine."""
        return TlsFiles(
            key_file=str(self.tls_folder / f"{host}.key"),
            certificate_file=str(self.tls_folder / f"{host}.pem"),
            ca_file=str(self.tls_folder / f"{AUTHORITY}.pem"),
        )

    @property
    def env_file(self) -> Path:
        """Settings of the stack, the password among them; read by docker compose."""
        return self.project_folder / "compose.env"


@cache
def sources() -> Path:
    """The folder that holds compose/, images/, datasets/ and pyproject.toml.

    In a checkout that is the folder above the package; in an installed wheel they are packed beside it.
    """
    package = package_folder()
    packed = package / "share"
    return packed if packed.is_dir() else package.parent


def package_folder() -> Path:
    """The folder of the `lab` package."""
    return Path(lab.__file__).parent


def default_root() -> Path:
    """`.lab` in the checkout; for an installed wheel, in the current folder."""
    return (sources() if sources() != package_folder() / "share" else Path.cwd()) / ".lab"


@cache
def pins() -> dict[str, Any]:
    """The parsed pyproject.toml: every version the lab depends on."""
    return tomllib.loads((sources() / "pyproject.toml").read_text())


def image_pins() -> dict[str, Any]:
    """[tool.lab.images]: what goes into the images."""
    found: dict[str, Any] = pins()["tool"]["lab"]["images"]
    return found


def python_pin(package: str) -> str:
    """The requirement of a Python package, "pydicom==3.0.2", as [project] dependencies has it."""
    requirements: list[str] = pins()["project"]["dependencies"]
    return next(line for line in requirements if line.partition("==")[0] == package)


def lab_version() -> str:
    """Version of the lab itself."""
    return str(pins()["project"]["version"])
