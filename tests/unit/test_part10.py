import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.data.part10 import PREFIX_BYTES, dataset_offset
from lab.data.synth import instance
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
