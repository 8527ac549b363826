"""Records in outline, with columns that are long enough to be cut out."""

import dataclasses
import json
from pathlib import Path

import pytest

from lab.errors import UsageProblem
from lab.model.record import Run
from lab.model.store_record import StoreRecord
from lab.system import outlines, records
from lab.system.outlines import MovesOutline, StoresOutline, whole
from tests.unit.many import one_by_one, recorded

INSTANCES = 300
CASES = 12  # the first five are moves, the next ones stores
SAVED = [recorded(result) for result in one_by_one(CASES, 2, INSTANCES)]


@pytest.mark.parametrize("number", range(CASES))
def test_long_columns_come_back_as_they_were(number: int, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    records.save(SAVED[number], file)
    (outline,) = records.load_outlines([file]).values()
    assert isinstance(outline, MovesOutline | StoresOutline)
    assert [whole(run) for run in outline.runs] == SAVED[number].runs


def test_long_columns_are_not_parsed_until_they_are_wanted(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    records.save(SAVED[0], file)
    short, cut = outlines._shortened(file.read_bytes())
    assert len(short) < len(file.read_bytes()) / 4
    for length, begin in cut:
        assert len(json.loads(file.read_bytes()[begin : begin + length])) >= INSTANCES / 3


def test_a_bracket_in_a_name_ends_no_column(tmp_path: Path) -> None:
    stored = next(record for record in SAVED if isinstance(record, StoreRecord))
    uids = [f"{number:060}] and on" for number in range(INSTANCES)]
    columns = dataclasses.replace(stored.runs[0].instances, sop_instance_uids=uids)
    hostile = dataclasses.replace(stored, runs=[dataclasses.replace(stored.runs[0], instances=columns)])
    file = tmp_path / "one.json"
    records.save(hostile, file)
    (outline,) = records.load_outlines([file]).values()
    assert [whole(run) for run in outline.runs] == hostile.runs


def test_a_file_that_changed_meanwhile_is_named(tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    records.save(SAVED[0], file)
    (outline,) = records.load_outlines([file]).values()
    run = outline.runs[0]
    assert isinstance(run, Run)
    for left in ("{}", None):
        file.write_text(left) if left else file.unlink()
        with pytest.raises(UsageProblem, match=r"one\.json: the run of .*"):
            whole(run)
