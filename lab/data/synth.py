"""One instance of a synthetic study, as the bytes of a DICOM file (PS3.10)."""

import hashlib
import io
import uuid

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian

from lab.data.part10 import dataset_offset
from lab.data.phantom import draw
from lab.model.study import Instance, Recipe

LABEL = "SYNTHETIC - NOT A PATIENT"
_SLICE_MM = "1.0"
IMPLEMENTATION_CLASS_UID = "2.25.302614874402921087417411530143216098163"


def instance(recipe: Recipe, index: int) -> tuple[bytes, Instance]:
    """Instance ``index`` (0-based) of a recipe: the file's bytes and its line in the manifest."""
    dataset = _dataset(recipe, index)
    _encode_pixels(dataset, recipe, index)
    content = io.BytesIO()
    dcmwrite(content, dataset, enforce_file_format=True)
    return content.getvalue(), describe(content.getvalue(), f"{index + 1:05d}.dcm", dataset)


def describe(content: bytes, file: str, dataset: Dataset) -> Instance:
    """The manifest's line for a file."""
    dataset_at = dataset_offset(content)
    return Instance(
        patient_id=str(dataset.PatientID),
        study_instance_uid=str(dataset.StudyInstanceUID),
        sop_instance_uid=str(dataset.SOPInstanceUID),
        sop_class_uid=str(dataset.SOPClassUID),
        transfer_syntax_uid=str(dataset.file_meta.TransferSyntaxUID),
        file=file,
        file_bytes=len(content),
        file_md5=hashlib.md5(content, usedforsecurity=False).hexdigest(),
        dataset_bytes=len(content) - dataset_at,
        dataset_sha256=hashlib.sha256(memoryview(content)[dataset_at:]).hexdigest(),
    )


def _dataset(recipe: Recipe, index: int) -> Dataset:
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.ImageType = ["DERIVED", "SECONDARY", "AXIAL"]
    ds.SOPClassUID = recipe.sop_class_uid
    ds.SOPInstanceUID = _uid(recipe, f"instance {index + 1}")
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = "20240101"
    ds.StudyTime = ds.SeriesTime = ds.ContentTime = "120000"
    ds.AccessionNumber = ""
    ds.Modality = recipe.modality
    ds.Manufacturer = "DICOM lab"
    ds.ReferringPhysicianName = ""
    ds.StudyDescription = LABEL
    ds.SeriesDescription = LABEL
    ds.PatientName = "SYNTHETIC^" + recipe.name.upper()
    ds.PatientID = recipe.patient_id
    ds.PatientBirthDate = ""
    ds.PatientSex = ""
    ds.SliceThickness = _SLICE_MM
    ds.KVP = ""
    ds.PatientPosition = "HFS"
    ds.StudyInstanceUID = recipe.study_instance_uid
    ds.SeriesInstanceUID = _uid(recipe, "series 1")
    ds.StudyID = "1"
    ds.SeriesNumber = 1
    ds.AcquisitionNumber = 1
    ds.InstanceNumber = index + 1
    ds.ImagePositionPatient = ["-180", "-180", str(-index)]
    ds.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    ds.FrameOfReferenceUID = _uid(recipe, "frame of reference")
    ds.PositionReferenceIndicator = ""
    ds.SliceLocation = str(-index)
    ds.ImageComments = LABEL
    _describe_pixels(ds, recipe)
    ds.file_meta = _file_meta(recipe, ds)
    return ds


def _uid(recipe: Recipe, what: str) -> str:
    """A UID of our own for a part of the study, the same on every machine (PS3.5 B.2, RFC 9562 5.5)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'{recipe.study_instance_uid} {recipe.name} {what}').int}"


def _describe_pixels(ds: Dataset, recipe: Recipe) -> None:
    """Image Pixel and CT Image modules (PS3.3 C.7.6.3, C.8.2.1)."""
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows = recipe.rows
    ds.Columns = recipe.columns
    ds.PixelSpacing = ["0.703125", "0.703125"]
    ds.BitsAllocated = 16
    ds.BitsStored = recipe.bits_stored
    ds.HighBit = recipe.bits_stored - 1
    ds.PixelRepresentation = 0
    ds.WindowCenter = "40"
    ds.WindowWidth = "400"
    ds.RescaleIntercept = "-1024"
    ds.RescaleSlope = "1"
    ds.RescaleType = "HU"


def _file_meta(recipe: Recipe, ds: Dataset) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(ds.SOPClassUID)
    meta.MediaStorageSOPInstanceUID = UID(ds.SOPInstanceUID)
    meta.TransferSyntaxUID = UID(recipe.transfer_syntax_uid)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = "DICOMLAB"
    return meta


def _encode_pixels(ds: Dataset, recipe: Recipe, index: int) -> None:
    """Native for the plain syntax, encapsulated by pydicom's encoder for the others (PS3.5 A.4)."""
    pixels = draw(recipe, index)
    if recipe.transfer_syntax_uid == ExplicitVRLittleEndian:
        ds.PixelData = pixels.tobytes()
        ds["PixelData"].VR = "OW"
        return
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.compress(UID(recipe.transfer_syntax_uid), pixels, encapsulate_ext=False, generate_instance_uid=False)
