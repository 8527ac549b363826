"""The manifest's line for a file, and an import's figures. Files pass in chunks, whatever their size."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from pydicom.uid import UID

from lab.data.canonical import canonical_sha256, chunks
from lab.data.examine import examine
from lab.data.speedtest import speedtest_bytes
from lab.model.importing import Kind, Official, Seen
from lab.model.study import Instance

ANS_STUDY_UID = "1.2.250.1.213.4.5.2.1.199"
_ANS_INSTANCES, _ANS_BYTES = 1300, 209_577_218


def describe(file: BinaryIO, name: str) -> Instance:
    """The line for a file of ours. Raises ValueError when it is not as PS3.10 7.1 has it."""
    seen = examine(file)
    size = file.seek(0, io.SEEK_END)
    if not seen.regular or seen.dataset_stop != size:
        msg = "not a regular DICOM file"
        raise ValueError(msg)
    whole, dataset = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    for chunk in chunks(file, 0, seen.dataset_at):
        whole.update(chunk)
    for chunk in chunks(file, seen.dataset_at, size):
        whole.update(chunk)
        dataset.update(chunk)
    return Instance(
        patient_id=seen.patient_id,
        study_instance_uid=seen.study_instance_uid,
        sop_instance_uid=seen.sop_instance_uid,
        sop_class_uid=seen.sop_class_uid,
        transfer_syntax_uid=seen.transfer_syntax_uid,
        file=name,
        file_bytes=size,
        file_md5=whole.hexdigest(),
        dataset_bytes=seen.dataset_bytes,
        dataset_sha256=dataset.hexdigest(),
        canonical_sha256=canonical_sha256(file),
    )


def same_data_set(one: BinaryIO, of_one: Seen, other: BinaryIO, of_other: Seen) -> bool:
    """Whether two files hold the same Data Set, byte for byte, in the same transfer syntax."""
    if of_one.transfer_syntax_uid != of_other.transfer_syntax_uid:
        return False
    if of_one.dataset_bytes != of_other.dataset_bytes:
        return False
    pairs = zip(
        chunks(one, of_one.dataset_at, of_one.dataset_stop),
        chunks(other, of_other.dataset_at, of_other.dataset_stop),
        strict=True,
    )
    return all(left == right for left, right in pairs)


def kinds(instances: Iterable[Instance]) -> tuple[Kind, ...]:
    """Instances by SOP class and transfer syntax, the most numerous first."""
    groups: dict[tuple[str, str], list[Instance]] = {}
    for one in instances:
        groups.setdefault((one.sop_class_uid, one.transfer_syntax_uid), []).append(one)
    found = [
        Kind(
            sop_class=UID(sop_class).name,
            sop_class_uid=sop_class,
            transfer_syntax=UID(syntax).name,
            transfer_syntax_uid=syntax,
            instances=len(group),
            dataset_bytes=sum(one.dataset_bytes for one in group),
        )
        for (sop_class, syntax), group in groups.items()
    ]
    return tuple(sorted(found, key=lambda kind: (-kind.instances, kind.sop_class, kind.transfer_syntax)))


def official(instances: Sequence[Instance]) -> Official | None:
    """What there is of the ANS performance study, known by its Study Instance UID; None when nothing is."""
    own = [one for one in instances if one.study_instance_uid == ANS_STUDY_UID]
    if not own:
        return None
    return Official(
        study_instance_uid=ANS_STUDY_UID,
        instances=len(own),
        instances_expected=_ANS_INSTANCES,
        speedtest_bytes=speedtest_bytes(own),
        speedtest_bytes_expected=_ANS_BYTES,
    )
