import io
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.data.copying import copy_as_is, copy_deidentified
from lab.data.elements import elements
from lab.data.examine import UnfitError, examine
from lab.data.part10 import DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, dataset_offset, layout
from lab.data.pseudonyms import Pseudonyms
from lab.model.importing import Seen
from tests.unit.strangers import CT_CLASS, JPEG_LS, Node, Writer, image, image_file, part10

BEHIND = Node(0x7FE10010, "LO", b"behind the pixels")
PLAIN = [EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG, JPEG_LS]


class Whim:
    """Always says yes: every length undefined that may be."""

    def random(self) -> float:
        return 0.0

    def choice(self, options: list[bytes]) -> bytes:
        return options[0]


def seen(content: bytes) -> Seen:
    return examine(io.BytesIO(content))


def reason(content: bytes) -> str:
    with pytest.raises(UnfitError) as caught:
        seen(content)
    return str(caught.value)


def boundaries(content: bytes) -> dict[int, int]:
    """Where an element of the top level begins, and its tag."""
    outside = layout(io.BytesIO(content))
    source, start = outside.source(io.BytesIO(content))
    return {one.start: one.tag for one in elements(source, start, source.end, outside.encoding)}


@pytest.mark.parametrize("syntax", [*PLAIN, DEFLATED])
def test_an_instance_is_known_by_its_headers(syntax: str) -> None:
    found = seen(image_file("1.2.3.4", syntax=syntax))
    assert (found.sop_instance_uid, found.study_instance_uid) == ("1.2.3.4", "1.2.3")
    assert (found.series_instance_uid, found.instance_number) == ("1.2.3.1", 7)
    assert (found.patient_id, found.sop_class_uid) == ("PAT1", CT_CLASS)
    assert (found.transfer_syntax_uid, found.regular) == (syntax, True)


@pytest.mark.parametrize("syntax", PLAIN)
@given(data=st.data())
def test_every_cut_is_found_but_between_elements_that_nothing_misses(
    syntax: str, data: st.DataObject
) -> None:
    whole = image_file("1.2.3.4", BEHIND, syntax=syntax)
    cut = data.draw(st.integers(dataset_offset(whole[:144]), len(whole) - 1))
    follows = boundaries(whole).get(cut)
    if follows in (BEHIND.tag, 0x00200013, 0x00280010):  # behind the pixels, or before what describes them
        assert seen(whole[:cut]).dataset_stop == cut
    elif follows is not None and follows <= 0x0020000E:
        assert reason(whole[:cut]) in ("cut short", *(f"no {name} UID" for name in NAMES))
    else:
        assert reason(whole[:cut]) == "cut short"


NAMES = ("SOP Class", "SOP Instance", "Study Instance", "Series Instance")


@given(st.data())
def test_every_cut_is_found_when_all_lengths_are_undefined(data: st.DataObject) -> None:
    deep = Node(
        0x0040A730, "SQ", items=((Node(0x0040A730, "SQ", items=((Node(0x0040A160, "UT", b"x"),),)),),)
    )
    writer = Writer(EXPLICIT_LITTLE, Whim())  # type: ignore[arg-type]
    whole = part10(writer.dataset(image("1.2.3.4", deep)))
    at = {tag: start for start, tag in boundaries(whole).items()}
    cut = data.draw(st.integers(at[0x0040A730] + 1, at[0x7FE00010]))
    assert reason(whole[:cut]) == "cut short"
    seen(whole)


@given(st.data())
def test_every_cut_of_a_deflated_data_set_is_found(data: st.DataObject) -> None:
    whole = image_file(syntax=DEFLATED)
    cut = data.draw(st.integers(dataset_offset(whole[:144]), len(whole) - 2))  # the last may be a pad byte
    assert reason(whole[:cut]) == "cut short"


@given(st.integers(132, 400))
def test_a_cut_in_the_file_meta_information_is_found(cut: int) -> None:
    whole = image_file()
    assert reason(whole[: min(cut, dataset_offset(whole[:144]))]) == "cut short"


@pytest.mark.parametrize("syntax", [EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG])
def test_a_data_set_alone_is_read_by_what_it_looks_like(syntax: str) -> None:
    found = seen(Writer(syntax).dataset(image()))
    assert (found.transfer_syntax_uid, found.regular, found.dataset_at) == (syntax, False, 0)


def test_compressed_pixels_without_a_transfer_syntax_are_no_use() -> None:
    content = Writer(EXPLICIT_LITTLE).dataset(image(fragments=(b"", b"ab")))
    assert reason(content) == "unreadable: compressed pixels, and no transfer syntax that says how"


@pytest.mark.parametrize(
    ("tag", "why"),
    [
        (0x00080016, "no SOP Class UID"),
        (0x00080018, "no SOP Instance UID"),
        (0x0020000D, "no Study Instance UID"),
        (0x0020000E, "no Series Instance UID"),
    ],
)
def test_an_instance_without_a_uid_is_skipped_by_name(tag: int, why: str) -> None:
    nodes = image()
    assert reason(part10(Writer().dataset([node for node in nodes if node.tag != tag]))) == why
    emptied = [Node(tag, "UI") if node.tag == tag else node for node in nodes]
    assert reason(part10(Writer().dataset(emptied))) == why


@pytest.mark.parametrize("uid", ["1.2.x", "1..2", ".1", "1." + "2" * 63, "1.2/../3"])
def test_an_invalid_uid_is_told(uid: str) -> None:
    assert reason(image_file(uid)) == "an invalid UID (SOP Instance UID)"


def test_a_directory_is_told_by_its_class_or_its_records() -> None:
    assert reason(image_file().replace(CT_CLASS.encode(), b"1.2.840.10008.1.3.10\0\0\0\0\0")) == "a DICOMDIR"
    assert reason(part10(Writer().dataset([Node(0x00041220, "SQ", items=((),))]))) == "a DICOMDIR"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not DICOM"),
        (b"\x08\x00", "not DICOM"),
        (b"\x08\x00" * 300, "not DICOM"),
        (b"#!/bin/sh\n" * 40, "not DICOM"),
        (b"PK\x03\x04" + bytes(200), "not DICOM (an archive)"),
    ],
)
def test_strangers_are_no_dicom(content: bytes, why: str) -> None:
    assert reason(content) == why


def test_nuls_behind_the_data_set_are_left_behind() -> None:
    whole = image_file()
    assert seen(whole + bytes(513)).dataset_stop == len(whole)
    assert reason(whole + b"\0") == "cut short"


def test_a_value_beyond_its_sequence_is_told_from_a_cut() -> None:
    inner = struct.pack("<HH2sHI", 0x0040, 0xA160, b"UT", 0, 999)
    item = struct.pack("<HHI", 0xFFFE, 0xE000, len(inner)) + inner
    sequence = struct.pack("<HH2sHI", 0x0040, 0xA730, b"SQ", 0, len(item)) + item
    whole = image_file()
    at = {tag: start for start, tag in boundaries(whole).items()}[0x7FE00010]
    assert reason(whole[:at] + sequence + whole[at:]).startswith("unreadable: a value reaches beyond")


def test_endless_nesting_ends() -> None:
    opening = struct.pack("<HH2sHIHHI", 0x0040, 0xA730, b"SQ", 0, 0xFFFFFFFF, 0xFFFE, 0xE000, 0xFFFFFFFF)
    assert reason(image_file() + opening * 20_000).startswith("unreadable: sequences are nested")


SAMPLES = [image_file("1.2.3.4", BEHIND, syntax=syntax) for syntax in (*PLAIN, DEFLATED)]


@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(128, 900), st.integers(0, 255)), max_size=4))
@example(SAMPLES[0], [])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    sample: bytes, damage: list[tuple[int, int]]
) -> None:
    content = bytearray(sample)
    for at, byte in damage:
        content[at % len(content)] = byte
    file, pseudonyms = io.BytesIO(content), Pseudonyms(b"key")
    try:
        found = examine(file)
    except UnfitError:
        return
    copy_as_is(file, found, kept := io.BytesIO())
    assert examine(kept).sop_instance_uid == found.sop_instance_uid
    try:
        copy_deidentified(file, found, out := io.BytesIO(), pseudonyms)
        assert examine(out).study_instance_uid == pseudonyms.uid(found.study_instance_uid.encode()).decode()
    except ValueError:
        pass  # skipped, with the reason
