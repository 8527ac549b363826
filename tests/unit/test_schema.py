"""The published JSON Schema says what the lab writes."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from lab.cli.main import main
from lab.model.plan import PlanPlace
from lab.model.prediction import Help, Prediction
from lab.model.spread import Failure
from lab.report.schema import record_schema
from lab.system import records
from tests.unit.records import record

OLD = Path(__file__).parent / "records_of_old"
PUBLISHED = Path(__file__).parents[2] / "docs/record.schema.json"
SCHEMA = record_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
FIELDS = [
    pytest.param(described, id=f"{name}.{field}")
    for name, part in SCHEMA["$defs"].items()
    for field, described in part["properties"].items()
]


def test_what_is_published_is_what_the_classes_say() -> None:
    assert CliRunner().invoke(main, ["schema"]).stdout == PUBLISHED.read_text(), "make schema writes it anew"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("described", FIELDS)
def test_every_field_is_described(described: dict[str, Any]) -> None:
    text = described["description"]
    assert text
    assert "`" not in text
    assert "as in lab." not in text


def test_a_description_is_of_its_field_and_in_the_words_of_json() -> None:
    run = SCHEMA["$defs"]["Run"]["properties"]
    store = SCHEMA["$defs"]["StoreRun"]["properties"]
    assert run["steady_mbit_s"]["description"] == (
        "the same after the first image; null when there is only one instance."
    )
    assert run["turn"]["description"] == run["round"]["description"]
    assert store["efficiency"]["description"] == run["efficiency"]["description"]
    assert "Attributes" not in SCHEMA["$defs"]["Run"]["description"]


@pytest.mark.parametrize("file", sorted(OLD.glob("[ms][otp]*.json")), ids=lambda file: file.stem)
def test_records_of_every_version_are_valid_once_they_are_read(file: Path, tmp_path: Path) -> None:
    (found,) = records.load(file)
    records.save(found, tmp_path / "again.json")
    VALIDATOR.validate(json.loads((tmp_path / "again.json").read_text()))


def test_a_record_with_everything_in_it_is_valid() -> None:
    full = dataclasses.replace(
        record(),
        plan=PlanPlace(plan="smoke", sha256="0", order="random", seed=1, number=1, of=2),
        failure=Failure(message="lost", remedy="look", exit_code=6),
        prediction=Prediction(
            duration_s=None,
            instances=1,
            round_trip_s=0.1,
            bits_s=0.1,
            server_s=0.1,
            helps=[Help(change="parallel 4", duration_s=0.1)],
        ),
    )
    VALIDATOR.validate(msgspec.to_builtins(full))


@pytest.mark.parametrize(
    "change", [{"kind": "self"}, {"schema_version": 99}, {"runs": None}, {"kind": "store"}, {"plan": "smoke"}]
)
def test_what_is_no_record_is_not_valid(change: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({**msgspec.to_builtins(record()), **change})
