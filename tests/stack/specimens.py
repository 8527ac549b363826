"""One small instance per transfer syntax that DCMTK's storescu can propose, and a multi-frame one.

No codec is needed: a receiver never looks into the pixel data, so an encapsulated one may hold anything.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from lab.data.part10 import PREFIX_BYTES, dataset_offset

PROPOSED_BY = {
    "-xe": ExplicitVRLittleEndian,
    "-xb": ExplicitVRBigEndian,
    "-xi": ImplicitVRLittleEndian,
    "-xd": DeflatedExplicitVRLittleEndian,
    "-xr": "1.2.840.10008.1.2.5",
    "-xy": "1.2.840.10008.1.2.4.50",
    "-xx": "1.2.840.10008.1.2.4.51",
    "-xs": "1.2.840.10008.1.2.4.70",
    "-xt": "1.2.840.10008.1.2.4.80",
    "-xu": "1.2.840.10008.1.2.4.81",
    "-xv": "1.2.840.10008.1.2.4.90",
    "-xw": "1.2.840.10008.1.2.4.91",
    "-xm": "1.2.840.10008.1.2.4.100",
    "-xh": "1.2.840.10008.1.2.4.101",
    "-xn": "1.2.840.10008.1.2.4.102",
    "-xl": "1.2.840.10008.1.2.4.103",
    "-x2": "1.2.840.10008.1.2.4.104",
    "-x3": "1.2.840.10008.1.2.4.105",
    "-xo": "1.2.840.10008.1.2.4.106",
    "-x4": "1.2.840.10008.1.2.4.107",
    "-x5": "1.2.840.10008.1.2.4.108",
}
PLAIN = (
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
)
_CT = "1.2.840.10008.5.1.4.1.1.2"
_US_MULTI_FRAME = "1.2.840.10008.5.1.4.1.1.3.1"
_ROWS = 64


@dataclass(frozen=True)
class Specimen:
    """One file, and what is to arrive of it."""

    file: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    dataset_sha256: str


def make_all(folder: Path) -> dict[str, Specimen]:
    """By storescu's option; "multi-frame" is 10 frames of RLE."""
    folder.mkdir(parents=True)
    made = {
        option: _write(folder, f"{number}.dcm", f"2.25.4711.{number}", str(uid), frames=1)
        for number, (option, uid) in enumerate(PROPOSED_BY.items(), 1)
    }
    made["multi-frame"] = _write(folder, "frames.dcm", "2.25.4711.99", PROPOSED_BY["-xr"], frames=10)
    return made


def _write(folder: Path, name: str, uid: str, transfer_syntax_uid: str, *, frames: int) -> Specimen:
    instance = _instance(uid, transfer_syntax_uid, frames)
    path = folder / name
    pydicom.dcmwrite(path, instance, enforce_file_format=True)
    content = path.read_bytes()
    data_set = content[dataset_offset(content[:PREFIX_BYTES]) :]
    return Specimen(name, uid, transfer_syntax_uid, hashlib.sha256(data_set).hexdigest())


def _instance(uid: str, transfer_syntax_uid: str, frames: int) -> Dataset:
    instance = Dataset()
    instance.file_meta = FileMetaDataset()
    instance.file_meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    instance.SOPClassUID = _US_MULTI_FRAME if frames > 1 else _CT
    instance.SOPInstanceUID = uid
    instance.StudyDate = "20260101"
    instance.Modality = "US" if frames > 1 else "CT"
    instance.PatientName, instance.PatientID = "SYNTHETIC", "INTEROP"
    instance.StudyInstanceUID, instance.SeriesInstanceUID = "2.25.4711", "2.25.4712"
    if frames > 1:
        instance.NumberOfFrames = str(frames)
    instance.SamplesPerPixel, instance.PhotometricInterpretation = 1, "MONOCHROME2"
    instance.Rows = instance.Columns = _ROWS
    instance.BitsAllocated, instance.BitsStored, instance.HighBit, instance.PixelRepresentation = 8, 8, 7, 0
    frame = bytes(range(256)) * (_ROWS * _ROWS // 256)
    plain = transfer_syntax_uid in PLAIN
    instance.PixelData = frame * frames if plain else encapsulate([frame] * frames)
    instance["PixelData"].VR = "OB"
    return instance
