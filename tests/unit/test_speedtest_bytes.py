import dataclasses
import io

import pydicom
import pytest
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.presentation import PresentationContextTuple

from lab.data.filler import filler, shares
from lab.data.speedtest import speedtest_bytes
from lab.data.synth import instance
from lab.errors import UsageProblem
from lab.model.study import Instance, Recipe
from tests.unit.studies import SMALL

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"


def received(content: bytes, line: Instance) -> evt.Event:
    """The event pynetdicom raises when the instance arrives."""
    request = C_STORE()
    request.MessageID = 1
    request.AffectedSOPClassUID = UID(line.sop_class_uid)
    request.AffectedSOPInstanceUID = UID(line.sop_instance_uid)
    request.DataSet = io.BytesIO(content[-line.dataset_bytes :])
    context = PresentationContextTuple(1, UID(line.sop_class_uid), UID(line.transfer_syntax_uid))
    return evt.Event(None, evt.EVT_C_STORE, {"request": request, "context": context})  # type: ignore[arg-type]


def counted(event: evt.Event) -> int:
    """As the script counts: what it has received, decoded and written again."""
    ds = event.dataset
    ds.file_meta = event.file_meta
    written = io.BytesIO()
    pydicom.dcmwrite(written, ds, enforce_file_format=False)
    return len(written.getvalue())


def filled(recipe: Recipe, index: int, size: int) -> tuple[bytes, Instance]:
    content, line = instance(recipe, index)
    more = filler(recipe, index, size)
    return content + more, dataclasses.replace(line, dataset_bytes=line.dataset_bytes + len(more))


@pytest.mark.parametrize("syntax", [SMALL.transfer_syntax_uid, IMPLICIT, EXPLICIT])
@pytest.mark.parametrize("size", [0, 2, 70_000])
def test_the_count_is_what_the_script_counts(syntax: str, size: int) -> None:
    recipe = dataclasses.replace(SMALL, transfer_syntax_uid=syntax)
    content, line = filled(recipe, 1, size)
    assert speedtest_bytes([line]) == counted(received(content, line))


@pytest.mark.parametrize("syntax", [SMALL.transfer_syntax_uid, IMPLICIT, EXPLICIT])
@pytest.mark.parametrize("room", [0, 2, 4, 5000])
def test_filler_brings_a_study_to_its_size_exactly(syntax: str, room: int) -> None:
    recipe = dataclasses.replace(SMALL, transfer_syntax_uid=syntax)
    sizes = [instance(recipe, index)[1].dataset_bytes for index in range(3)]
    least = speedtest_bytes(filled(recipe, index, 0)[1] for index in range(3))
    recipe = dataclasses.replace(recipe, speedtest_bytes=least + room)
    given = shares(recipe, sizes)
    assert speedtest_bytes(filled(recipe, index, given[index])[1] for index in range(3)) == least + room
    assert max(given) - min(given) <= 2
    assert not any(share % 2 for share in given)


def test_a_study_that_is_too_large_by_itself_is_refused() -> None:
    sizes = [instance(SMALL, index)[1].dataset_bytes for index in range(3)]
    with pytest.raises(UsageProblem, match="more than its speedtest_bytes"):
        shares(dataclasses.replace(SMALL, speedtest_bytes=2000), sizes)


def test_filler_is_a_private_element_behind_the_pixels() -> None:
    ds = pydicom.dcmread(io.BytesIO(filled(SMALL, 0, 10)[0]))
    assert [str(element.tag) for element in ds][-3:] == ["(7FE0,0010)", "(7FE1,0010)", "(7FE1,1001)"]
    assert len(ds[0x7FE1, 0x1001].value) == 10
