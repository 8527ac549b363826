"""Objects of many frames with functional groups: Enhanced CT and Breast Tomosynthesis (PS3.3 A.38, A.55)."""

from pydicom.dataset import Dataset

from lab.data.iods.codes import code, item
from lab.data.iods.slices import BODY_UM, FIELD_UM, mm, spacing
from lab.data.place import Place
from lab.model.study import Recipe

_BREAST_UM = 50_000
_DETECTOR_UM = 240_000
_VIEWS = (("399162004", "cranio-caudal"), ("399368009", "medio-lateral oblique"))
_MOMENT = "20240101120000"


def enhanced_ct(ds: Dataset, recipe: Recipe, place: Place) -> None:
    """Enhanced CT Image and Multi-frame Functional Groups modules (PS3.3 C.8.15.2, C.7.6.16)."""
    ds.ImageType = ["DERIVED", "PRIMARY", "VOLUME", "NONE"]
    ds.AcquisitionNumber = 1
    ds.MultienergyCTAcquisition = "NO"
    ds.AcquisitionDateTime = _MOMENT
    ds.AcquisitionDuration = 1.0
    _volume(ds, place)
    _pixel_meaning(ds)
    apart_um = BODY_UM // recipe.frames
    shared = _shared(recipe, apart_um, FIELD_UM, code("51185008", "SCT", "Chest"), "U")
    shared.CTImageFrameTypeSequence = [_frame_type(ds)]
    shared.PixelValueTransformationSequence = [
        item(RescaleIntercept="-1024", RescaleSlope="1", RescaleType="HU")
    ]
    shared.FrameVOILUTSequence = [item(WindowCenter="40", WindowWidth="400")]
    shared.IrradiationEventIdentificationSequence = [item(IrradiationEventUID=place.series_instance_uid)]
    _frames(ds, recipe, shared, apart_um)


def breast_tomosynthesis(ds: Dataset, recipe: Recipe, place: Place) -> None:
    """Breast Tomosynthesis Image module and those it needs (PS3.3 A.55.3)."""
    side = "LR"[place.number % 2]
    view, meaning = _VIEWS[place.number // 2 % 2]
    ds.ImageType = ["DERIVED", "PRIMARY", "TOMOSYNTHESIS", "NONE"]
    ds.ViewCodeSequence = [code(view, "SCT", meaning)]
    ds.ViewCodeSequence[0].ViewModifierCodeSequence = []
    ds.BreastImplantPresent = "NO"
    _volume(ds, place)
    _pixel_meaning(ds)
    apart_um = _BREAST_UM // recipe.frames
    shared = _shared(recipe, apart_um, _DETECTOR_UM, code("76752008", "SCT", "Breast"), side)
    shared.PixelValueTransformationSequence = [item(RescaleIntercept="0", RescaleSlope="1", RescaleType="US")]
    middle, width = str(1 << recipe.bits_stored - 1), str(1 << recipe.bits_stored)
    shared.FrameVOILUTSequence = [item(WindowCenter=middle, WindowWidth=width)]
    _frames(ds, recipe, shared, apart_um)
    for frame in ds.PerFrameFunctionalGroupsSequence:  # which may not be shared (PS3.3 A.55.3)
        frame.XRay3DFrameTypeSequence = [_frame_type(ds)]


def _volume(ds: Dataset, place: Place) -> None:
    """Frame of Reference, Acquisition Context and Dimension modules (PS3.3 C.7.4.1, C.7.6.14, C.7.6.17)."""
    ds.PatientPosition = "HFS"
    ds.FrameOfReferenceUID = place.frame_of_reference_uid
    ds.PositionReferenceIndicator = ""
    ds.AcquisitionContextSequence = []
    ds.DimensionOrganizationSequence = [item(DimensionOrganizationUID=place.frame_of_reference_uid)]
    ds.DimensionIndexSequence = [
        item(
            DimensionOrganizationUID=place.frame_of_reference_uid,
            DimensionIndexPointer=0x00209057,  # In-Stack Position Number
            FunctionalGroupPointer=0x00209111,  # Frame Content Sequence
        )
    ]


def _pixel_meaning(ds: Dataset) -> None:
    """Common CT/MR and Photometric Description attributes (PS3.3 C.8.16.2)."""
    ds.PixelPresentation = "MONOCHROME"
    ds.VolumetricProperties = "VOLUME"
    ds.VolumeBasedCalculationTechnique = "NONE"
    ds.PresentationLUTShape = "IDENTITY"
    ds.LossyImageCompression = "00"
    ds.ContentQualification = "RESEARCH"


def _frame_type(ds: Dataset) -> Dataset:
    return item(
        FrameType=list(ds.ImageType),
        PixelPresentation=ds.PixelPresentation,
        VolumetricProperties=ds.VolumetricProperties,
        VolumeBasedCalculationTechnique=ds.VolumeBasedCalculationTechnique,
    )


def _shared(recipe: Recipe, apart_um: int, field_um: int, region: Dataset, side: str) -> Dataset:
    """What is the same in all frames (PS3.3 C.7.6.16.2)."""
    return item(
        PixelMeasuresSequence=[
            item(
                SliceThickness=mm(apart_um),
                SpacingBetweenSlices=mm(apart_um),
                PixelSpacing=spacing(recipe, field_um),
            )
        ],
        PlaneOrientationSequence=[item(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])],
        FrameAnatomySequence=[item(AnatomicRegionSequence=[region], FrameLaterality=side)],
    )


def _frames(ds: Dataset, recipe: Recipe, shared: Dataset, apart_um: int) -> None:
    """Every frame's own place in the stack."""
    ds.NumberOfFrames = recipe.frames
    ds.SharedFunctionalGroupsSequence = [shared]
    ds.PerFrameFunctionalGroupsSequence = [_frame(number, apart_um) for number in range(recipe.frames)]


def _frame(number: int, apart_um: int) -> Dataset:
    corner = mm(-FIELD_UM // 2)
    return item(
        FrameContentSequence=[
            item(
                FrameAcquisitionDateTime=_MOMENT,
                FrameReferenceDateTime=_MOMENT,
                FrameAcquisitionDuration=1.0,
                StackID="1",
                InStackPositionNumber=number + 1,
                DimensionIndexValues=number + 1,
            )
        ],
        PlanePositionSequence=[item(ImagePositionPatient=[corner, corner, mm(-number * apart_um)])],
    )
