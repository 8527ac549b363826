"""A study as the lab knows it: a recipe to make it and the manifest that proves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

MANIFEST_SCHEMA_VERSION = 2


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to make a synthetic study: parameters only, never pixels.

    ``kind`` names what the images stand for (lab.data.kinds); modality and SOP class come with it.
    ``instances`` counts them all; they are dealt evenly to ``series`` in each of ``studies`` of each of
    ``patients``. The first patient and study have ``patient_id`` and ``study_instance_uid``, what follows
    has others derived from these. ``noise_bits`` (0 to 8) is how many low bits of a pixel are noise; it
    decides how well the image compresses, hence how large an instance is. ``speedtest_bytes``: what the
    study comes to as the SpeedTest script counts it (lab.data.speedtest), reached with filler; 0 for what
    it comes to by itself. ``contents_sha256``: the study's,
    when it is pinned (lab.data.manifest).
    """

    name: str
    description: str
    kind: str
    modality: str
    sop_class_uid: str
    transfer_syntax_uid: str
    study_instance_uid: str
    patient_id: str
    patients: int = 1
    studies: int = 1
    series: int = 1
    instances: int
    frames: int = 1
    rows: int
    columns: int
    bits_stored: int
    noise_bits: int
    seed: int = 1
    speedtest_bytes: int = 0
    contents_sha256: str = ""


@dataclass(frozen=True, kw_only=True, order=True)
class StudyKey:
    """What a PACS finds one DICOM study by (PS3.4 C.6.1.1, C.6.2.1)."""

    patient_id: str
    study_instance_uid: str


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One SOP instance on disk. ``dataset_*`` leave out preamble and File Meta Information (PS3.10 7.1).

    ``canonical_sha256`` is the digest of its elements (lab.data.canonical), by which an instance that a PACS
    wrote anew is still known; "" where only the very same bytes will do.
    """

    patient_id: str
    study_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    file: str
    file_bytes: int
    file_md5: str
    dataset_bytes: int
    dataset_sha256: str
    canonical_sha256: str = ""

    @property
    def key(self) -> StudyKey:
        """The DICOM study it belongs to."""
        return StudyKey(patient_id=self.patient_id, study_instance_uid=self.study_instance_uid)


@dataclass(frozen=True)
class Study:
    """The manifest: everything a delivery is proved against. Instances of one DICOM study, or of several.

    ``recipe_sha256`` is the digest of the recipe and of the code that draws, so that a study made by
    another version is made again; "" for an imported one.
    """

    name: str
    recipe_sha256: str
    instances: tuple[Instance, ...]

    @cached_property
    def keys(self) -> tuple[StudyKey, ...]:
        """The DICOM studies in it, in the order of their first instances."""
        return tuple(dict.fromkeys(instance.key for instance in self.instances))

    @cached_property
    def by_uid(self) -> Mapping[str, Instance]:
        """Instances by SOP Instance UID."""
        return {instance.sop_instance_uid: instance for instance in self.instances}

    @cached_property
    def dataset_bytes(self) -> int:
        """Sum of the Data Sets, in bytes: no Group 2, no preamble."""
        return sum(instance.dataset_bytes for instance in self.instances)

    @cached_property
    def file_bytes(self) -> int:
        """Sum of the Part 10 files, in bytes."""
        return sum(instance.file_bytes for instance in self.instances)

    @cached_property
    def transfer_syntaxes(self) -> Mapping[str, int]:
        """Instances per transfer syntax UID."""
        counts: dict[str, int] = {}
        for instance in self.instances:
            counts[instance.transfer_syntax_uid] = counts.get(instance.transfer_syntax_uid, 0) + 1
        return counts
