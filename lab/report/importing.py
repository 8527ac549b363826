"""What an import found, as text."""

import dataclasses
from collections.abc import Sequence

from lab.model.importing import WHICH_IS_KEPT, ImportSummary, Kind, Official, Superseded
from lab.report.text import Row, as_table
from lab.units import format_bytes

KIND_COLUMNS = ("sop_class", "transfer_syntax", "instances", "dataset_bytes")
_NAMED_AT_MOST = 5


def kind_rows(kinds: Sequence[Kind]) -> list[Row]:
    """Instances by SOP class and transfer syntax."""
    return [{column: getattr(kind, column) for column in KIND_COLUMNS} for kind in kinds]


def import_as_text(summary: ImportSummary) -> str:
    """For people: the first files of each kind by name."""
    study = summary.study
    lines = [
        f"{study.name}: kept {_many(len(study.instances), 'instance')} of {_many(len(study.keys), 'study')},"
        f" {_many(summary.patients, 'patient')}, {format_bytes(study.file_bytes)};"
        f" {_many(summary.files_seen, 'file')} seen in {printable(summary.source)}",
        as_table(kind_rows(summary.kinds), KIND_COLUMNS),
        *(f"skipped {len(files)}: {why}: {_named(files)}" for why, files in summary.reasons.items()),
        *_superseded("duplicate", "the same Data Set", summary.duplicates),
        *_superseded("clash", "one SOP Instance UID, another Data Set", summary.clashes),
        *([_official(summary.official)] if summary.official else []),
        _identity(kept=summary.identity_kept),
    ]
    return "\n".join(lines)


def import_as_json(summary: ImportSummary) -> dict[str, object]:
    """For programs: everything, every file by name."""
    study = summary.study
    return {
        "name": study.name,
        "source": summary.source,
        "identity_kept": summary.identity_kept,
        "files_seen": summary.files_seen,
        "instances": len(study.instances),
        "studies": len(study.keys),
        "patients": summary.patients,
        "file_bytes": study.file_bytes,
        "dataset_bytes": study.dataset_bytes,
        "kinds": [dataclasses.asdict(kind) for kind in summary.kinds],
        "skipped": {why: list(files) for why, files in summary.reasons.items()},
        "rule": WHICH_IS_KEPT,
        "duplicates": [dataclasses.asdict(line) for line in summary.duplicates],
        "clashes": [dataclasses.asdict(line) for line in summary.clashes],
        "official": _official_as_json(summary.official),
        "pixel_data": "not looked at",
    }


def _official_as_json(official: Official | None) -> dict[str, object] | None:
    return None if official is None else {**dataclasses.asdict(official), "complete": official.complete}


_PLURALS = {"study": "studies", "clash": "clashes"}


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {_PLURALS.get(what, what + 's')}"


def printable(text: str) -> str:
    """A stranger's file name, with nothing in it that a terminal would obey."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _named(files: Sequence[str]) -> str:
    more = f" and {len(files) - _NAMED_AT_MOST} more" if len(files) > _NAMED_AT_MOST else ""
    return printable(", ".join(files[:_NAMED_AT_MOST])) + more


def _superseded(what: str, meaning: str, lost: Sequence[Superseded]) -> list[str]:
    if not lost:
        return []
    files = _named([f"{one.file} (kept {one.kept})" for one in lost])
    return [f"{_many(len(lost), what)} ({meaning}); {WHICH_IS_KEPT}: {files}"]


def _official(official: Official) -> str:
    if official.complete:
        return (
            "this is the official ANS performance study:"
            f" {official.instances} instances, {official.speedtest_bytes} bytes as the SpeedTest counts them"
        )
    return (
        "this has the UID of the official ANS performance study and differs from it:"
        f" {official.instances} instances ({official.instances_expected} expected),"
        f" {official.speedtest_bytes} bytes as the SpeedTest counts them"
        f" ({official.speedtest_bytes_expected} expected)"
    )


def _identity(*, kept: bool) -> str:
    if kept:
        return "identity is kept: names, IDs, dates and UIDs are as they were"
    return (
        "de-identified: names, IDs, dates, UIDs, free text and private elements are replaced or removed."
        " Pixel data was not looked at: text burned into images is still there"
    )
