"""From a folder of files to a study that proves."""

import errno
import io
import os
from pathlib import Path

import pytest

from lab.data.copying import copy_deidentified
from lab.data.examine import examine
from lab.data.part10 import EXPLICIT_BIG, IMPLICIT_LITTLE, dataset_offset
from lab.errors import LabError, LockedError, UsageProblem
from lab.model.importing import Seen
from lab.system import cores, studies
from lab.system.home import Home
from lab.system.importing import import_study
from lab.system.lock import exclusive
from tests.unit.inbox import STRANGERS, filled, left, packed, take, uids
from tests.unit.quiet import Quiet
from tests.unit.strangers import Node, Writer, image, image_file


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "lab", "p")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return filled(tmp_path / "in box")


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.long
def test_pydicoms_own_files_are_taken_in_and_every_other_one_is_accounted_for(
    home: Home, *, keep: bool
) -> None:
    summary = take(home, STRANGERS, keep_identity=keep)
    assert {why: len(files) for why, files in summary.reasons.items()} == {
        "not DICOM": 9,
        "a DICOMDIR": 8,
        "no SOP Class UID": 6,
        "no Study Instance UID": 4,
        "cut short": 2,
        "not DICOM (an archive)": 1,
    }
    assert (len(summary.duplicates), len(summary.clashes)) == (1, 27)
    assert (len(summary.study.instances), len(summary.study.keys), summary.patients) == (118, 31, 19)
    assert summary.files_seen == 176
    assert all(line.canonical_sha256 for line in summary.study.instances)


@pytest.mark.long
def test_without_identity_nothing_of_pydicoms_patients_is_left(home: Home) -> None:
    kept = {*uids(take(home, STRANGERS, "kept", keep_identity=True))}
    study = take(home, STRANGERS).study
    assert all(line.patient_id.startswith("ANON-") or not line.patient_id for line in study.instances)
    assert not kept & {line.sop_instance_uid for line in study.instances}
    assert {line.study_instance_uid[:5] for line in study.instances} == {"2.25."}


def test_with_identity_a_regular_file_is_kept_byte_for_byte(home: Home, inbox: Path) -> None:
    take(home, inbox, keep_identity=True)
    contents = {path.read_bytes() for path in inbox.rglob("*") if path.is_file()}
    assert {path.read_bytes() for path in studies.folder(home, "mine").glob("*.dcm")} == contents


@pytest.mark.parametrize("syntax", [IMPLICIT_LITTLE, EXPLICIT_BIG])
def test_a_bare_data_set_gets_an_outside_and_stays_as_it_is(home: Home, tmp_path: Path, syntax: str) -> None:
    bare = Writer(syntax).dataset(image())
    (tmp_path / "bare").write_bytes(bare)
    assert take(home, tmp_path / "bare", keep_identity=True).study.transfer_syntaxes == {syntax: 1}
    written = (studies.folder(home, "mine") / "00001.dcm").read_bytes()
    assert written[dataset_offset(written[:144]) :] == bare


def test_instances_are_in_order_of_study_series_and_number(home: Home, inbox: Path) -> None:
    assert uids(take(home, inbox, keep_identity=True)) == ["1.2.2", "1.2.10", "1.2.3"]


def test_of_files_with_one_uid_the_largest_is_kept_and_the_others_are_named(home: Home, inbox: Path) -> None:
    (inbox / "image1").write_bytes(image_file("1.2.2"))
    (inbox / "large").write_bytes(image_file("1.2.10", Node(0x00204000, "LT", b"more")))
    (inbox / "cut").write_bytes(image_file("1.2.2")[:-3])
    summary = take(home, inbox, keep_identity=True)
    assert [(line.file, line.kept) for line in summary.duplicates] == [("image2", "image1")]
    assert [(line.file, line.kept) for line in summary.clashes] == [("image10", "large")]
    assert summary.reasons == {"cut short": ("cut",)}
    assert summary.files_seen == 6


def test_links_and_pipes_in_a_folder_are_passed_over(home: Home, inbox: Path) -> None:
    (inbox / "link").symlink_to(inbox / "image2")
    (inbox / "loop").symlink_to(inbox)
    os.mkfifo(inbox / "pipe")
    assert take(home, inbox).reasons == {"a link, device or pipe": ("link", "loop", "pipe")}


def test_what_cannot_be_read_is_skipped_with_the_reason(
    home: Home, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(file: io.BufferedReader) -> Seen:
        if Path(file.name).name == "image2":
            raise OSError(errno.EIO, "Input/output error")
        return examine(file)

    monkeypatch.setattr("lab.system.copies.examine", failing)
    assert take(home, inbox).reasons == {"unreadable: Input/output error": ("image2",)}


def test_a_file_that_cannot_be_deidentified_is_skipped_and_the_next_best_taken(
    home: Home, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choking(file: io.BufferedReader, *rest: object) -> None:
        if Path(file.name).name == "image1":
            msg = "it chokes"
            raise RuntimeError(msg)
        copy_deidentified(file, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("lab.system.copies.copy_deidentified", choking)
    (inbox / "image1").write_bytes(image_file("1.2.2"))
    summary = take(home, inbox)
    assert (len(summary.study.instances), summary.reasons) == (3, {"unreadable: it chokes": ("image1",)})
    assert summary.files_seen == 4


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..", "-x", "x" * 101, "a b", "reference"])
def test_a_name_that_cannot_be_is_refused_before_anything_is_read(home: Home, name: str) -> None:
    with pytest.raises(UsageProblem, match="name"):
        import_study(home, "/nowhere", name, Quiet())


def test_a_study_is_replaced_when_told_to_and_only_by_a_whole_one(home: Home, inbox: Path) -> None:
    first = take(home, inbox)
    with pytest.raises(UsageProblem, match="already") as caught:
        take(home, inbox)
    assert "--replace" in caught.value.remedy
    with pytest.raises(UsageProblem, match="no such file"):
        take(home, inbox / "nowhere", replace=True)
    assert studies.load(home, "mine") == first.study
    assert take(home, inbox / "image2", replace=True).files_seen == 1


def test_a_source_without_an_instance_says_what_it_holds(home: Home, tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    with pytest.raises(UsageProblem, match="no file there"):
        take(home, tmp_path / "box")
    (tmp_path / "box/a").write_text("hello")
    with pytest.raises(UsageProblem, match=r"no instance to import \(not DICOM: 1\)"):
        take(home, tmp_path / "box")
    assert left(home) == []


class Impatient(Quiet):
    """The user presses Ctrl-C as soon as anything is done."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def update(self, done: float, total: float | None, note: str) -> None:  # noqa: ARG002
        if self.said[-1].startswith(self._title):
            raise KeyboardInterrupt


@pytest.mark.parametrize("title", ["unpacking", "looking", "copying"])
def test_ctrl_c_leaves_nothing(home: Home, inbox: Path, title: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        import_study(home, str(packed(inbox, "zip")), "mine", Impatient(title))
    assert left(home) == []


def test_a_full_disk_is_told_and_leaves_nothing(
    home: Home, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("lab.system.copies.copy_deidentified", full)
    with pytest.raises(LabError, match="is full"):
        take(home, inbox)
    assert left(home) == []


def test_two_at_once_are_refused(home: Home, inbox: Path) -> None:
    with exclusive(home.studies / ".lock", "the studies"), pytest.raises(LockedError):
        take(home, inbox)


@pytest.mark.long
def test_processes_agree_on_new_names(home: Home, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_ALONE_S", -1.0)
    summary = take(home, inbox)
    first, second, third = summary.study.instances
    assert first.study_instance_uid == second.study_instance_uid != third.study_instance_uid
    assert summary.patients == 1


def test_what_has_the_official_studys_uid_is_held_against_its_figures(home: Home, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(image_file(study="1.2.250.1.213.4.5.2.1.199"))
    official = take(home, tmp_path / "one", keep_identity=True).official
    assert official is not None
    assert (official.instances, official.instances_expected, official.complete) == (1, 1300, False)
    assert official.speedtest_bytes_expected == 209_577_218
    assert take(home, tmp_path / "one", replace=True).official is None
