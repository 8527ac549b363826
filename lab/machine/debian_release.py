"""Packages of the Debian release that the lab's images are made from, on a machine of an older one.

They are fetched with package lists of our own, so that the machine's sources stay as they are.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.system import process
from lab.system.home import image_pins

QUIET = {"DEBIAN_FRONTEND": "noninteractive"}
APT = ["apt-get", "-y", "-o", "Dpkg::Use-Pty=0"]
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def release() -> str:
    """Its code name."""
    return str(image_pins()["debian"])


@contextmanager
def fetched(package: str, *, with_what_it_needs: bool = False) -> Iterator[dict[str, Path]]:
    """The package's file, and those of what it needs on a machine that has nothing, by name; for the block.

    Raises ProcessFailed where Debian's servers are out of reach.
    """
    with tempfile.TemporaryDirectory(prefix="dicom-lab-apt-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        options = [*_sources(folder), *(_nothing_installed(folder) if with_what_it_needs else [])]
        process.run(["apt-get", *options, "update"], env=QUIET)
        process.run([*APT, *options, "--download-only", "--reinstall", "install", package], env=QUIET)
        yield {file.name.split("_")[0]: file for file in (folder / "archives").glob("*.deb")}


def _sources(folder: Path) -> list[str]:
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "sources.list").write_text(
        f"deb [signed-by={KEYRING}] http://deb.debian.org/debian {release()} main\n"
    )
    return _options(
        {
            "Dir::Etc::SourceList": folder / "sources.list",
            "Dir::Etc::SourceParts": "-",
            "Dir::State::Lists": folder / "lists",
            "Dir::Cache::Archives": folder / "archives",
            "APT::Install-Recommends": "false",
        }
    )


def _nothing_installed(folder: Path) -> list[str]:
    status = folder / "status"
    status.touch()
    return _options({"Dir::State::Status": status})


def _options(settings: dict[str, object]) -> list[str]:
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
