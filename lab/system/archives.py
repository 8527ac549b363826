"""Zip and tar archives, unpacked under names of our own: what a member is called decides nothing on disk."""

import errno
import gzip
import lzma
import shutil
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from lab.data.choosing import natural
from lab.errors import LabError, UsageProblem
from lab.model.importing import Candidate, Skipped
from lab.model.progress import Progress, Task
from lab.units import format_bytes

_CHUNK_BYTES = 1 << 20
NO_FILE = "a link, device or pipe"
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    EOFError,
    ValueError,  # what a damaged header is read into
    OverflowError,
    struct.error,
)
Unpacked = tuple[list[Candidate], list[Skipped]]


def unpack_zip(path: Path, name: str, into: Path, progress: Progress) -> Unpacked:
    """Unpack a zip. Raises UsageProblem when it is broken, encrypted or compressed in an unknown way."""
    into.mkdir(parents=True)
    found: list[Candidate] = []
    passed: list[Skipped] = []
    with _telling(name), zipfile.ZipFile(path) as archive, progress.task(f"unpacking {name}") as task:
        members = [member for member in archive.infolist() if not member.is_dir()]
        for number, member in enumerate(members, 1):
            if not _is_regular(member):
                passed.append(Skipped(file=member.filename, reason=NO_FILE))
                continue
            _refuse_encrypted(member, name)
            with archive.open(member) as content:
                found.append(_keep(content, member.filename, member.file_size, into, len(found)))
            task.update(number, len(members), f"{number} files")
    return by_name(found), passed


def unpack_tar(path: Path, name: str, into: Path, progress: Progress) -> Unpacked:
    """Unpack a tar in any compression tarfile knows. Raises UsageProblem when it is broken."""
    into.mkdir(parents=True)
    found: list[Candidate] = []
    passed: list[Skipped] = []
    with _telling(name), tarfile.open(path) as archive, progress.task(f"unpacking {name}") as task:
        for member in archive:
            if member.isdir():
                continue
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                passed.append(Skipped(file=member.name, reason=NO_FILE))
                continue
            with content:
                found.append(_keep(content, member.name, member.size, into, len(found)))
            _note(task, len(found))
        _read_to_the_end(archive)
    return by_name(found), passed


def _note(task: Task, files: int) -> None:
    task.note(f"{files} files")


def _is_regular(member: zipfile.ZipInfo) -> bool:
    """Unix mode in the upper half of external_attr: 0 when unknown, 0o100000 for a regular file."""
    return (member.external_attr >> 16) & 0o170000 in (0, 0o100000)


def _refuse_encrypted(member: zipfile.ZipInfo, name: str) -> None:
    if member.flag_bits & 1:
        msg = f"{name} is encrypted"
        raise UsageProblem(msg, "unpack it yourself and import the folder")


def _read_to_the_end(archive: tarfile.TarFile) -> None:
    """A compressed stream's check sum stands behind the last block, which tarfile does not read."""
    while archive.fileobj is not None and archive.fileobj.read(_CHUNK_BYTES):
        pass


def _keep(content: IO[bytes], name: str, size_bytes: int, into: Path, number: int) -> Candidate:
    """Write a member to a file whose name is its number. Raises LabError when the disk has no room for it."""
    free = shutil.disk_usage(into).free
    if size_bytes > free:
        msg = f"no room to unpack {name}: {format_bytes(size_bytes)}, and {format_bytes(free)} are free"
        raise LabError(msg, "make room there, or keep the lab elsewhere with --root")
    path = into / f"{number:07d}"
    with path.open("wb") as file:
        while chunk := content.read(_CHUNK_BYTES):
            file.write(chunk)
    return Candidate(path=path, name=name)


def by_name(found: list[Candidate]) -> list[Candidate]:
    """In natural order."""
    return sorted(found, key=lambda one: (natural(one.name), one.name))


@contextmanager
def _telling(name: str) -> Iterator[None]:
    """What is wrong with an archive, in one line."""
    try:
        yield
    except _BROKEN as error:
        raise _broken(name, error) from None
    except (NotImplementedError, RuntimeError) as error:
        msg = f"{name} cannot be unpacked: {error}"
        raise UsageProblem(msg, "unpack it yourself and import the folder") from None
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # a seek to before the beginning
            raise
        raise _broken(name, error) from None  # bz2 has no exception of its own


def _broken(name: str, error: Exception) -> UsageProblem:
    msg = f"{name} is broken: {error or 'it ends too soon'}"
    return UsageProblem(msg, "fetch it again, or unpack what is left of it and import the folder")
