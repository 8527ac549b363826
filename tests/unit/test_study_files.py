import dataclasses
import json
from pathlib import Path

import pytest

from lab.data.manifest import study_from_json, study_to_json
from lab.errors import DeliveryError, LabError, UsageProblem
from lab.system import studies
from lab.system.home import Home
from tests.unit.quiet import Quiet
from tests.unit.studies import SMALL, small_study


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, "p")


def test_a_manifest_survives_being_written_and_read() -> None:
    study = small_study()
    assert study_from_json(json.loads(json.dumps(study_to_json(study))), "m.json") == study


def test_a_manifest_of_another_version_is_refused_with_its_file() -> None:
    with pytest.raises(UsageProblem, match=r"m\.json: schema version 99"):
        study_from_json({"schema_version": 99}, "m.json")


@pytest.mark.long
def test_a_study_is_made_once_and_kept(home: Home) -> None:
    study = studies.make(home, SMALL, Quiet())
    first = (studies.folder(home, "small") / "00001.dcm").stat().st_mtime_ns
    assert studies.make(home, SMALL, Quiet()) == study
    assert (studies.folder(home, "small") / "00001.dcm").stat().st_mtime_ns == first
    assert study.instances == small_study().instances


@pytest.mark.long
def test_a_study_of_another_recipe_is_made_again(home: Home) -> None:
    studies.make(home, SMALL, Quiet())
    again = studies.make(home, dataclasses.replace(SMALL, instances=2), Quiet())
    assert len(again.instances) == 2
    assert not (studies.folder(home, "small") / "00003.dcm").exists()


@pytest.mark.parametrize("damage", [b"", b"x" * 400])
@pytest.mark.long
def test_a_damaged_file_is_named_and_the_study_made_again(home: Home, damage: bytes) -> None:
    study = studies.make(home, SMALL, Quiet())
    victim = studies.folder(home, "small") / "00002.dcm"
    victim.write_bytes(damage)
    with pytest.raises(DeliveryError, match=r"00002\.dcm"):
        studies.verify(home, study, Quiet())
    studies.verify(home, studies.make(home, SMALL, Quiet()), Quiet())


def test_a_flipped_bit_in_the_data_set_is_found(home: Home) -> None:
    study = studies.make(home, SMALL, Quiet())
    victim = studies.folder(home, "small") / "00002.dcm"
    content = bytearray(victim.read_bytes())
    content[-10] ^= 1
    victim.write_bytes(content)
    with pytest.raises(DeliveryError, match="not the one in the manifest"):
        studies.verify(home, study, Quiet())


def test_a_study_that_was_never_made_names_the_command_that_makes_it(home: Home) -> None:
    with pytest.raises(UsageProblem) as caught:
        studies.load(home, "reference")
    assert caught.value.remedy.startswith("lab data make reference")


def test_a_pinned_study_that_comes_out_otherwise_is_not_made(home: Home) -> None:
    pinned = dataclasses.replace(SMALL, contents_sha256="0" * 64)
    with pytest.raises(LabError, match="its recipe pins 0000"):
        studies.make(home, pinned, Quiet())
    assert studies.made(home) == []
