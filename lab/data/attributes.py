"""What an instance says beside its pixels: the Data Set up to Pixel Data."""

from collections.abc import Callable, Mapping

from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from lab.data.iods import projections, slices, volumes
from lab.data.kinds import KINDS
from lab.data.pixels import photometric_interpretation
from lab.data.place import Place, place
from lab.model.study import Recipe

LABEL = "SYNTHETIC - NOT A PATIENT"
_DAY, _TIME = "20240101", "120000"

_OF_KIND: Mapping[str, Callable[[Dataset, Recipe, Place], None]] = {
    "ct": slices.ct,
    "mr": slices.mr,
    "cr": projections.cr,
    "dx": projections.dx,
    "us": projections.us,
    "enhanced-ct": volumes.enhanced_ct,
    "mammo-tomo": volumes.breast_tomosynthesis,
}


def attributes(recipe: Recipe, index: int) -> Dataset:
    """Everything but Pixel Data of instance ``index`` (0-based)."""
    at = place(recipe, index)
    ds = Dataset()
    _patient(ds, recipe, at)
    _study(ds, at)
    _image(ds, recipe, at)
    _describe_pixels(ds, recipe)
    _OF_KIND[recipe.kind](ds, recipe, at)
    return ds


def _patient(ds: Dataset, recipe: Recipe, at: Place) -> None:
    """Patient module (PS3.3 C.7.1.1)."""
    ds.PatientName = "SYNTHETIC^" + recipe.name.upper()
    ds.PatientID = at.patient_id
    ds.PatientBirthDate = ""
    ds.PatientSex = ""


def _study(ds: Dataset, at: Place) -> None:
    """General Study, Series and Equipment modules (PS3.3 C.7.2.1, C.7.3.1, C.7.5.1)."""
    ds.StudyInstanceUID = at.study_instance_uid
    ds.StudyID = str(at.study + 1)
    ds.StudyDate = ds.SeriesDate = _DAY
    ds.StudyTime = ds.SeriesTime = _TIME
    ds.AccessionNumber = ""
    ds.ReferringPhysicianName = ""
    ds.StudyDescription = ds.SeriesDescription = LABEL
    ds.SeriesInstanceUID = at.series_instance_uid
    ds.SeriesNumber = at.series + 1
    ds.Manufacturer = "DICOM lab"
    ds.ManufacturerModelName = "lab data make"
    ds.DeviceSerialNumber = "1"
    ds.SoftwareVersions = "1"


def _image(ds: Dataset, recipe: Recipe, at: Place) -> None:
    """SOP Common and General Image modules (PS3.3 C.12.1, C.7.6.1)."""
    ds.SpecificCharacterSet = "ISO_IR 100"
    ds.SOPClassUID = recipe.sop_class_uid
    ds.SOPInstanceUID = at.sop_instance_uid
    ds.Modality = recipe.modality
    ds.InstanceNumber = at.number + 1
    ds.ContentDate = _DAY
    ds.ContentTime = _TIME
    ds.ImageComments = LABEL
    ds.BurnedInAnnotation = "NO"  # the word in the image names nobody, which is what this asks (C.7.6.1)


def _describe_pixels(ds: Dataset, recipe: Recipe) -> None:
    """Image Pixel module (PS3.3 C.7.6.3)."""
    colour = KINDS[recipe.kind].colour
    ds.SamplesPerPixel = 3 if colour else 1
    ds.PhotometricInterpretation = photometric_interpretation(recipe.transfer_syntax_uid, colour)
    if colour:  # RLE has plane after plane, all others pixel after pixel (PS3.5 8.2.2)
        ds.PlanarConfiguration = 1 if recipe.transfer_syntax_uid == RLELossless else 0
    ds.Rows = recipe.rows
    ds.Columns = recipe.columns
    ds.BitsAllocated = 8 if recipe.bits_stored == 8 else 16
    ds.BitsStored = recipe.bits_stored
    ds.HighBit = recipe.bits_stored - 1
    ds.PixelRepresentation = 0
