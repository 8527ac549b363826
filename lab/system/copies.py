"""What a worker process does: look into a file, and copy the best of those that hold one instance."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab.data.copying import copy_as_is, copy_deidentified
from lab.data.describing import describe, same_data_set
from lab.data.examine import UnfitError, examine
from lab.data.pseudonyms import Pseudonyms
from lab.model.importing import Candidate, Found, Skipped, Superseded
from lab.model.study import Instance

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Copied:
    """What became of the files with one SOP Instance UID."""

    instance: Instance | None
    skipped: tuple[Skipped, ...] = ()
    duplicates: tuple[Superseded, ...] = ()
    clashes: tuple[Superseded, ...] = ()

    def renamed(self, folder: Path, name: str) -> "Copied":
        """The same, its file under another name."""
        if self.instance is None:
            return self
        (folder / self.instance.file).rename(folder / name)
        return replace(self, instance=replace(self.instance, file=name))


def look(candidate: Candidate) -> Found | Skipped:
    """What a file holds. Whatever it is, it never ends the import."""
    try:
        with candidate.path.open("rb") as file:
            return Found(candidate=candidate, seen=examine(file))
    except Exception as error:
        return Skipped(file=candidate.name, reason=_reason(error))


def copy_best(folder: Path, pseudonyms: Pseudonyms | None, group: Sequence[Found]) -> Copied:
    """Copy the first of a group that can be copied, under a name of its own.

    Raises:
        OSError: the disk is full.
    """
    skipped: list[Skipped] = []
    for number, one in enumerate(group):
        try:
            instance = _copy(one, folder, pseudonyms)
        except Exception as error:  # half of a stranger's file unredacted is worse than none
            if isinstance(error, OSError) and error.errno in DISK_FULL:
                raise
            skipped.append(Skipped(file=one.candidate.name, reason=_reason(error)))
        else:
            return Copied(instance, tuple(skipped), *_superseded(one, group[number + 1 :]))
    return Copied(None, tuple(skipped))


def _reason(error: Exception) -> str:
    if isinstance(error, UnfitError):
        return str(error)
    if isinstance(error, OSError):
        return f"unreadable: {error.strerror or error}"
    return f"unreadable: {error or type(error).__name__}"


def _copy(one: Found, folder: Path, pseudonyms: Pseudonyms | None) -> Instance:
    name = f".{one.seen.sop_instance_uid}"
    path = folder / name
    try:
        with one.candidate.path.open("rb") as file, path.open("w+b") as out:
            if pseudonyms is None:
                copy_as_is(file, one.seen, out)
            else:
                copy_deidentified(file, one.seen, out, pseudonyms)
            out.flush()
            instance = describe(out, name)
        path.chmod(0o644)  # read by the tools container, as another user
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return instance


def _superseded(
    kept: Found, others: Sequence[Found]
) -> tuple[tuple[Superseded, ...], tuple[Superseded, ...]]:
    """Duplicates, and clashes."""
    duplicates: list[Superseded] = []
    clashes: list[Superseded] = []
    for other in others:
        line = Superseded(
            file=other.candidate.name, kept=kept.candidate.name, sop_instance_uid=kept.seen.sop_instance_uid
        )
        (duplicates if _same(kept, other) else clashes).append(line)
    return tuple(duplicates), tuple(clashes)


def _same(kept: Found, other: Found) -> bool:
    try:
        with kept.candidate.path.open("rb") as one, other.candidate.path.open("rb") as another:
            return same_data_set(one, kept.seen, another, other.seen)
    except (OSError, ValueError):
        return False
