"""What `lab data import` prints."""

import dataclasses
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli.main import main
from lab.model.importing import Official
from lab.report.importing import import_as_text, printable
from lab.system.home import Home
from tests.unit.inbox import filled, take
from tests.unit.strangers import image_file


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = filled(tmp_path / "in box")
    (folder / "again").write_bytes(image_file("1.2.2"))
    (folder / "evil \x1b[31m").write_text("hello")
    return folder


def lab(inbox: Path, *words: str) -> Result:
    return CliRunner().invoke(
        main, ["--root", str(inbox.parent / "lab"), "data", "import", str(inbox), *words]
    )


def test_people_read_what_was_kept_left_out_and_done(inbox: Path) -> None:
    result = lab(inbox, "--name", "mine")
    assert result.exit_code == 0, result.output
    said = result.stdout
    assert "mine: kept 3 instances of 2 studies, 1 patient" in said
    assert "5 files seen in" in said
    assert "CT Image Storage" in said
    assert "skipped 1: not DICOM: evil ?[31m" in said
    assert "1 duplicate " in said
    assert "the largest Data Set is kept" in said
    assert "image2 (kept again)" in said
    assert "Pixel data was not looked at" in said
    assert "\x1b" not in said


def test_programs_read_everything(inbox: Path) -> None:
    document = json.loads(lab(inbox, "--name", "mine", "--keep-identity", "-o", "json").stdout)
    left_out = sum(map(len, document["skipped"].values())) + len(document["duplicates"] + document["clashes"])
    assert document["files_seen"] == document["instances"] + left_out == 5
    assert (document["identity_kept"], document["studies"], document["patients"]) == (True, 2, 1)
    assert document["duplicates"][0]["file"] == "image2"
    assert sum(kind["instances"] for kind in document["kinds"]) == 3
    assert document["official"] is None


def test_a_name_is_needed_and_a_taken_one_refused(inbox: Path) -> None:
    assert lab(inbox).exit_code == 2
    assert lab(inbox, "--name", "mine").exit_code == 0
    again = lab(inbox, "--name", "mine")
    assert (again.exit_code, "--replace" in again.stderr) == (2, True)
    assert lab(inbox, "--name", "mine", "--replace").exit_code == 0


@pytest.mark.parametrize(
    ("instances", "told"),
    [
        (1300, "this is the official ANS performance study: 1300 instances"),
        (1299, "1299 instances (1300 expected)"),
    ],
)
def test_the_official_study_is_told(inbox: Path, instances: int, told: str) -> None:
    summary = take(Home(inbox.parent / "lab", "p"), inbox, keep_identity=True)
    official = Official(
        study_instance_uid="1.2.250.1.213.4.5.2.1.199",
        instances=instances,
        instances_expected=1300,
        speedtest_bytes=209_577_218,
        speedtest_bytes_expected=209_577_218,
    )
    assert told in import_as_text(dataclasses.replace(summary, official=official))


def test_a_terminal_gets_nothing_to_obey() -> None:
    assert printable("a\x1b[2J\u202eb\udcffc") == "a?[2J?b?c"
