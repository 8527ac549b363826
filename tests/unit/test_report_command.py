"""`lab report` as it is typed."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from click.testing import CliRunner, Result

from lab.cli.main import main
from lab.model.plan import PlanPlace
from lab.model.record import Record, Run
from lab.model.spread import Failure
from lab.model.store_record import StoreRecord
from lab.system import experiments, records
from tests.unit.plans import plan
from tests.unit.records import record, run
from tests.unit.test_store import run as store_run

OLD = Path(__file__).parent / "records_of_old"


def lab(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_table_goes_to_stdout_and_doubts_below_it_to_stderr() -> None:
    found = lab("report", OLD / "move-1.json")
    assert found.exit_code == 0
    assert found.stdout.count("wan-20ms") == 1
    assert "doubt: wan-20ms: BBR sends" in found.stderr


def test_several_files_and_folders_are_one_report() -> None:
    found = json.loads(lab("report", OLD / "move-1.json", OLD / "store-5.json", "-o", "json").stdout)
    assert [case["label"] for case in found["cases"]] == [
        "wan-20ms, C-MOVE",
        "baseline, C-STORE",
        "baseline, REST",
    ]


def test_what_is_not_there_or_no_record_is_a_usage_problem(tmp_path: Path) -> None:
    for words in ([tmp_path / "none"], [tmp_path], [OLD / "self-2.json"], []):
        found = lab("report", *words)
        assert (found.exit_code, found.stdout) == (2, "")


def test_junit_is_written_to_its_file(tmp_path: Path) -> None:
    assert lab("report", OLD, "--junit", tmp_path / "junit.xml").exit_code == 0
    assert len(ET.parse(tmp_path / "junit.xml").findall(".//testcase")) == 10


def test_redacted_nothing_is_left_of_a_foreign_pacs_in_any_form(tmp_path: Path) -> None:
    record, copies, xml = OLD / "speedtest-4.json", tmp_path / "copies", tmp_path / "junit.xml"
    found = lab("report", record, "--redact", "--save", copies, "--junit", xml, "-o", "json")
    (copy,) = copies.iterdir()
    for text in (found.output, copy.read_text(), xml.read_text(), copy.name):
        assert not [secret for secret in ("192.0.2.7", "PACS", "2.25.147") if secret in text]
    assert json.loads(found.stdout)["cases"][0]["key"]["pacs"] == "AE-1 at host-1:104"
    assert records.load(copies)[0].runs[0].duration_s == records.load(record)[0].runs[0].duration_s


def test_names_that_the_lab_ships_with_are_no_secret() -> None:
    found = json.loads(lab("report", OLD / "move-1.json", "--redact", "-o", "json").stdout)
    key = found["cases"][0]["key"]
    assert (key["study"], key["profile"], key["pacs"]) == ("quick", "wan-20ms", "Orthanc 1.12.7")


def test_redacted_records_are_not_mixed_with_others(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    found = lab("report", OLD, "--redact", "--save", tmp_path)
    assert found.exit_code == 2
    assert "not empty" in found.stderr
    assert len(list(tmp_path.iterdir())) == 1


def test_records_are_saved_redacted_or_not_at_all(tmp_path: Path) -> None:
    found = lab("report", OLD, "--save", tmp_path / "copies")
    assert found.exit_code == 2
    assert "add --redact" in found.stderr


def gates_file(folder: Path, text: str) -> Path:
    file = folder / "gates.toml"
    file.write_text(text)
    return file


def test_gates_of_a_file_are_held_against_records_of_any_pacs(tmp_path: Path) -> None:
    gates = gates_file(tmp_path, 'gates = ["duration < 1000 s", "throughput.min > 1 gbit"]')
    found = lab("report", OLD / "speedtest-4.json", "--gates", gates, "--junit", tmp_path / "junit.xml")
    assert found.exit_code == 99
    assert found.stderr.splitlines()[0].startswith("FAIL throughput.min > 1 gbit: min")
    assert "pass duration < 1000 s" in found.stderr
    assert len(ET.parse(tmp_path / "junit.xml").findall(".//failure")) == 1


def test_gates_that_hold_are_no_failure(tmp_path: Path) -> None:
    gates = gates_file(tmp_path, '[[gates]]\nrequire = "duration < 1000 s"\nprofile = "wan-20ms"\n')
    assert lab("report", OLD / "move-1.json", "--gates", gates).exit_code == 0


def interrupted(folder: Path, gate: str = "duration < 1000 s", runs: Sequence[Run] = ()) -> Path:
    """A plan of two cases, of which the first was run; both are to be done in no time."""
    wanted = plan(
        f'gates = ["{gate}"]\nmethods = ["c-move", "lab"]\n[repeats]\nat_least = 1\nat_most = 1\n',
        'studies = ["quick"]\nprofiles = ["baseline"]\n',
    )
    experiments.begin(wanted, folder, record().environment, resume=False)
    place = PlanPlace(plan=wanted.name, sha256=wanted.sha256, order=wanted.order, seed=1, number=1, of=2)
    begun = Record(
        environment=record().environment, runs=[*runs] or [run()], case=wanted.cases[0], plan=place
    )
    experiments.save(begun, folder)
    return folder


def test_a_case_that_was_not_begun_passes_no_gate_of_its_plan(tmp_path: Path) -> None:
    folder = interrupted(tmp_path / "p-1")
    found = lab("report", folder, "--junit", tmp_path / "junit.xml")
    assert found.exit_code == 99
    said = "duration < 1000 s: not measured, case 2 of 2 was not begun"
    assert found.stderr.splitlines()[0] == f"NOT MEASURED {said} (baseline, C-STORE)"
    assert "pass duration < 1000 s" in found.stderr
    tests = ET.parse(tmp_path / "junit.xml").findall(".//testcase")
    assert [test.get("name") for test in tests if test.find("failure") is not None] == [
        "baseline, C-STORE: duration < 1000 s"
    ]
    assert len(tests) == 3


def test_a_plan_whose_cases_all_have_records_passes(tmp_path: Path) -> None:
    folder = interrupted(tmp_path / "p-1")
    (begun,) = records.load(folder)
    assert begun.plan
    wanted = experiments.plan_of(folder)
    second = store_run(profile="baseline")
    stored = StoreRecord(
        environment=begun.environment,
        runs=[second],
        case=wanted.cases[1],
        plan=dataclasses.replace(begun.plan, number=2),
    )
    experiments.save(stored, folder)
    assert lab("report", folder).exit_code == 0


def test_a_plans_gates_are_for_the_runs_in_its_own_folder_however_deep(tmp_path: Path) -> None:
    interrupted(tmp_path / "results" / "strict", "duration < 1 s")
    interrupted(tmp_path / "results" / "loose", "duration < 1000 s", [run(profile="wan-20ms", duration_s=9)])
    said = [
        line
        for line in lab("report", tmp_path).stderr.splitlines()
        if "(wan-20ms" in line or "(baseline" in line
    ]
    assert {line.split(":")[0] for line in said if "not begun" not in line} == {
        "pass duration < 1 s",
        "pass duration < 1000 s",
    }


def test_runs_of_one_plan_in_two_folders_are_judged_in_each(tmp_path: Path) -> None:
    interrupted(tmp_path / "fast", "duration < 1 s")
    interrupted(tmp_path / "slow", "duration < 1 s", [run(duration_s=9)])
    found = lab("report", tmp_path / "fast", tmp_path / "slow")
    assert found.stderr.count("FAIL duration < 1 s: median 9 s of 1 runs (baseline)") == 1
    assert found.stderr.count("pass duration < 1 s: median 0.25 s of 1 runs (baseline)") == 1


def test_what_was_not_begun_is_no_case_of_the_report(tmp_path: Path) -> None:
    words = ("report", interrupted(tmp_path / "p-1"), "-o", "json", "--redact", "--save", tmp_path / "shared")
    found = lab(*words)
    assert len(json.loads(found.stdout)["cases"]) == len(records.load(tmp_path / "shared")) == 1
    assert "NOT MEASURED duration < 1000 s: not measured" in found.stderr


def test_a_file_of_gates_has_nothing_else(tmp_path: Path) -> None:
    for text in ("", "gates = []", 'gates = ["duration < 1 s"]\nstudies = ["quick"]', "gates = ["):
        found = lab("report", OLD / "move-1.json", "--gates", gates_file(tmp_path, text))
        assert found.exit_code == 2, text
        assert "gates.toml" in found.stderr


def test_redacted_verdicts_do_not_say_why_a_case_failed(tmp_path: Path) -> None:
    failure = Failure(message="10.20.30.40 is gone", remedy="", exit_code=4)
    records.save(dataclasses.replace(record(), failure=failure), tmp_path / "one.json")
    gates = gates_file(tmp_path, 'gates = ["duration < 1000 s"]')
    found = lab(
        "report", tmp_path / "one.json", "--redact", "--gates", gates, "--junit", tmp_path / "junit.xml"
    )
    assert found.exit_code == 99
    assert "NOT MEASURED duration < 1000 s: not measured" in found.stderr
    assert not [said for said in (found.output, (tmp_path / "junit.xml").read_text()) if "10.20" in said]


def test_redacted_verdicts_name_nobody(tmp_path: Path) -> None:
    text = '[[gates]]\nrequire = "duration < 1 s"\nprofile = "clinic-of-berlin"\n'
    words = ("report", OLD / "move-1.json", "--redact", "--gates", gates_file(tmp_path, text))
    found = lab(*words, "--junit", tmp_path / "junit.xml", "--html", tmp_path / "page.html")
    assert found.exit_code == 99
    assert "NOT MEASURED duration < 1 s" in found.stderr
    for said in (found.output, *((tmp_path / name).read_text() for name in ("junit.xml", "page.html"))):
        assert "clinic-of-berlin" not in said
