"""The files behind a PATH: a folder tree's, a DICOMDIR's, an archive's, one from the web, or itself."""

import os
import tarfile
import zipfile
from pathlib import Path

from lab.data.dicomdir import referenced_files
from lab.data.examine import DICOMDIR_CLASS
from lab.data.part10 import layout
from lab.errors import UsageProblem
from lab.model.importing import Candidate, Skipped
from lab.model.progress import Progress
from lab.system.archives import NO_FILE, by_name, unpack_tar, unpack_zip
from lab.system.download import download, is_address, without_password


def shown(source: str) -> str:
    """The source as it may be printed."""
    return without_password(source) if is_address(source) else source


def gather(source: str, scratch: Path, progress: Progress) -> tuple[list[Candidate], list[Skipped]]:
    """Every file of a source, and what is passed over unread. Archives are unpacked into ``scratch``.

    Raises:
        UsageProblem: there is nothing at that path, or an archive is broken or encrypted.
        LabError: a download failed, or the disk is full.
    """
    if is_address(source):
        return _file(download(source, scratch / "download", progress), scratch, progress, _last_part(source))
    path = Path(source).expanduser()
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        msg = (
            f"{path}: {'neither a file nor a folder' if path.exists() else 'there is no such file or folder'}"
        )
        raise UsageProblem(msg, "lab data import PATH --name NAME; PATH may also be an http(s) address")
    return _file(path, scratch, progress, path.name)


def _last_part(address: str) -> str:
    return without_password(address).partition("?")[0].rstrip("/").rpartition("/")[2] or "download"


def _folder(folder: Path) -> tuple[list[Candidate], list[Skipped]]:
    """Every regular file below a folder, in natural order; what cannot be listed is passed over."""
    found: list[Candidate] = []
    passed: list[Skipped] = []

    def unreadable(error: OSError) -> None:
        label = os.path.relpath(error.filename, folder)
        passed.append(Skipped(file=label, reason=f"unreadable: {error.strerror}"))

    for place, folders, names in os.walk(folder, onerror=unreadable):
        links = [name for name in folders if Path(place, name).is_symlink()]
        for path in (Path(place, name) for name in [*names, *links]):
            label = str(path.relative_to(folder))
            if path.is_symlink() or not path.is_file():
                passed.append(Skipped(file=label, reason=NO_FILE))
            else:
                found.append(Candidate(path=path, name=label))
    return by_name(found), sorted(passed, key=lambda line: line.file)


def _file(path: Path, scratch: Path, progress: Progress, name: str) -> tuple[list[Candidate], list[Skipped]]:
    """One file: the files a DICOMDIR refers to, an archive's members, or itself."""
    if _is_dicom(path):
        return _referenced(path) if _is_directory(path) else ([Candidate(path=path, name=name)], [])
    into = scratch / "unpacked"
    if zipfile.is_zipfile(path):
        return unpack_zip(path, name, into, progress)
    if _is_tar(path):
        return unpack_tar(path, name, into, progress)
    return [Candidate(path=path, name=name)], []


def _is_dicom(path: Path) -> bool:
    """Asked first: a DICOM file may hold an archive, an archive hardly "DICM" at 128."""
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _is_tar(path: Path) -> bool:
    try:
        return tarfile.is_tarfile(path)
    except (OSError, EOFError):  # compressed and cut: unpacking says so
        return True


def _is_directory(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return layout(file).media_sop_class_uid == DICOMDIR_CLASS
    except ValueError:
        return False


def _referenced(directory: Path) -> tuple[list[Candidate], list[Skipped]]:
    """The files that a DICOMDIR refers to, below its own folder; whatever their case there is."""
    try:
        with directory.open("rb") as file:
            ids = referenced_files(file)
    except ValueError as error:
        msg = f"{directory}: the DICOMDIR cannot be read ({error})"
        raise UsageProblem(msg, f"import its folder instead: {directory.parent}") from None
    found, passed = [], [Skipped(file=directory.name, reason="a DICOMDIR")]
    for parts in ids:
        path = _below(directory.parent, parts)
        if path is None:
            passed.append(Skipped(file="/".join(parts), reason="in the DICOMDIR but not there"))
        else:
            found.append(Candidate(path=path, name="/".join(parts)))
    return found, passed


def _below(folder: Path, parts: tuple[str, ...]) -> Path | None:
    """The regular file of that path below a folder, never outside of it; None when there is none."""
    for part in parts:
        if part in ("", ".", "..") or "/" in part or not folder.is_dir():
            return None
        names = {entry.name for entry in folder.iterdir()}
        same = [part] if part in names else sorted(name for name in names if name.lower() == part.lower())
        if not same:
            return None
        folder = folder / same[0]
        if folder.is_symlink():
            return None
    return folder if folder.is_file() else None
