"""Studies on disk: a folder of DICOM files with a manifest, made once and proved before use."""

import dataclasses
import hashlib
import json
import shutil
from contextlib import suppress
from pathlib import Path

from lab.data.filler import shares
from lab.data.manifest import contents_sha256, study_from_json, study_to_json
from lab.data.part10 import PREFIX_BYTES, dataset_offset
from lab.errors import DeliveryError, LabError, UsageProblem
from lab.model.progress import Progress
from lab.model.study import Instance, Recipe, Study
from lab.system.drawing import Workshop, workshop
from lab.system.files import whole_folder, write_json
from lab.system.home import Home, package_folder, python_pin
from lab.system.lock import exclusive
from lab.units import format_bytes

MANIFEST = "manifest.json"
_DRAWN_BY = (
    "data/attributes.py",
    "data/canvas.py",
    "data/filler.py",
    "data/iods/*.py",
    "data/kinds.py",
    "data/lettering.py",
    "data/part10.py",
    "data/phantom.py",
    "data/phantoms/*.py",
    "data/pixels.py",
    "data/place.py",
    "data/speedtest.py",
    "data/synth.py",
)
_ENCODED_BY = ("imagecodecs", "pydicom", "pyjpegls")


def folder(home: Home, name: str) -> Path:
    """Where a study of that name is kept."""
    return home.studies / name


def made(home: Home) -> list[Study]:
    """Every study that is there, by its manifest; nothing is proved. One that cannot be read is left out."""
    found = []
    for path in sorted(home.studies.glob(f"[!.]*/{MANIFEST}")):
        with suppress(UsageProblem):
            found.append(_read_manifest(path))
    return found


def load(home: Home, name: str) -> Study:
    """One study by name. Raises UsageProblem when it has not been made."""
    path = folder(home, name) / MANIFEST
    if not path.exists():
        msg = f"the study {name!r} has not been made"
        raise UsageProblem(
            msg, f"lab data make {name}, or lab data import; lab data list shows what there is"
        )
    return _read_manifest(path)


def _read_manifest(path: Path) -> Study:
    try:
        return study_from_json(json.loads(path.read_text()), str(path))
    except json.JSONDecodeError as error:
        msg = f"{path}: {error}"
        raise UsageProblem(msg, "make the study again: lab data make NAME") from None


def recipe_digest(recipe: Recipe) -> str:
    """SHA-256 of what decides a study's bytes: the recipe, the code that draws, the libraries that encode."""
    digest = hashlib.sha256(json.dumps(dataclasses.asdict(recipe), sort_keys=True).encode())
    for pattern in _DRAWN_BY:
        for part in sorted(package_folder().glob(pattern)):
            digest.update(part.read_bytes())
    for package in _ENCODED_BY:
        digest.update(python_pin(package).encode())
    return digest.hexdigest()


def make(home: Home, recipe: Recipe, progress: Progress) -> Study:
    """Have a recipe's study on disk, drawn and encoded on all cores; what is made and whole is kept.

    Nothing is left half-made: the folder appears when it is complete.
    """
    if kept := _kept(home, recipe, progress):
        return kept
    with exclusive(home.studies / ".lock", "the studies"), whole_folder(folder(home, recipe.name)) as part:
        with workshop(recipe, part) as workers:
            sizes = _drawn(workers, progress)
            fillers = shares(recipe, sizes) if recipe.speedtest_bytes else [0] * len(sizes)
            instances = _sealed(workers, fillers, progress)
        _check_pinned(recipe, instances)
        study = Study(name=recipe.name, recipe_sha256=recipe_digest(recipe), instances=instances)
        write_json(part / MANIFEST, study_to_json(study))
    return study


def _drawn(workers: Workshop, progress: Progress) -> list[int]:
    """Sizes of the Data Sets in bytes, once all are drawn."""
    recipe, sizes, written = workers.recipe, [], 0
    with progress.task(f"making study {recipe.name}") as task:
        for size in workers.draw():
            sizes.append(size)
            written += size
            task.update(len(sizes), recipe.instances, f"{len(sizes)} images, {format_bytes(written)}")
    return sizes


def _sealed(workers: Workshop, fillers: list[int], progress: Progress) -> tuple[Instance, ...]:
    """The manifest's lines, once all files are what they will stay."""
    instances: list[Instance] = []
    with progress.task(f"describing study {workers.recipe.name}") as task:
        for one in workers.seal(fillers):
            instances.append(one)
            task.update(len(instances), len(fillers), f"{len(instances)} images")
    return tuple(instances)


def _check_pinned(recipe: Recipe, instances: tuple[Instance, ...]) -> None:
    """A pinned study is the same bytes on every machine, or it is not made. Raises LabError."""
    found = contents_sha256(instances)
    if recipe.contents_sha256 not in ("", found):
        msg = f"{recipe.name} came out as {found}, its recipe pins {recipe.contents_sha256}"
        raise LabError(msg, "make setup installs the pinned libraries; a changed recipe needs a new pin")


def _kept(home: Home, recipe: Recipe, progress: Progress) -> Study | None:
    """The study on disk when it is this recipe's and every file is whole."""
    if not (folder(home, recipe.name) / MANIFEST).exists():
        return None
    try:
        study = load(home, recipe.name)
        if study.recipe_sha256 != recipe_digest(recipe):
            return None
        verify(home, study, progress)
    except (DeliveryError, UsageProblem):  # not whole, or of an older lab
        return None
    return study


def remove(home: Home, name: str) -> None:
    """Take a study off the disk; what the PACS has of it stays. Raises UsageProblem when there is none."""
    place = folder(home, name)
    if not (place / MANIFEST).exists():
        msg = f"there is no study {name!r} on disk"
        raise UsageProblem(msg, "lab data list")
    with exclusive(home.studies / ".lock", "the studies"):
        shutil.rmtree(place)


def verify(home: Home, study: Study, progress: Progress) -> None:
    """Prove every file against the manifest. Raises DeliveryError naming the first that differs."""
    place = folder(home, study.name)
    with progress.task(f"proving study {study.name} on disk") as task:
        for number, line in enumerate(study.instances, 1):
            if reason := _difference(place / line.file, line):
                msg = f"{place / line.file}: {reason}"
                again = f"lab data make {study.name}" if study.recipe_sha256 else "lab data import --replace"
                raise DeliveryError(msg, f"once more: {again}")
            task.update(number, len(study.instances), f"{number} images")


def _difference(path: Path, line: Instance) -> str:
    """Why a file is not what its line says; "" when it is."""
    try:
        content = path.read_bytes()
        offset = dataset_offset(content[:PREFIX_BYTES])
    except (OSError, ValueError) as error:
        return str(error)
    if len(content) != line.file_bytes:
        return f"{len(content)} bytes, the manifest says {line.file_bytes}"
    if hashlib.sha256(memoryview(content)[offset:]).hexdigest() != line.dataset_sha256:
        return "the Data Set is not the one in the manifest"
    return ""
