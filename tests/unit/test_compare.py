"""`lab compare` on files, as people and as CI call it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lab.cli.main import main
from lab.model.case import Case
from lab.model.record import Record, Run
from lab.model.spread import Failure
from lab.report.compare import compare_notes, compare_rows
from lab.report.text import as_table
from lab.statistics.comparing import Comparisons, compare
from lab.system import records as records_on_disk
from tests.unit.comparing import FIVE, record, results, runs, slower
from tests.unit.records import PACED

GOLDEN = Path(__file__).parent / "golden"
MIXED: dict[str, Any] = {"profile": "lan-1g"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """base/ with two cases, new/ with one of them slower, and a case of its own."""
    save(tmp_path / "base", record(runs()), record(runs(**MIXED)))
    save(
        tmp_path / "new",
        record(slower(1.3)),
        record(slower(1.0, **MIXED)),
        record(slower(1.0, ack="delayed")),
    )
    return tmp_path


def save(folder: Path, *records: Record) -> Path:
    folder.mkdir(exist_ok=True)
    for number, one in enumerate(records):
        records_on_disk.save(one, folder / f"{number}.json")
    return folder


def lab(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["compare", str(folder / "base"), str(folder / "new"), *words])


def two(folder: Path, base: list[Run], new: list[Run], *words: str, **environment: Any) -> Result:
    save(folder / "base", record(base))
    save(folder / "new", record(new, environment=environment))
    return lab(folder, *words)


def test_the_table_says_each_measure_of_each_case_in_a_word(folder: Path) -> None:
    assert lab(folder).stdout == (GOLDEN / "compare.txt").read_text()


def test_the_markdown_is_the_same_table(folder: Path) -> None:
    assert lab(folder, "-o", "md").stdout == (GOLDEN / "compare.md").read_text()


def test_csv_has_all_columns_and_every_digit(folder: Path) -> None:
    heading, first, *_ = lab(folder, "-o", "csv").stdout.splitlines()
    assert heading.endswith("measure,base,new,ratio,from,to,word,runs,note")
    assert "1.326,1.3," in first


def test_json_has_ratio_interval_and_word_for_programs(folder: Path) -> None:
    said = json.loads(lab(folder, "-o", "json", "--fail-above", "10%").stdout)
    duration = said["cases"][0]["measures"][0]
    assert (duration["measure"], duration["word"]) == ("duration", "slower")
    assert duration["ratio"]["interval"]["low"] == pytest.approx(1.25)
    assert (said["level"], said["fail_above_ratio"]) == (0.99, 0.1)
    assert said["failed"] == ["baseline, ack quick: duration x 1.300 (1.250 to 1.352)"]
    assert [(one["side"], one["ack"]) for one in said["alone"]] == [("NEW", "delayed")]


def test_a_folder_is_the_same_as_itself(folder: Path) -> None:
    words = ["compare", str(folder / "base"), str(folder / "base"), "-o", "json", "--fail-above", "0"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert {one["word"] for case in said["cases"] for one in case["measures"]} == {"same"}
    assert said["notes"] == []


def test_files_are_compared_like_folders(folder: Path) -> None:
    words = ["compare", str(folder / "base/0.json"), str(folder / "new/0.json"), "-o", "json"]
    assert len(json.loads(CliRunner().invoke(main, words).stdout)["cases"]) == 1


@pytest.mark.parametrize("percent", ["24.9%", "24.9", "10 %", "0"])
def test_beyond_the_threshold_is_exit_99_and_the_case_is_named_first(folder: Path, percent: str) -> None:
    """The interval of base to new is 1.25 to 1.352."""
    result = lab(folder, "--fail-above", percent)
    assert result.exit_code == 99
    assert result.stderr.startswith("FAIL baseline, ack quick: duration x 1.300")
    assert "Error: 1 of 2 cases surely slower by over" in result.stderr
    assert "slower" in result.stdout


@pytest.mark.parametrize("percent", ["25.1%", "26", "100%"])
def test_an_interval_that_is_not_wholly_beyond_the_threshold_passes(folder: Path, percent: str) -> None:
    result = lab(folder, "--fail-above", percent)
    assert result.exit_code == 0
    assert "0 of 2 cases surely slower by over" in result.stderr


def test_what_is_faster_by_far_fails_no_threshold(tmp_path: Path) -> None:
    assert two(tmp_path, runs(), slower(0.2), "--fail-above", "1%").exit_code == 0


def test_too_few_runs_fail_no_threshold_and_are_counted(tmp_path: Path) -> None:
    result = two(tmp_path, runs(FIVE[:4]), slower(9.0)[:4], "--fail-above", "10%")
    assert result.exit_code == 0
    assert "1 with too few runs to tell" in result.stderr
    assert "5 runs a side would do" in result.stdout


@pytest.mark.parametrize("percent", ["fast", "-1", "", "10%%"])
def test_a_threshold_that_is_no_percentage_is_refused(folder: Path, percent: str) -> None:
    result = lab(folder, "--fail-above", percent)
    assert result.exit_code == 2
    assert "is not a percentage" in result.stderr


def test_what_differs_is_refused_by_name_and_compared_when_it_is_the_point(tmp_path: Path) -> None:
    refused = two(tmp_path, runs(), slower(1.3, max_pdu=16384))
    assert refused.exit_code == 2
    assert "BASE and NEW differ in max_pdu: 131072 in BASE, 16384 in NEW" in refused.stderr
    assert "Try: --vary max_pdu, if that is the point" in refused.stderr
    varied = lab(tmp_path, "--vary", "max_pdu, ack")
    assert varied.exit_code == 0
    assert "max_pdu 131072 -> 16384" in varied.stdout


def test_another_machine_and_another_pacs_are_noted(tmp_path: Path) -> None:
    result = two(tmp_path, runs(), slower(1.0), machine="a server", pacs="Orthanc 1.12.8")
    assert result.exit_code == 0
    assert "note: ANOTHER MACHINE: a laptop, 2 CPUs, Linux 6.1 in BASE, a server, 2 CPUs" in result.stderr
    assert "note: another PACS: Orthanc 1.12.7 in BASE, Orthanc 1.12.8 in NEW" in result.stderr


def test_the_pacs_may_be_varied_as_pacs_version(tmp_path: Path) -> None:
    save(tmp_path / "base", record(runs()), record(runs(**MIXED)))
    newer = {"pacs": "Orthanc 1.12.8"}
    save(
        tmp_path / "new",
        record(slower(1.0, **MIXED), environment=newer),
        record(slower(1.0), environment=newer),
    )
    result = lab(tmp_path, "--vary", "profile, pacs_version", "-o", "json")
    assert result.exit_code == 0
    assert [case["differs"] for case in json.loads(result.stdout)["cases"]] == [["pacs"], ["pacs"]]


def test_nothing_to_read_is_refused(tmp_path: Path) -> None:
    result = lab(tmp_path)
    assert result.exit_code == 2
    assert "no records of benchmarks there" in result.stderr


def test_a_case_that_failed_says_why(tmp_path: Path) -> None:
    gone = Failure(message="Orthanc is gone", remedy="", exit_code=4)
    case = Case(
        study="quick",
        profile=None,
        shaper="auto",
        congestion_control="auto",
        runs=5,
        warmup=1,
        max_pdu_bytes=131072,
    )
    save(tmp_path / "base", record(runs()), record(runs(**MIXED)))
    save(tmp_path / "new", record(slower(1.0)), record([], case=case, failure=gone))
    result = lab(tmp_path, "-o", "csv", "--fail-above", "10")
    assert result.exit_code == 0
    assert "only in NEW,0,NEW failed: Orthanc is gone. the nearest differs: profile" in result.stdout
    assert "0 of 1 cases surely slower by over 10%; 2 on one side only" in result.stderr


def found(base: list[Run], new: list[Run]) -> Comparisons:
    return compare(results(base), results(new))


def test_the_time_between_sessions_is_noted_when_it_is_long() -> None:
    assert compare_notes(found(runs(), slower(1.0)))[0].startswith("up to 1560 s lie between BASE and NEW")
    assert compare_notes(found(runs(), slower(1.0, minute=10))) == []


def test_doubts_of_one_side_and_shared_runs_are_noted() -> None:
    notes = compare_notes(found(runs(), [runs()[0], *slower(1.0, minute=5, doubts=[PACED])]))
    assert notes == [
        "baseline: runs on both sides: 1, which makes the interval too sure of itself",
        "baseline: doubted in NEW only: paced_by_bbr",
    ]


def test_rows_fit_a_table_also_where_nothing_is_known() -> None:
    rows = compare_rows(found(runs(FIVE[:2]), slower(1.0)[:2]))
    assert "cannot tell" in as_table(rows, tuple(rows[0]))
