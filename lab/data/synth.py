"""One instance of a synthetic study, as the bytes of a DICOM file (PS3.10)."""

import hashlib
import io
from collections.abc import Iterator
from typing import BinaryIO

import imagecodecs
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset, write_file_meta_info
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from lab.data.attributes import attributes
from lab.data.kinds import KINDS
from lab.data.part10 import (
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    PREFIX_BYTES,
    dataset_offset,
)
from lab.data.phantom import draw
from lab.data.pixels import NATIVE, encapsulated, native
from lab.data.place import place
from lab.model.study import Instance, Recipe

_PREAMBLE = bytes(128) + b"DICM"
_READ_BYTES = 1 << 20


def instance(recipe: Recipe, index: int) -> tuple[bytes, Instance]:
    """Instance ``index`` (0-based) without filler: the file's bytes and its line in the manifest."""
    content = b"".join(pieces(recipe, index))
    return content, describe(recipe, index, io.BytesIO(content))


def file_name(index: int) -> str:
    """What an instance's file is called."""
    return f"{index + 1:05d}.dcm"


def pieces(recipe: Recipe, index: int) -> Iterator[bytes]:
    """The file in order, frame by frame: a file of any size is never in memory as a whole.

    Only the deflated syntax, a single frame always, needs its Data Set at once (PS3.5 A.5).
    """
    yield _PREAMBLE + _group_2(recipe, index)
    if recipe.transfer_syntax_uid == DeflatedExplicitVRLittleEndian:
        deflated = imagecodecs.deflate_encode(b"".join(_dataset(recipe, index)), raw=True)
        yield bytes(deflated) + bytes(len(deflated) % 2)
    else:
        yield from _dataset(recipe, index)


def describe(recipe: Recipe, index: int, file: BinaryIO) -> Instance:
    """The manifest's line for instance ``index``, whose file is read from its beginning."""
    at = place(recipe, index)
    head = file.read(PREFIX_BYTES)
    file.seek(0)
    outside = file.read(dataset_offset(head))
    whole, dataset = hashlib.md5(outside, usedforsecurity=False), hashlib.sha256()
    dataset_bytes = 0
    while block := file.read(_READ_BYTES):
        whole.update(block)
        dataset.update(block)
        dataset_bytes += len(block)
    return Instance(
        patient_id=at.patient_id,
        study_instance_uid=at.study_instance_uid,
        sop_instance_uid=at.sop_instance_uid,
        sop_class_uid=recipe.sop_class_uid,
        transfer_syntax_uid=recipe.transfer_syntax_uid,
        file=file_name(index),
        file_bytes=len(outside) + dataset_bytes,
        file_md5=whole.hexdigest(),
        dataset_bytes=dataset_bytes,
        dataset_sha256=dataset.hexdigest(),
    )


def _dataset(recipe: Recipe, index: int) -> Iterator[bytes]:
    """The Data Set; nothing sorts after Pixel Data but filler."""
    yield encoded(recipe, attributes(recipe, index))
    frames = (draw(recipe, index, frame) for frame in range(recipe.frames))
    if recipe.transfer_syntax_uid in NATIVE:
        yield from native(recipe.transfer_syntax_uid, native_bytes(recipe), frames)
    else:
        yield from encapsulated(recipe.transfer_syntax_uid, recipe.bits_stored, frames)


def encoded(recipe: Recipe, dataset: Dataset) -> bytes:
    """Elements as the recipe's transfer syntax has them, before any deflation (PS3.5 7.1, A.1, A.2)."""
    implicit = recipe.transfer_syntax_uid == ImplicitVRLittleEndian
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, implicit
    write_dataset(buffer, dataset)
    return buffer.getvalue()


def native_bytes(recipe: Recipe) -> int:
    """Size of an instance's pixels before any compression."""
    samples = 3 if KINDS[recipe.kind].colour else 1
    sample_bytes = 1 if recipe.bits_stored == 8 else 2
    return recipe.frames * recipe.rows * recipe.columns * samples * sample_bytes


def _group_2(recipe: Recipe, index: int) -> bytes:
    """File Meta Information (PS3.10 7.1)."""
    meta = FileMetaDataset()
    meta.FileMetaInformationGroupLength = 0  # written as what it is
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = UID(recipe.sop_class_uid)
    meta.MediaStorageSOPInstanceUID = UID(place(recipe, index).sop_instance_uid)
    meta.TransferSyntaxUID = UID(recipe.transfer_syntax_uid)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    buffer = DicomBytesIO()
    write_file_meta_info(buffer, meta, enforce_standard=True)
    return buffer.getvalue()
