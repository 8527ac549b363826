"""What is received, on its way to nowhere, through a digest, or into a file."""

import hashlib
from pathlib import Path

import pydicom
import pytest

from lab.data.synth import instance
from lab.dicom.acceptor import Sink, Stored
from lab.errors import UsageProblem
from lab.inside.columns import Columns, concatenated, in_order
from lab.inside.sinks import make
from tests.unit.studies import SMALL

FILE, LINE = instance(SMALL, 0)
DATA_SET = FILE[LINE.file_bytes - LINE.dataset_bytes :]


def deliver(sink: Sink, *, uid: str = LINE.sop_instance_uid, cut: int = 1000) -> None:
    sink.open(LINE.sop_class_uid, uid, LINE.transfer_syntax_uid)
    sink.write(memoryview(DATA_SET)[:cut])
    sink.write(memoryview(DATA_SET)[cut:])


def a_sink(kind: str, folder: Path) -> Sink:
    sink = make(kind, str(folder))
    assert sink is not None
    return sink


def test_nothing_is_made_to_discard(tmp_path: Path) -> None:
    assert make("discard", str(tmp_path)) is None


def test_the_digest_is_of_the_data_set_however_it_was_cut(tmp_path: Path) -> None:
    sink = a_sink("digest", tmp_path)
    for cut in (0, 1, 1000, len(DATA_SET)):
        deliver(sink, cut=cut)
        assert sink.close() == LINE.dataset_sha256


def test_a_kept_file_is_a_part_10_file_of_the_same_data_set(tmp_path: Path) -> None:
    sink = a_sink("keep", tmp_path)
    deliver(sink)
    assert sink.close() == LINE.dataset_sha256
    (kept,) = tmp_path.iterdir()
    assert kept.name == f"{LINE.sop_instance_uid}.dcm"
    assert hashlib.sha256(kept.read_bytes()[-LINE.dataset_bytes :]).hexdigest() == LINE.dataset_sha256
    read = pydicom.dcmread(kept)
    assert read.file_meta.TransferSyntaxUID == LINE.transfer_syntax_uid
    assert read.file_meta.MediaStorageSOPInstanceUID == LINE.sop_instance_uid


def test_what_was_not_completed_leaves_no_file(tmp_path: Path) -> None:
    sink = a_sink("keep", tmp_path)
    deliver(sink)
    sink.abandon()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "uid", ["../../evil", "/etc/passwd", "1.2/3", "", "..", "1.", "1" * 65, "a b", "\\xff" * 60]
)
def test_a_peer_cannot_name_a_file_outside_the_folder(tmp_path: Path, uid: str) -> None:
    folder = tmp_path / "kept"
    sink = a_sink("keep", folder)
    deliver(sink, uid=uid)
    sink.close()
    assert [path.parent for path in tmp_path.rglob("*.dcm")] == [folder]


def test_instances_of_different_uids_are_different_files(tmp_path: Path) -> None:
    sink = a_sink("keep", tmp_path)
    for uid in ("1", "1.", ".1", "..", "1.1"):
        deliver(sink, uid=uid)
        sink.close()
    assert len(list(tmp_path.iterdir())) == 5


def test_a_sink_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="there is no sink 'tape'"):
        make("tape", str(tmp_path))


def stored(end_s: float) -> Stored:
    return Stored("1.2.3", f"2.25.{end_s:g}", "1.2.840.10008.1.2", 10, end_s - 1, end_s, "")


def test_rows_of_several_associations_come_in_the_order_in_which_they_were_complete() -> None:
    first, second = Columns(), Columns()
    first.add(stored(1.0), 0.1)
    second.add(stored(2.0), 0.2)
    first.add(stored(3.0), 0.3)
    found = in_order(dict(concatenated([first, second])))
    assert found.end_s == [1.0, 2.0, 3.0]
    assert found.late_s == [0.1, 0.2, 0.3]
    assert found.association == [0, 1, 0]
    assert found.sop_instance_uids == ["2.25.1", "2.25.2", "2.25.3"]


def test_where_one_stamp_is_missing_lateness_is_not_told() -> None:
    columns = Columns()
    columns.add(stored(1.0), 0.1)
    columns.add(stored(2.0), None)
    found = in_order(dict(concatenated([columns])))
    assert (found.late_s, len(found.end_s)) == ([], 2)


def test_nothing_received_is_no_rows() -> None:
    assert in_order(dict(concatenated([]))).end_s == []
