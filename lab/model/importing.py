"""What an import found, kept and left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lab.model.study import Study

WHICH_IS_KEPT = "the largest Data Set is kept, of equal ones the first by path"


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A file somebody handed over: where it is now, and what they call it (an archive's member, say)."""

    path: Path
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """An instance in a file, as its headers have it; nothing of it is copied yet.

    The Data Set lies from ``dataset_at`` to ``dataset_stop``, in bytes from the file's beginning.
    ``regular``: preamble and File Meta Information are as PS3.10 7.1 wants them and can stay.
    """

    patient_id: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    series_number: int
    instance_number: int
    dataset_at: int
    dataset_stop: int
    regular: bool

    @property
    def dataset_bytes(self) -> int:
        """Size of the Data Set as it is in the file."""
        return self.dataset_stop - self.dataset_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A candidate that holds an instance."""

    candidate: Candidate
    seen: Seen


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A file that was not imported, and why."""

    file: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Superseded:
    """A file whose SOP Instance UID another one has, which was kept."""

    file: str
    kept: str
    sop_instance_uid: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Instances of one SOP class in one transfer syntax."""

    sop_class: str
    sop_class_uid: str
    transfer_syntax: str
    transfer_syntax_uid: str
    instances: int
    dataset_bytes: int


@dataclass(frozen=True, kw_only=True)
class Official:
    """The ANS performance study, or what carries its UID. Bytes are counted as the SpeedTest script does."""

    study_instance_uid: str
    instances: int
    instances_expected: int
    speedtest_bytes: int
    speedtest_bytes_expected: int

    @property
    def complete(self) -> bool:
        """It is the official one, as far as numbers tell."""
        return (self.instances, self.speedtest_bytes) == (
            self.instances_expected,
            self.speedtest_bytes_expected,
        )


@dataclass(frozen=True, kw_only=True)
class ImportSummary:
    """Everything an import has to say. ``files_seen`` is kept + skipped + duplicates + clashes."""

    study: Study
    source: str
    identity_kept: bool
    kinds: tuple[Kind, ...]
    skipped: tuple[Skipped, ...]
    duplicates: tuple[Superseded, ...]
    clashes: tuple[Superseded, ...]
    official: Official | None

    @property
    def files_seen(self) -> int:
        """Files looked at."""
        left_out = len(self.skipped) + len(self.duplicates) + len(self.clashes)
        return len(self.study.instances) + left_out

    @property
    def patients(self) -> int:
        """Different Patient IDs, an empty one included."""
        return len({key.patient_id for key in self.study.keys})

    @cached_property
    def reasons(self) -> Mapping[str, tuple[str, ...]]:
        """Skipped files by reason, the most frequent first."""
        found: dict[str, list[str]] = {}
        for line in self.skipped:
            found.setdefault(line.reason, []).append(line.file)
        return {why: tuple(files) for why, files in sorted(found.items(), key=lambda pair: -len(pair[1]))}
