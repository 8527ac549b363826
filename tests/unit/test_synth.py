import hashlib
import io

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import generate_frames
from pydicom.uid import JPEGLSLossless

from lab.data.attributes import LABEL
from lab.data.kinds import KINDS
from lab.data.phantom import draw
from lab.data.pixels import ENCODERS, SYNTAXES
from lab.data.recipe_file import recipe_from_toml
from lab.data.synth import instance, pieces
from lab.model.study import Recipe
from lab.system import recipes
from tests.unit.studies import SMALL

_HTJ2K, _DEFLATED = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.1.99"
PINNED = {
    "ct-thin-slice-2000": "8df383a27ecdc51d7d246c789ede7c511677a6ddcc460c98981c2fb6d9d66121",
    "dx-chest": "32f611184bc51544cbb9b450478ad6e0d3695b0a0327054851e4936495d511e3",
    "mammo-tomo": "6fc788b90c4b6e9b3616298f2b8f6267a7b4f542f75bc19aa0d86ece5d0e0541",
    "many-tiny": "04569098511aff45f35a7094ddad273e6fb7f001e137ecf7d10b5bf6d130f0a2",
    "mr-head": "2dc3ec0562627c8d1ed096f7e5beb1e09f4c7928bd25059231f1ab1defa03060",
    "one-huge": "f466940ff127cca2e966a5b465440c3068c526fae51939331234cc336033eb4c",
    "quick": "86297cade263b20145f356227039d140988b163ecfab326e174cf22c3e2b8742",
    "reference": "191225b0864398a57e2e9002357637a4636aebda14bc3fc8cdd295bd9d6f2c35",
    "us-cine": "2e052289fd40cc02824ab4ebedf99e589a0aaf3bb07c8118a2af6d22b1db4caa",
}


def small(kind: str, syntax: str) -> Recipe:
    """A few small images of a kind in a transfer syntax."""
    keys: dict[str, object] = {"kind": kind, "transfer_syntax_uid": syntax, "instances": 4}
    keys |= {"rows": 70, "columns": 64, "frames": min(KINDS[kind].frames, 1 if syntax == _DEFLATED else 3)}
    if syntax == _HTJ2K and kind != "us":
        keys["bits_stored"] = 16
    return recipe_from_toml("small", keys, "small.toml")


def read(recipe: Recipe, index: int) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(instance(recipe, index)[0]))


def test_the_same_recipe_makes_the_same_bytes_everywhere() -> None:
    """Pinned: whoever changes this changes every study ever made."""
    digests = [instance(SMALL, index)[1].dataset_sha256 for index in range(3)]
    pinned = hashlib.sha256("".join(digests).encode()).hexdigest()
    assert pinned == "9a1f29334eeeeeb5f0e01338dbfc55e67198f4f3499db8ec352c2d89044de962"


@pytest.mark.parametrize("name", PINNED)
@pytest.mark.long
def test_a_recipe_shipped_makes_the_bytes_it_always_made(name: str) -> None:
    """Pinned by the first 2 MB of its second instance."""
    recipe, digest, size = recipes.recipe(name), hashlib.sha256(), 0
    for piece in pieces(recipe, min(1, recipe.instances - 1)):
        digest.update(piece)
        size += len(piece)
        if size > 2_000_000:
            break
    assert digest.hexdigest() == PINNED[name]


def test_every_recipe_shipped_is_pinned() -> None:
    assert {recipe.name for recipe in recipes.recipes()} == set(PINNED)


def test_an_instance_says_in_every_field_a_person_reads_that_it_is_synthetic() -> None:
    ds = read(SMALL, 1)
    assert str(ds.PatientName).startswith("SYNTHETIC")
    assert LABEL == ds.StudyDescription == ds.SeriesDescription == ds.ImageComments


def test_the_manifest_has_the_digest_of_the_whole_file() -> None:
    content, line = instance(SMALL, 0)
    assert line.file_md5 == hashlib.md5(content).hexdigest()
    assert (line.file_bytes, line.patient_id) == (len(content), SMALL.patient_id)
    assert line.study_instance_uid == SMALL.study_instance_uid


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.long
def test_an_instance_decodes_to_what_was_drawn(kind: str, syntax: str) -> None:
    recipe = small(kind, str(syntax))
    ds = read(recipe, 2)
    assert ds.file_meta.TransferSyntaxUID == syntax
    drawn = np.stack([draw(recipe, 2, frame) for frame in range(recipe.frames)])
    assert (_decoded(ds, recipe.frames).reshape(drawn.shape) == drawn).all()


def _decoded(ds: pydicom.Dataset, frames: int) -> np.ndarray:
    """By pydicom where it can without plug-ins, else by imagecodecs."""
    decoders = {
        "1.2.840.10008.1.2.4.70": imagecodecs.jpegsof3_decode,
        "1.2.840.10008.1.2.4.80": imagecodecs.jpegls_decode,
        "1.2.840.10008.1.2.4.90": imagecodecs.jpeg2k_decode,
        _HTJ2K: imagecodecs.htj2k_decode,
    }
    decode = decoders.get(ds.file_meta.TransferSyntaxUID)
    if decode is None:
        return ds.pixel_array
    return np.stack([decode(frame) for frame in generate_frames(ds.PixelData, number_of_frames=frames)])


@pytest.mark.parametrize("syntax", ENCODERS)
def test_a_codestream_has_the_depth_the_data_set_says(syntax: str) -> None:
    """In SOF (T.81 B.2.2, T.87 C.2.2) or SIZ (T.800 A.5.1); RLE has whole bytes."""
    recipe = small("ct", str(syntax))
    stream = next(generate_frames(read(recipe, 0).PixelData, number_of_frames=1))
    for marker, at in ((b"\xff\xc3", 4), (b"\xff\xf7", 4), (b"\xff\x51", 40)):
        if marker in stream[:64]:
            depth = stream[stream.index(marker) + at]
            assert depth + (marker == b"\xff\x51") == recipe.bits_stored


def test_jpeg_lossless_is_selection_value_1_and_no_jfif() -> None:
    stream = next(
        generate_frames(read(small("ct", "1.2.840.10008.1.2.4.70"), 0).PixelData, number_of_frames=1)
    )
    scan = stream.index(b"\xff\xda")
    assert stream[scan + 7] == 1  # Ss: the predictor (T.81 B.2.3)
    assert b"JFIF" not in stream


def test_slices_differ_and_are_numbered_along_the_body() -> None:
    first, second = read(SMALL, 0), read(SMALL, 1)
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert (first.InstanceNumber, second.InstanceNumber) == (1, 2)
    assert first.ImagePositionPatient[2] > second.ImagePositionPatient[2]
    assert (draw(SMALL, 0) != draw(SMALL, 1)).any()


def test_patients_studies_and_series_have_identifiers_of_their_own() -> None:
    keys = {"instances": 16, "patients": 2, "studies": 2, "series": 2, "rows": 32, "columns": 32}
    recipe = recipe_from_toml("many", keys, "many.toml")
    made = [read(recipe, index) for index in range(16)]
    assert (made[0].PatientID, made[0].StudyInstanceUID) == (recipe.patient_id, recipe.study_instance_uid)
    assert len({ds.PatientID for ds in made}) == 2
    assert len({(ds.PatientID, ds.StudyInstanceUID) for ds in made}) == 4
    assert len({ds.SeriesInstanceUID for ds in made}) == 8
    assert [ds.InstanceNumber for ds in made] == [1, 2] * 8


def test_the_reference_is_the_examination_that_everybody_asks_for() -> None:
    reference = recipes.recipe("reference")
    assert reference.study_instance_uid == "1.2.250.1.213.4.5.2.1.199"
    assert (reference.patient_id, reference.instances, reference.modality) == ("199", 1300, "CT")
    assert reference.transfer_syntax_uid == JPEGLSLossless
    assert reference.speedtest_bytes == 209_577_218


def test_no_other_recipe_uses_the_references_patient() -> None:
    """Asked at PATIENT level, Orthanc sends every study of PatientID 199."""
    assert [recipe.name for recipe in recipes.recipes() if recipe.patient_id == "199"] == ["reference"]
