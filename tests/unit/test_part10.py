import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.data.part10 import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    PREFIX_BYTES,
    dataset_offset,
    layout,
)
from lab.data.synth import instance
from tests.unit.strangers import JPEG_LS, Writer, image, image_file
from tests.unit.strangers import part10 as part10_file
from tests.unit.studies import SMALL


def test_the_data_set_begins_where_group_2_ends() -> None:
    content, line = instance(SMALL, 0)
    offset = dataset_offset(content[:PREFIX_BYTES])
    assert len(content) - offset == line.dataset_bytes
    assert content[offset : offset + 4] == b"\x08\x00\x05\x00"  # (0008,0005), first element of the Data Set


@given(st.binary(max_size=400) | st.binary(max_size=100).map(lambda tail: bytes(128) + b"DICM" + tail))
def test_anything_else_is_refused_and_never_misread(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"DICOM|DICM"):
        dataset_offset(content)


def test_a_data_set_without_preamble_is_refused() -> None:
    content, _ = instance(SMALL, 0)
    with pytest.raises(ValueError, match="DICM"):
        dataset_offset(io.BytesIO(content[132:]).read(PREFIX_BYTES))


@pytest.mark.parametrize("syntax", [EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED, JPEG_LS])
def test_a_files_outside_tells_how_its_inside_is_written(syntax: str) -> None:
    content = image_file(syntax=syntax)
    found = layout(io.BytesIO(content))
    assert (found.regular, found.transfer_syntax_uid) == (True, syntax)
    assert found.dataset_at == dataset_offset(content[:PREFIX_BYTES])
    assert found.encoding == (syntax == IMPLICIT_LITTLE, syntax == EXPLICIT_BIG)


@pytest.mark.parametrize("wrong", [0, 1, 0x7FFFFFFF])
def test_a_group_length_that_lies_is_not_believed(wrong: int) -> None:
    content = image_file()
    found = layout(io.BytesIO(content[:140] + wrong.to_bytes(4, "little") + content[144:]))
    assert (found.regular, found.dataset_at) == (False, dataset_offset(content[:PREFIX_BYTES]))


@pytest.mark.parametrize("begin", [128, 132])
def test_a_preamble_may_be_missing(begin: int) -> None:
    content = image_file()
    found = layout(io.BytesIO(content[132:] if begin == 132 else content))
    assert (found.regular, found.transfer_syntax_uid) == (begin == 128, EXPLICIT_LITTLE)


@pytest.mark.parametrize("declared", [EXPLICIT_LITTLE, EXPLICIT_BIG])
def test_the_data_set_shows_its_syntax_better_than_a_wrong_word_for_it(declared: str) -> None:
    content = part10_file(Writer(IMPLICIT_LITTLE).dataset(image()), declared)
    found = layout(io.BytesIO(content))
    assert (found.regular, found.transfer_syntax_uid) == (False, IMPLICIT_LITTLE)
