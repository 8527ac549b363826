"""CT and MR slices, one an instance (PS3.3 A.3, A.4)."""

from pydicom.dataset import Dataset

from lab.data.place import Place
from lab.model.study import Recipe

BODY_UM = 600_000  # what the slices of a series cover, micrometres
FIELD_UM = 400_000  # width of the field of view, micrometres
HEAD_UM = 180_000


def ct(ds: Dataset, recipe: Recipe, place: Place) -> None:
    """CT Image module (PS3.3 C.8.2.1); a slice lies below the one before."""
    ds.ImageType = ["DERIVED", "SECONDARY", "AXIAL"]
    ds.BodyPartExamined = "CHESTABDOMEN"
    ds.KVP = "120"
    ds.AcquisitionNumber = 1
    in_space(ds, place, BODY_UM // place.siblings, spacing(recipe, FIELD_UM), -1)
    ds.RescaleIntercept = "-1024"
    ds.RescaleSlope = "1"
    ds.RescaleType = "HU"
    ds.WindowCenter = "40"
    ds.WindowWidth = "400"


def mr(ds: Dataset, recipe: Recipe, place: Place) -> None:
    """MR Image module (PS3.3 C.8.3.1); a slice lies above the one before."""
    ds.ImageType = ["DERIVED", "SECONDARY", "OTHER"]
    ds.BodyPartExamined = "HEAD"
    ds.ScanningSequence = "SE"
    ds.SequenceVariant = "NONE"
    ds.ScanOptions = ""
    ds.MRAcquisitionType = "2D"
    ds.RepetitionTime = "4000"
    ds.EchoTime = "90"
    ds.EchoTrainLength = "1"
    ds.AcquisitionNumber = 1
    in_space(ds, place, HEAD_UM // place.siblings, spacing(recipe, FIELD_UM * 6 // 10), 1)
    ds.WindowCenter = "1200"
    ds.WindowWidth = "2400"


def in_space(ds: Dataset, place: Place, apart_um: int, pixel_um: list[str], direction: int) -> None:
    """Image Plane and Frame of Reference modules (PS3.3 C.7.6.2, C.7.4.1), lengths in mm."""
    ds.PatientPosition = "HFS"
    ds.FrameOfReferenceUID = place.frame_of_reference_uid
    ds.PositionReferenceIndicator = ""
    ds.SliceThickness = mm(apart_um)
    ds.ImagePositionPatient = [
        mm(-FIELD_UM // 2),
        mm(-FIELD_UM // 2),
        mm(direction * place.number * apart_um),
    ]
    ds.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    ds.SliceLocation = mm(direction * place.number * apart_um)
    ds.PixelSpacing = pixel_um


def spacing(recipe: Recipe, field_um: int) -> list[str]:
    """Pixel Spacing of a field of that width with square pixels, mm."""
    return [mm(field_um // recipe.columns)] * 2


def mm(micrometres: int) -> str:
    """A decimal string, exactly: no floating point on its way."""
    sign = "-" if micrometres < 0 else ""
    whole, rest = divmod(abs(micrometres), 1000)
    return f"{sign}{whole}.{rest:03d}"
