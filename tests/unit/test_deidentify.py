"""Nothing that was planted may be found again in the bytes of what is written."""

import io
import struct
import zlib
from random import Random

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.data.copying import copy_deidentified
from lab.data.examine import examine
from lab.data.part10 import DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, dataset_offset
from lab.data.pseudonyms import Pseudonyms
from tests.unit.strangers import CT_CLASS, JPEG_LS, Node, Writer, image, image_file, part10

SYNTAXES = [EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED, JPEG_LS]
FAMILY, GIVEN, PATIENT_ID = b"Quackenbush", b"Wilhelmina", b"HOSP-778899"
NAME = FAMILY + b"^" + GIVEN
PSEUDONYMS = Pseudonyms(b"a key for tests")


def planted(number: int) -> bytes:
    return b"SECRET%03d" % number


def code(number: int) -> tuple[Node, ...]:
    return (
        Node(0x00080100, "SH", b"121"),
        Node(0x00080104, "LO", b"of " + FAMILY),
        Node(0x0040A123, "PN", NAME),
        Node(0x0040A160, "UT", planted(number)),
        Node(0x00091001, "LO", planted(number + 1)),
    )


SECRETS = [
    Node(0x00080014, "UI", b"1.2.77.8899.1"),
    Node(0x00080020, "DA", b"19780131"),
    Node(0x00080021, "DA", b"19780131"),
    Node(0x0008002A, "DT", b"19780131101112"),
    Node(0x00080050, "SH", planted(1)),
    Node(0x00080080, "LO", planted(2)),
    Node(0x00080081, "ST", planted(3)),
    Node(0x00080090, "PN", b"Referrer^" + planted(4)),
    Node(0x00081010, "SH", planted(5)),
    Node(0x00081030, "LO", planted(6)),
    Node(0x0008103E, "LO", planted(7)),
    Node(0x00081040, "LO", planted(8)),
    Node(0x00081048, "PN", b"Physician^" + planted(9)),
    Node(0x00081070, "PN", b"Operator^" + planted(10)),
    Node(0x00081090, "LO", b"scanner of " + FAMILY.upper()),  # no attribute of the table
    Node(
        0x00081115,
        "SQ",
        items=((Node(0x0020000E, "UI", b"1.2.77.8899.2"), Node(0x00080022, "DA", b"19780131")),),
    ),
    Node(0x00081190, "UR", b"http://pacs.example/" + planted(11)),
    Node(0x00090010, "LO", b"ACME " + planted(12)),
    Node(0x00091001, "LO", NAME),
    Node(0x00091002, "SQ", items=((Node(0x00100010, "PN", NAME), Node(0x00100020, "LO", PATIENT_ID)),)),
    Node(0x00091003, "UN", b"\1\2" + PATIENT_ID),
    Node(0x00100021, "LO", planted(13)),
    Node(0x00100030, "DA", b"19780131"),
    Node(0x00100033, "LO", planted(14)),
    Node(0x00101000, "LO", planted(15)),
    Node(0x00101001, "PN", b"Maiden^" + planted(16)),
    Node(0x00101002, "SQ", items=((Node(0x00100020, "LO", planted(17)),),)),
    Node(0x00101010, "AS", b"043Y"),
    Node(0x00101040, "LO", planted(18)),
    Node(0x00102154, "SH", planted(19)),
    Node(0x001021B0, "LT", planted(20)),
    Node(0x00104000, "LT", planted(21)),
    Node(0x00109999, "LO", planted(22)),  # unknown, in the patient's group
    Node(0x00181000, "LO", planted(23)),
    Node(0x00181030, "LO", planted(24)),
    Node(0x00200010, "SH", planted(25)),
    Node(0x00204000, "LT", planted(26)),
    Node(0x00280009, "AT", b"\x18\0\x63\x10"),
    Node(0x00321060, "LO", planted(27)),
    Node(0x00400254, "LO", planted(28)),
    Node(0x00400275, "SQ", items=((Node(0x00400007, "LO", planted(29)),),)),
    Node(0x00400400, "LT", planted(30)),
    Node(0x0040A730, "SQ", items=(code(31), (Node(0x0040A730, "SQ", items=(code(33),)),))),
    Node(0x00420011, "OB", b"%PDF " + NAME),
    Node(0x00620020, "UT", planted(35)),
    Node(
        0x00700001, "SQ", items=((Node(0x00700008, "SQ", items=((Node(0x00700006, "ST", planted(36)),),)),),)
    ),
    Node(0x00880140, "UI", b"1.2.77.8899.3"),
    Node(0x04000561, "SQ", items=((Node(0x04000550, "SQ", items=((Node(0x00100010, "PN", NAME),),)),),)),
    Node(0x50000022, "LO", planted(37)),
    Node(0x60003000, "OB", planted(38)),
    Node(0x60004000, "LT", planted(39)),
    Node(0x7FE10010, "LO", planted(40)),
    Node(0x7FE11010, "OB", NAME),
    Node(0xFFFCFFFC, "OB", NAME + planted(41)),
]
WORDS = [
    FAMILY, GIVEN, PATIENT_ID, b"SECRET", b"19780131", b"77.8899", b"Referrer", b"Physician", b"Operator",
    b"Maiden", b"043Y", b"1.2.3.4.5", b"ACME",
]  # fmt: skip


def stranger(syntax: str) -> bytes:
    """A file with a secret in every corner: preamble, File Meta Information, Data Set, behind it."""
    who = [Node(0x00100010, "PN", NAME), Node(0x00100020, "LO", PATIENT_ID)]
    fragments = (b"", b"abcd") if syntax == JPEG_LS else None
    nodes = image("1.2.3.4.5", *SECRETS, *who, study="1.2.3.4.5.6", fragments=fragments)
    content = part10(Writer(syntax).dataset(nodes), syntax, "1.2.3.4.5")
    at = dataset_offset(content[:144])
    told = struct.pack("<HH2sH", 2, 0x16, b"AE", len(planted(42)) + 1) + planted(42) + b" "
    length = struct.pack("<I", at - 144 + len(told))
    return NAME.ljust(128, b"\0") + content[128:140] + length + content[144:at] + told + content[at:]


def deidentified(content: bytes, pseudonyms: Pseudonyms = PSEUDONYMS) -> bytes:
    file, out = io.BytesIO(content), io.BytesIO()
    copy_deidentified(file, examine(file), out, pseudonyms)
    return out.getvalue()


def opened(content: bytes, syntax: str) -> bytes:
    at = dataset_offset(content[:144])
    return content[:at] + zlib.decompress(content[at:], -zlib.MAX_WBITS) if syntax == DEFLATED else content


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_nothing_planted_is_found_again(syntax: str) -> None:
    before = opened(stranger(syntax), syntax).upper()
    after = opened(deidentified(stranger(syntax)), syntax).upper()
    assert [word for word in WORDS if word.upper() not in before] == []
    assert [word for word in WORDS if word.upper() in after] == []


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_is_left_is_a_whole_instance_and_says_what_was_done(syntax: str) -> None:
    out = deidentified(stranger(syntax))
    found = examine(io.BytesIO(out))
    dataset = pydicom.dcmread(io.BytesIO(out))
    assert (found.regular, found.transfer_syntax_uid, found.sop_class_uid) == (True, syntax, CT_CLASS)
    assert (dataset.PatientIdentityRemoved, dataset.DeidentificationMethod[:6]) == ("YES", "PS3.15")
    assert dataset.SOPInstanceUID == dataset.file_meta.MediaStorageSOPInstanceUID
    assert dataset.PatientID == str(dataset.PatientName) == found.patient_id
    assert [element.tag for element in dataset] == sorted(element.tag for element in dataset)
    assert not [element.tag for element in dataset.iterall() if element.tag.is_private]
    assert dataset.Rows == (1024 if syntax == EXPLICIT_BIG else 4)  # the bytes are the same
    assert dataset.InstanceNumber == 7


@pytest.mark.parametrize("syntax", SYNTAXES[:3])
@given(st.integers(0, 2**32))
@pytest.mark.long
def test_nothing_is_found_again_however_it_was_written(syntax: str, seed: int) -> None:
    nodes = image("1.2.3.4.5", *SECRETS, Node(0x00100010, "PN", NAME), study="1.2.3.4.5.6")
    out = deidentified(part10(Writer(syntax, Random(seed)).dataset(nodes), syntax, "1.2.3.4.5"))
    assert [word for word in WORDS if word.upper() in out.upper()] == []


def test_pixels_are_copied_as_they_are() -> None:
    for syntax in (EXPLICIT_LITTLE, JPEG_LS):
        before, after = stranger(syntax), deidentified(stranger(syntax))
        wanted, got = (pydicom.dcmread(io.BytesIO(content)).PixelData for content in (before, after))
        assert wanted == got


def test_a_document_is_replaced_by_as_many_bytes() -> None:
    assert pydicom.dcmread(io.BytesIO(deidentified(stranger(EXPLICIT_LITTLE)))).EncapsulatedDocument == bytes(
        28
    )


def test_the_same_uid_becomes_the_same_and_well_known_ones_stay() -> None:
    reference = Node(
        0x00081140, "SQ", items=((Node(0x00081150, "UI", CT_CLASS.encode()), Node(0x00081155, "UI", b"1.9")),)
    )
    one = pydicom.dcmread(io.BytesIO(deidentified(image_file("1.9"))))
    other = pydicom.dcmread(io.BytesIO(deidentified(image_file("1.10", reference))))
    item = other.ReferencedImageSequence[0]
    assert item.ReferencedSOPInstanceUID == one.SOPInstanceUID != "1.9"
    assert item.ReferencedSOPClassUID == CT_CLASS
    assert one.StudyInstanceUID == other.StudyInstanceUID
    assert (one.PatientID, one.PatientName) == (other.PatientID, other.PatientName)
    assert one.SOPInstanceUID != other.SOPInstanceUID


def test_another_import_gives_other_names() -> None:
    one, other = (deidentified(image_file(), Pseudonyms(key)) for key in (b"one", b"other"))
    assert examine(io.BytesIO(one)).study_instance_uid != examine(io.BytesIO(other)).study_instance_uid
    assert examine(io.BytesIO(one)).patient_id != examine(io.BytesIO(other)).patient_id


def test_the_key_is_never_shown() -> None:
    assert "key" not in repr(Pseudonyms(b"key")).partition("(")[2]


def test_an_empty_patient_id_stays_empty() -> None:
    content = image_file("1.2.3.4", Node(0x00100020, "LO"), Node(0x00100010, "PN"))
    dataset = pydicom.dcmread(io.BytesIO(deidentified(content)))
    assert (dataset.PatientID, str(dataset.PatientName)) == ("", "")


def test_a_short_name_is_removed_as_a_word_and_not_out_of_others() -> None:
    nodes = [
        Node(0x00100010, "PN", b"Lee^Ann"),
        Node(0x00081090, "LO", b"sleek scanner"),
        Node(0x00181020, "LO", b"for LEE"),
    ]
    dataset = pydicom.dcmread(io.BytesIO(deidentified(image_file("1.2.3.4", *nodes))))
    assert (dataset.ManufacturerModelName, dataset.SoftwareVersions) == ("sleek scanner", "")
