"""Radiographs, CR and DX, and ultrasound loops (PS3.3 A.2, A.26, A.7)."""

from pydicom.dataset import Dataset

from lab.data.iods.codes import code
from lab.data.iods.slices import spacing
from lab.data.place import Place
from lab.model.study import Recipe

_CHEST_UM = 350_000  # width of the detector, micrometres
_FRAME_MS = "25"


def cr(ds: Dataset, recipe: Recipe, _place: Place) -> None:
    """CR Series and CR Image modules (PS3.3 C.8.1.1, C.8.1.2)."""
    ds.ImageType = ["DERIVED", "SECONDARY"]
    ds.BodyPartExamined = "CHEST"
    ds.ViewPosition = "PA"
    ds.PatientOrientation = ["L", "F"]
    ds.ImagerPixelSpacing = spacing(recipe, _CHEST_UM)
    _whole_range(ds, recipe)


def dx(ds: Dataset, recipe: Recipe, _place: Place) -> None:
    """DX Series, Anatomy Imaged, Image, Detector and Positioning modules (PS3.3 C.8.11.1 to C.8.11.5)."""
    ds.ImageType = ["DERIVED", "PRIMARY", ""]
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.BodyPartExamined = "CHEST"
    ds.AnatomicRegionSequence = [code("51185008", "SCT", "Chest")]
    ds.ImageLaterality = "U"
    ds.PatientOrientation = ["L", "F"]
    ds.ViewPosition = "PA"
    ds.ViewCodeSequence = [code("272479007", "SCT", "postero-anterior")]
    ds.DetectorType = "DIRECT"
    ds.ImagerPixelSpacing = spacing(recipe, _CHEST_UM)
    ds.PositionerType = "NONE"
    ds.AcquisitionContextSequence = []
    ds.DerivationDescription = "Drawn by a program"
    _whole_range(ds, recipe)

    # what a display makes of the values: they are P-Values as they stand (PS3.3 C.8.11.3)
    ds.PixelIntensityRelationship = "LIN"
    ds.PixelIntensityRelationshipSign = -1
    ds.RescaleIntercept = "0"
    ds.RescaleSlope = "1"
    ds.RescaleType = "US"
    ds.PresentationLUTShape = "IDENTITY"
    ds.LossyImageCompression = "00"


def us(ds: Dataset, recipe: Recipe, _place: Place) -> None:
    """US Image, Cine and Multi-frame modules (PS3.3 C.8.5.6, C.7.6.5, C.7.6.6)."""
    ds.ImageType = ["DERIVED", "PRIMARY", "TTE", "0011"]
    ds.BodyPartExamined = "HEART"
    ds.PatientOrientation = ""
    ds.LossyImageCompression = "00"
    ds.NumberOfFrames = recipe.frames
    ds.FrameIncrementPointer = 0x00181063
    ds.FrameTime = _FRAME_MS
    ds.StageName = ds.ViewName = ""
    ds.NumberOfStages = ds.NumberOfViewsInStage = 1
    ds.UltrasoundColorDataPresent = 1


def _whole_range(ds: Dataset, recipe: Recipe) -> None:
    ds.WindowCenter = str(1 << recipe.bits_stored - 1)
    ds.WindowWidth = str(1 << recipe.bits_stored)
