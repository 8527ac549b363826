"""What Orthanc keeps, held against a file on disk, by what Orthanc tells of it."""

import dataclasses
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pydicom
import pytest
from pydicom.filebase import DicomBytesIO

from lab.data.canonical import canonical_sha256
from lab.data.part10 import PREFIX_BYTES, dataset_offset
from lab.data.synth import instance
from lab.model.study import Instance
from lab.system.contents import Content, content
from lab.system.orthanc import Orthanc, Stored
from tests.unit.studies import SMALL

FILE, LINE = instance(SMALL, 0)
MD5_OF_NOTHING = "d41d8cd98f00b204e9800998ecf8427e"


class Kept:
    """An Orthanc with one file; counts how often all of it was read."""

    def __init__(self, kept: bytes) -> None:
        self.kept = kept
        self.fetched = 0

    def first_bytes(self, _: Stored, count: int) -> bytes:
        assert count <= len(self.kept)
        return self.kept[:count]

    def file(self, _: Stored) -> Iterator[bytes]:
        self.fetched += 1
        yield from (self.kept[at : at + 1000] for at in range(0, len(self.kept), 1000))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "00001.dcm"
    path.write_bytes(FILE)
    return path


def compared(orthanc: Kept, file: Path, line: Instance = LINE, md5: str = "") -> Content:
    told = md5 or hashlib.md5(orthanc.kept, usedforsecurity=False).hexdigest()
    stored = Stored(
        orthanc_id="x", sop_instance_uid=line.sop_instance_uid, file_bytes=len(orthanc.kept), file_md5=told
    )
    return content(cast("Orthanc", orthanc), stored, line, file)


def with_another_head(dataset: bytes) -> bytes:
    """As Orthanc writes what came by C-STORE: File Meta Information of its own."""
    meta = pydicom.dcmread(io.BytesIO(FILE)).file_meta
    meta.ImplementationVersionName = "OFFIS_DCMTK_369"
    head = DicomBytesIO()
    pydicom.filewriter.write_file_meta_info(head, meta)
    return bytes(128) + b"DICM" + head.getvalue() + dataset


def rewritten() -> bytes:
    """The same elements in other bytes: group lengths added."""
    at = dataset_offset(FILE[:PREFIX_BYTES])
    return with_another_head(b"\x08\x00\x00\x00UL\x04\x00\x10\x00\x00\x00" + FILE[at:])


def test_the_file_as_it_is_needs_no_reading(file: Path) -> None:
    orthanc = Kept(FILE)
    file.unlink()
    assert compared(orthanc, file) is Content.SAME
    assert not orthanc.fetched


def test_another_preamble_and_meta_information_are_no_difference(file: Path) -> None:
    orthanc = Kept(with_another_head(FILE[dataset_offset(FILE[:PREFIX_BYTES]) :]))
    assert compared(orthanc, file) is Content.SAME
    assert not orthanc.fetched


def test_one_other_bit_in_the_data_set_is_another_content(file: Path) -> None:
    changed = bytearray(FILE)
    changed[-100] ^= 1
    assert compared(Kept(bytes(changed)), file) is Content.ALTERED
    assert compared(Kept(with_another_head(bytes(changed[dataset_offset(FILE[:PREFIX_BYTES]) :]))), file) is (
        Content.ALTERED
    )


def test_an_imported_instance_is_known_by_its_elements(file: Path) -> None:
    line = dataclasses.replace(LINE, canonical_sha256=canonical_sha256(io.BytesIO(FILE)))
    assert compared(Kept(rewritten()), file, line) is Content.REWRITTEN
    assert compared(Kept(rewritten()), file) is Content.ALTERED


def test_beyond_2_gib_where_orthanc_tells_the_md5_of_nothing_the_file_is_read(file: Path) -> None:
    orthanc = Kept(FILE)
    assert compared(orthanc, file, md5=MD5_OF_NOTHING) is Content.SAME
    assert orthanc.fetched == 1
    assert compared(Kept(FILE[:-2] + b"\1\1"), file, md5=MD5_OF_NOTHING) is Content.ALTERED
