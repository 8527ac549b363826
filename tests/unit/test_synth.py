import hashlib
import io

import pydicom
from pydicom.uid import JPEGLSLossless

from lab.data.phantom import draw
from lab.data.synth import LABEL, instance
from lab.system import store
from tests.unit.studies import SMALL


def test_the_same_recipe_makes_the_same_bytes_everywhere() -> None:
    """Pinned: whoever changes this changes every study ever made."""
    digests = [instance(SMALL, index)[1].dataset_sha256 for index in range(3)]
    pinned = hashlib.sha256("".join(digests).encode()).hexdigest()
    assert pinned == "d4881c7680694ec54d3cfe9a620d0663c320ccb50a5fe5a5ecbe82d99269c03a"


def test_an_instance_says_in_every_field_a_person_reads_that_it_is_synthetic() -> None:
    ds = pydicom.dcmread(io.BytesIO(instance(SMALL, 1)[0]))
    assert str(ds.PatientName).startswith("SYNTHETIC")
    assert LABEL == ds.StudyDescription == ds.SeriesDescription == ds.ImageComments


def test_an_instance_decodes_to_what_was_drawn() -> None:
    ds = pydicom.dcmread(io.BytesIO(instance(SMALL, 2)[0]))
    assert ds.file_meta.TransferSyntaxUID == JPEGLSLossless
    assert (ds.pixel_array == draw(SMALL, 2)).all()


def test_slices_differ_and_are_numbered_along_the_body() -> None:
    first, second = (pydicom.dcmread(io.BytesIO(instance(SMALL, index)[0])) for index in (0, 1))
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert (first.InstanceNumber, second.InstanceNumber) == (1, 2)
    assert first.ImagePositionPatient[2] > second.ImagePositionPatient[2]
    assert (first.pixel_array != second.pixel_array).any()


def test_pixels_stay_within_the_bits_that_are_stored() -> None:
    assert draw(SMALL, 0).max() < 1 << SMALL.bits_stored


def test_the_reference_is_the_examination_that_everybody_asks_for() -> None:
    reference = store.recipe("reference")
    assert reference.study_instance_uid == "1.2.250.1.213.4.5.2.1.199"
    assert (reference.patient_id, reference.instances, reference.modality) == ("199", 1300, "CT")
    assert reference.transfer_syntax_uid == JPEGLSLossless


def test_no_other_recipe_uses_the_references_patient() -> None:
    """Asked at PATIENT level, Orthanc sends every study of PatientID 199."""
    assert [recipe.name for recipe in store.recipes() if recipe.patient_id == "199"] == ["reference"]
