import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.cli.main import main
from lab.system import plans
from lab.system.home import Home

GOLDEN = Path(__file__).parent / "golden"
MINE = """description = "mine"
source = "to see every column"
studies = ["reference"]
profiles = ["baseline", "wan-20ms"]
methods = ["c-move", "rest"]
[knobs]
max_pdu = [16384, 131072]
orthanc = [{}, { StorageCompression = true }]
[repeats]
at_least = 5
at_most = 20
within = "5%"
budget = "120s"
[[gates]]
require = "first_image.p95 < 500 ms"
profile = "baseline"
[[gates]]
require = "efficiency > 0.5"
"""


def lab(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "bench", "plan", *words])


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    return file


def test_the_cases_are_shown_with_what_varies_and_the_time(mine: Path, tmp_path: Path) -> None:
    assert lab(tmp_path, str(mine)).stdout == (GOLDEN / "plan.txt").read_text()


def test_without_a_plan_those_of_the_lab_are_listed_with_the_time_and_the_templates(tmp_path: Path) -> None:
    rows = json.loads(lab(tmp_path, "-o", "json").stdout)
    names = [row["plan"] for row in rows]
    assert names[-1] == "db-so-102"
    assert len(names) == 9
    assert [row["takes"] for row in rows if row["plan"] == "db-so-102"] == ["to be filled in"]
    assert all(row["takes"] and row["description"] for row in rows)


def test_programs_get_every_case_whole(mine: Path, tmp_path: Path) -> None:
    document = json.loads(lab(tmp_path, str(mine), "-o", "json").stdout)
    assert document["sha256"] == plans.plan(str(mine), Home(tmp_path, "p")).sha256
    assert [case["number"] for case in document["cases"]] == list(range(1, 13))
    assert document["cases"][0]["profile"]["name"] == "baseline"
    assert document["least_s"] < document["most_s"]


def test_as_a_spreadsheet_there_is_a_line_per_case(mine: Path, tmp_path: Path) -> None:
    lines = lab(tmp_path, str(mine), "-o", "csv").stdout.splitlines()
    assert lines[0] == "case,study,method,profile,orthanc,max PDU,runs,run s"
    assert len(lines) == 13


def test_a_study_that_nobody_made_is_named_where_its_size_is_needed(mine: Path, tmp_path: Path) -> None:
    mine.write_text(MINE.replace("reference", "quick").replace("baseline", "lan-100m"))
    said = lab(tmp_path, str(mine)).stdout
    assert "takes: over " in said
    assert said.endswith("not counted: 6 cases that cannot be told yet; lab data make quick tells\n")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["moon"], "there is no plan 'moon'"),
        (["./moon.toml"], "there is no plan file moon.toml"),
        (["db-so-102"], "the limit of first image is to be filled in"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, words: list[str], named: str) -> None:
    result = lab(tmp_path, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert named in result.stderr


def test_a_study_that_is_not_there_is_refused(mine: Path, tmp_path: Path) -> None:
    mine.write_text(MINE.replace('"reference"', '"moon"'))
    assert "there is no study 'moon'" in lab(tmp_path, str(mine)).stderr
