"""Somebody's DICOM files become a study of the lab: gathered, looked into, copied, described."""

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from lab.data.choosing import by_instance
from lab.data.describing import kinds, official
from lab.data.manifest import study_to_json
from lab.data.pseudonyms import Pseudonyms, new_key
from lab.errors import LabError, UsageProblem
from lab.model.importing import Candidate, Found, ImportSummary, Skipped
from lab.model.progress import Progress
from lab.model.study import Study
from lab.system import recipes
from lab.system.copies import DISK_FULL, Copied, copy_best, look
from lab.system.cores import on_all_cores
from lab.system.files import whole_folder, write_json
from lab.system.gathering import gather, shown
from lab.system.home import Home
from lab.system.lock import exclusive
from lab.system.studies import MANIFEST, folder

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def import_study(
    home: Home,
    source: str,
    name: str,
    progress: Progress,
    *,
    keep_identity: bool = False,
    replace: bool = False,
) -> ImportSummary:
    """Make a study of every instance behind a path or an address (lab.system.gathering).

    Nothing is left half-made: the folder appears when it is complete. Of files with the same SOP Instance
    UID lab.data.choosing picks one. Without ``keep_identity`` the key by which new names were made of old
    ones is forgotten when the import ends.

    Raises:
        UsageProblem: the name is not free, or there is nothing to import.
        LabError: a download failed, or the disk is full.
    """
    _require_name(home, name, replace=replace)
    pseudonyms = None if keep_identity else Pseudonyms(new_key())
    with (
        _disk_full_told(home),
        exclusive(home.studies / ".lock", "the studies"),
        whole_folder(folder(home, name)) as part,
    ):
        scratch = part / ".scratch"
        candidates, passed = gather(source, scratch, progress)
        found, unfit = _looked_into(candidates, progress)
        copied = list(_copied(by_instance(found), part, pseudonyms, progress))
        summary = _summary(name, source, copied, [*passed, *unfit], identity_kept=keep_identity)
        shutil.rmtree(scratch, ignore_errors=True)
        write_json(part / MANIFEST, study_to_json(summary.study))
    return summary


def _require_name(home: Home, name: str, *, replace: bool) -> None:
    if not _NAME.fullmatch(name):
        msg = f"{name!r} cannot be a study's name"
        raise UsageProblem(msg, "letters, digits, dots, - and _ only, a letter or digit first, at most 100")
    if name in {recipe.name for recipe in recipes.recipes()}:
        msg = f"{name!r} is the name of a recipe"
        raise UsageProblem(msg, "choose another --name")
    if folder(home, name).exists() and not replace:
        msg = f"there is a study {name!r} already"
        raise UsageProblem(msg, "choose another --name, or say --replace")


@contextmanager
def _disk_full_told(home: Home) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        msg = f"the disk that holds {home.studies} is full; nothing was imported"
        raise LabError(msg, "make room there, or keep the lab elsewhere with --root") from None


def _looked_into(candidates: Sequence[Candidate], progress: Progress) -> tuple[list[Found], list[Skipped]]:
    found: list[Found] = []
    unfit: list[Skipped] = []
    with progress.task("looking into files") as task:
        for number, one in enumerate(on_all_cores(look, candidates), 1):
            if isinstance(one, Found):
                found.append(one)
            else:
                unfit.append(one)
            task.update(number, len(candidates), f"{number} files, {len(found)} with an instance")
    return found, unfit


def _copied(
    groups: Sequence[Sequence[Found]], part: Path, pseudonyms: Pseudonyms | None, progress: Progress
) -> Iterator[Copied]:
    """Copies, numbered in order and without gaps."""
    kept = 0
    doing = "copying" if pseudonyms is None else "copying without identity"
    with progress.task(doing) as task:
        for number, one in enumerate(on_all_cores(partial(copy_best, part, pseudonyms), groups), 1):
            kept += one.instance is not None
            yield one.renamed(part, f"{kept:05d}.dcm")
            task.update(number, len(groups), f"{kept} instances")


def _summary(
    name: str, source: str, copied: Sequence[Copied], skipped: list[Skipped], *, identity_kept: bool
) -> ImportSummary:
    skipped = skipped + [line for one in copied for line in one.skipped]
    instances = tuple(one.instance for one in copied if one.instance is not None)
    if not instances:
        raise _nothing(source, skipped)
    return ImportSummary(
        study=Study(name=name, recipe_sha256="", instances=instances),
        source=shown(source),
        identity_kept=identity_kept,
        kinds=kinds(instances),
        skipped=tuple(skipped),
        duplicates=tuple(line for one in copied for line in one.duplicates),
        clashes=tuple(line for one in copied for line in one.clashes),
        official=official(instances),
    )


def _nothing(source: str, skipped: Iterable[Skipped]) -> UsageProblem:
    counts = Counter(line.reason for line in skipped).most_common()
    why = ", ".join(f"{reason}: {count}" for reason, count in counts) or "no file there"
    msg = f"{shown(source)}: no instance to import ({why})"
    return UsageProblem(msg, "point PATH at DICOM files, a DICOMDIR, or a zip or tar of them")
