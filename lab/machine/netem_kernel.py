"""A kernel that has netem, for tests where the machine's own has none: Debian's user-mode-linux.

netem heeds a seed from Linux 6.6 on. An older Debian's package is of an older kernel, and the newer one wants
a newer libc: that one is unpacked together with its libc, in a folder of its own.
"""

import re
import shutil
import tempfile
from pathlib import Path

from lab.machine.debian_release import fetched
from lab.system import process

PACKAGE = "user-mode-linux"
MACHINE = "x86_64"
OLDEST = (6, 6)
FOLDER = Path("/usr/local/lib/dicom-lab/netem-kernel")
_PACKAGED_MODULES = Path("/usr/lib/uml/modules")
_LOADER, _LIBC = "ld-linux-x86-64.so.2", "libc.so.6"


def program() -> str | None:
    """The one that was unpacked, else the one that is installed; None where neither is."""
    unpacked = FOLDER / "linux.uml"
    return str(unpacked) if unpacked.exists() else shutil.which("linux.uml")


def modules() -> Path:
    """A folder by kernel release: those of ``program``."""
    unpacked = FOLDER / "modules"
    return unpacked if unpacked.exists() else _PACKAGED_MODULES


def version() -> str:
    """Of ``program``, "6.12.113"; "" where there is none."""
    found = program()
    return process.run([found, "--version"], check=False).stdout.strip() if found else ""


def is_new_enough(version: str) -> bool:
    """Whether a kernel, or a package, of this version is of 6.6 or newer; "6.12um1+b22" is."""
    numbers = re.match(r"(\d+)\.(\d+)", version)
    return numbers is not None and tuple(map(int, numbers.groups())) >= OLDEST


def unpack() -> None:
    """Debian's newer package, into FOLDER. Raises ProcessFailed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dicom-lab-uml-") as scratch:
        with fetched(PACKAGE, with_what_it_needs=True) as packages:
            for name in (PACKAGE, "libc6"):
                process.run(["dpkg-deb", "--extract", str(packages[name]), scratch])
        _install_from(Path(scratch))


def _install_from(root: Path) -> None:
    """The program last, for it is what ``program`` looks for."""
    libraries = root / f"usr/lib/{MACHINE}-linux-gnu"
    for name in (_LOADER, _LIBC):
        shutil.copy(libraries / name, FOLDER / name)
    shutil.copytree(root / "usr/lib/uml/modules", FOLDER / "modules", dirs_exist_ok=True)
    linux = root / "usr/bin/linux.uml"
    process.run(
        ["patchelf", "--set-interpreter", str(FOLDER / _LOADER), "--set-rpath", str(FOLDER), str(linux)]
    )
    shutil.move(linux, FOLDER / "linux.uml")


def remove() -> None:
    """What was unpacked, and the folders made for it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    if FOLDER.parent.is_dir() and not any(FOLDER.parent.iterdir()):
        FOLDER.parent.rmdir()
