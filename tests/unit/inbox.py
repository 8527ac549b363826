"""An inbox full of files, and an import that is proved."""

import tarfile
import zipfile
from pathlib import Path

import pydicom.data

from lab.data.part10 import DEFLATED
from lab.model.importing import ImportSummary
from lab.system import studies
from lab.system.home import Home
from lab.system.importing import import_study
from tests.unit.quiet import Quiet
from tests.unit.strangers import image_file

STRANGERS = Path(pydicom.data.__file__).parent / "test_files"


def filled(folder: Path) -> Path:
    """A folder of three images: two in one series, one elsewhere and deflated."""
    (folder / "deep/er").mkdir(parents=True)
    (folder / "image10").write_bytes(image_file("1.2.10"))
    (folder / "image2").write_bytes(image_file("1.2.2"))
    (folder / "deep/er/x.y").write_bytes(image_file("1.2.3", syntax=DEFLATED, study="1.2.4"))
    return folder


def take(home: Home, source: object, name: str = "mine", **options: bool) -> ImportSummary:
    """Import, and prove what is on disk against the manifest."""
    summary = import_study(home, str(source), name, Quiet(), **options)
    study = studies.load(home, name)
    assert study == summary.study
    studies.verify(home, study, Quiet())
    files = [f"{number:05d}.dcm" for number in range(1, len(study.instances) + 1)]
    assert sorted(path.name for path in studies.folder(home, name).iterdir()) == [*files, "manifest.json"]
    return summary


def left(home: Home) -> list[str]:
    return (
        [path.name for path in home.studies.iterdir() if path.name != ".lock"]
        if home.studies.exists()
        else []
    )


def uids(summary: ImportSummary) -> list[str]:
    return [line.sop_instance_uid for line in summary.study.instances]


def packed(inbox: Path, kind: str) -> Path:
    path = inbox.parent / f"archive.of.{kind}"
    files = [file for file in sorted(inbox.rglob("*")) if file.is_file()]
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, f"../../{file.name}")
    else:
        with tarfile.open(path, f"w:{kind}") as archive:  # type: ignore[call-overload]
            for file in files:
                archive.add(file, f"/../../etc/{file.name}")
    return path
