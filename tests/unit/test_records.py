"""Records on disk: written, and read in every version there has been."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.errors import UsageProblem
from lab.model.record import SCHEMA_VERSION, Record, Run
from lab.model.store_record import StoreRecord, StoreRun
from lab.statistics.results import results_of
from lab.system import records
from lab.system.laid_out import laid_out
from lab.system.outlines import whole
from tests.unit.records import record, run

OLD = Path(__file__).parent / "records_of_old"
MOVES = [f"move-{version}" for version in range(1, SCHEMA_VERSION + 1)]
STORES = ["store-1", "store-5"]


def one(name: str) -> Record | StoreRecord:
    (found,) = records.load(OLD / f"{name}.json")
    return found


def moved(name: str) -> Run:
    found = one(name).runs[0]
    assert isinstance(found, Run)
    return found


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    records.save(record(), tmp_path / "one.json")
    assert records.load(tmp_path) == [record()]


@pytest.mark.parametrize("name", [*MOVES, *STORES, "speedtest-4"])
def test_a_record_of_every_version_is_read_and_grouped(name: str) -> None:
    found = one(name)
    assert isinstance(found, StoreRecord if name in STORES else Record)
    assert found.schema_version == int(name[-1])
    assert found.runs
    assert sum(len(result.runs) for result in results_of([found])) == len(found.runs)


@pytest.mark.parametrize("name", [*MOVES, *STORES])
def test_an_old_record_that_is_saved_again_says_the_same(name: str, tmp_path: Path) -> None:
    records.save(one(name), tmp_path / "again.json")
    assert records.load(tmp_path) == [one(name)]


@pytest.mark.parametrize("name", [*MOVES[:4], STORES[0]])
def test_what_was_not_known_before_the_present_version_is_null_or_empty(name: str) -> None:
    found = one(name)
    assert (found.case, found.plan, found.failure, found.prediction) == (None, None, None, None)
    assert (found.environment.programs, found.environment.limits) == ({}, {})
    for old in found.runs:
        assert (old.path, old.efficiency, old.cache, old.condition) == (None, None, None, None)
        assert (old.round, old.turn) == (0, 0)


def test_version_1_of_a_move_knew_neither_the_link_nor_when_an_image_began() -> None:
    old = moved("move-1")
    assert (old.level, old.requests, old.ack, old.tls) == ("STUDY", 1, "quick", False)
    assert (old.timeline.begin_s, old.timeline.association, old.connections) == ([], [], [])
    assert old.link.seed == {"pacs": None, "tester": None}
    assert (old.receiver.ceiling_mbit_s, old.receiver.busiest_cpu_s) == (None, old.receiver_cpu_s)


def test_version_2_had_the_receiver_and_version_3_the_link() -> None:
    assert moved("move-2").receiver.ceiling_mbit_s
    assert moved("move-2").link.emulator is None
    assert moved("move-3").link.emulator
    assert moved("move-4").hosts


def test_of_a_pacs_outside_the_lab_nothing_is_made_up() -> None:
    old = moved("speedtest-4")
    assert (old.profile, old.rtt_ms, old.path_mbit_s, old.expected_s) == ("", None, None, None)


def test_version_1_of_a_store_knew_no_link() -> None:
    old = one("store-1").runs[0]
    assert isinstance(old, StoreRun)
    assert (old.link, old.expected_s, old.max_pdu) == (None, None, 0)


def test_a_folder_gives_moves_and_stores_and_passes_over_what_is_neither() -> None:
    assert len(records.load(OLD)) == len(MOVES) + len(STORES) + 1


def test_a_file_that_is_given_twice_is_read_once() -> None:
    assert len(records.load_all([OLD / "move-1.json", OLD, OLD])) == len(records.load(OLD))


def test_a_hidden_file_is_somebody_elses_half_written_one(tmp_path: Path) -> None:
    records.save(record(), tmp_path / "one.json")
    (tmp_path / ".two.json.abc.json").write_text("{")
    assert len(records.load(tmp_path)) == 1


@pytest.mark.parametrize("name", [*MOVES, *STORES, "speedtest-4"])
def test_an_outline_is_the_record_but_for_the_columns_which_come_when_they_are_asked_for(name: str) -> None:
    (outline,) = records.load_outlines([OLD / f"{name}.json"]).values()
    present = name in (MOVES[-1], STORES[-1])
    assert (outline == one(name)) is not present
    assert [whole(found) for found in outline.runs] == one(name).runs
    assert results_of([outline])[0].key == results_of([one(name)])[0].key
    assert records.load_outlines([OLD])


def test_columns_that_are_damaged_are_named_with_their_file_when_they_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "given.json"
    for columns, named in (
        ({"timeline__end_s": "soon"}, "Expected `array`"),
        ({"timeline__begin_s": [0.1]}, "timeline.begin_s has 1 values"),
        ({"timeline__end_s": [1.0, -2.0]}, "timeline.end_s has -2"),
    ):
        file.write_text(wrong_run("move-5", **columns))
        (outline,) = records.load_outlines([file]).values()
        with pytest.raises(UsageProblem, match=named) as caught:
            whole(outline.runs[0])
        assert caught.value.message.startswith(f"{file}: the run of ")
        with pytest.raises(UsageProblem):
            records.load(file)


def damaged(**changes: Any) -> str:
    return json.dumps({**json.loads((OLD / "move-1.json").read_text()), **changes})


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (
            damaged(schema_version=SCHEMA_VERSION + 1),
            "schema version 6; this lab reads 1 to 5",
        ),
        (damaged(schema_version=0), "schema version 0"),
        (damaged(schema_version=True), "schema version True"),
        (damaged(runs=["x"]), "no list of runs"),
        (damaged(runs=7), "no list of runs"),
        (damaged(runs=[{}]), "missing required field `end_s`"),
        (damaged(runs=[{"timeline": 3}]), "runs"),
        (damaged(environment={}), "missing required field `lab_version`"),
        ('{"runs": [', "truncated"),
        ("\x00", "invalid character"),
        ('{"runs": []}', "not a record of a benchmark"),
        ('{"kind": "move", "schema_version": 5, "environment": {}, "runs": []}', "missing required field"),
        ("[]", "not a record"),
        ("3", "not a record"),
        ("{}", "not a record"),
        ("[" * 100_000, "recursion"),
        ((OLD / "self-2.json").read_text(), "not a record of moves or stores"),
        ((OLD / "goals-2.json").read_text(), "not a record of moves or stores"),
    ],
)
def test_what_is_no_record_is_named_with_its_file(content: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "given.json"
    file.write_text(content)
    with pytest.raises(UsageProblem, match=named) as caught:
        records.load(file)
    assert str(file) in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.remedy


def wrong_run(name: str, **changes: Any) -> str:
    """The first run of an old record, with changes to what is in it; "rtt.at_s" is written rtt__at_s."""
    document = json.loads((OLD / f"{name}.json").read_text())
    for key, value in changes.items():
        *parents, last = key.split("__")
        table = document["runs"][0]
        for parent in parents:
            table = table.setdefault(parent, {})
        table[last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("name", "changes", "named", "allowed"),
    [
        ("move-5", {"started": "yesterday"}, "runs[0].started = 'yesterday'", "ISO 8601"),
        ("store-5", {"started": "2026-01-01T12:00:00"}, "runs[0].started", "with its offset"),
        ("move-1", {"duration_s": 0}, "runs[0].duration_s = 0", "above 0"),
        ("store-1", {"duration_s": -1.5}, "runs[0].duration_s = -1.5", "above 0"),
        ("move-5", {"first_image_s": -0.1}, "runs[0].first_image_s = -0.1", "0 and above"),
        ("store-5", {"mbit_s": -1}, "runs[0].mbit_s = -1", "0 and above"),
        (
            "move-5",
            {"timeline__begin_s": [0.1]},
            "runs[0].timeline.begin_s has 1 values",
            "as end_s, or none",
        ),
        ("move-5", {"timeline__dataset_bytes": []}, "runs[0].timeline.dataset_bytes has 0", "as end_s"),
        ("move-5", {"timeline__end_s": [-1.0, 0.25]}, "runs[0].timeline.end_s has -1", "0 to 1e+09"),
        ("move-5", {"timeline__begin_s": [-1e300, 0.2]}, "timeline.begin_s has -1e+300", "to 1e+09"),
        ("store-5", {"duration_s": 1e12}, "runs[0].duration_s = 1e+12", "to 1e+09"),
        ("store-5", {"instances__begin_s": []}, "runs[0].instances.begin_s has 0 values", "as end_s"),
        ("move-4", {"hosts__orthanc__cpu_s": [1.0]}, "hosts.orthanc.cpu_s has 1 values", "2, as at_s"),
        (
            "move-5",
            {"rtt": {"at_s": [0.1, 0.2], "rtt_ms": [3.0], "lost": 0}},
            "runs[0].rtt.rtt_ms has 1 values",
            "2, as at_s",
        ),
    ],
)
def test_what_cannot_be_is_named_with_its_file_and_key(
    name: str, changes: dict[str, Any], named: str, allowed: str, tmp_path: Path
) -> None:
    file = tmp_path / "given.json"
    file.write_text(wrong_run(name, **changes))
    with pytest.raises(UsageProblem) as caught:
        records.load(file)
    assert caught.value.message.startswith(f"{file}: ")
    assert named in caught.value.message
    assert allowed in caught.value.remedy


def test_a_damaged_file_among_others_is_named_too(tmp_path: Path) -> None:
    records.save(record(), tmp_path / "one.json")
    (tmp_path / "two.json").write_text('{"runs": [')
    with pytest.raises(UsageProblem, match=r"two\.json"):
        records.load(tmp_path)


def test_a_folder_without_records_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}")
    (tmp_path / "self.json").write_text((OLD / "self-2.json").read_text())
    with pytest.raises(UsageProblem, match="no records of benchmarks there"):
        records.load(tmp_path)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 7)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
KEYS = st.sampled_from(["kind", "runs", "samples", "goals", "environment", "schema_version", "timeline"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(KEYS, JSON | st.sampled_from(["move", "store", "self"])))
def test_no_json_is_more_than_a_usage_problem(tmp_path: Path, document: dict[str, Any]) -> None:
    file = tmp_path / "any.json"
    file.write_text(json.dumps(document))
    with pytest.raises(UsageProblem):
        records.load(file)


def test_a_record_has_a_line_for_a_column_however_long(tmp_path: Path) -> None:
    short, long = tmp_path / "short.json", tmp_path / "long.json"
    before = record()
    times = [row / 1e3 for row in range(1300)]
    timeline = dataclasses.replace(run().timeline, end_s=times)
    runs = [dataclasses.replace(one, timeline=timeline) for one in before.runs]
    records.save(before, short)
    records.save(dataclasses.replace(before, runs=runs), long)
    lines = long.read_text().splitlines()
    assert len(lines) == len(short.read_text().splitlines())
    assert f'    "end_s": {json.dumps(times, separators=(",", ":"))},' in lines


def test_what_is_written_is_what_json_reads(tmp_path: Path) -> None:
    records.save(record(), tmp_path / "one.json")
    assert json.loads((tmp_path / "one.json").read_text()) == dataclasses.asdict(record())


def test_a_name_that_is_no_utf_8_does_not_keep_a_record_from_being_saved(tmp_path: Path) -> None:
    environment = dataclasses.replace(record().environment, machine="caf\udce9 \u00e9")
    records.save(dataclasses.replace(record(), environment=environment), tmp_path / "one.json")
    assert records.load(tmp_path)[0].environment.machine == "caf? \u00e9"


@given(JSON)
def test_any_json_is_laid_out_without_a_change(value: Any) -> None:
    assert msgspec.json.decode(laid_out(value)) == value
