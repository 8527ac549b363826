import csv
import io
from pathlib import Path

from lab.report.runs import COLUMNS, case_rows, doubt_lines
from lab.report.text import as_csv, as_markdown, as_table
from tests.unit.records import record

GOLDEN = Path(__file__).parent / "golden"


def test_the_table_puts_the_degraded_runs_beside_the_unshaped_one() -> None:
    assert as_table(case_rows(record().runs), COLUMNS) + "\n" == (GOLDEN / "runs.txt").read_text()


def test_the_markdown_is_a_table_that_renders() -> None:
    assert as_markdown(case_rows(record().runs), COLUMNS) + "\n" == (GOLDEN / "runs.md").read_text()


def test_the_ratio_is_between_medians_of_durations() -> None:
    assert [row["ratio"] for row in case_rows(record().runs)] == [1.0, 2.4 / 0.3]


def test_without_an_unshaped_case_there_is_no_ratio() -> None:
    assert [row["ratio"] for row in case_rows(record().runs[3:])] == [None]


def test_a_cell_is_one_line_and_wide_characters_take_two_places() -> None:
    table = as_table([{"who": "日本", "n": 1}, {"who": "a\nb\x1b[31m", "n": None}], ["who", "n"])
    assert table.splitlines() == [
        "who        n",
        "────────────",
        "日本       1",
        "a b [31m   -",
    ]


def test_csv_keeps_every_digit_and_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(case_rows(record().runs), COLUMNS))))
    assert rows[1]["rtt ms"] == "40.62"
    assert rows[0]["duration s"] == "0.3"


def test_markdown_escapes_what_would_end_a_cell() -> None:
    assert r"a\|b" in as_markdown([{"x": "a|b"}], ["x"])


def test_a_doubt_is_said_once_with_the_profiles_it_is_about() -> None:
    assert doubt_lines(record().runs) == ["wan-20ms: BBR sends. Remedy: --cc reno"]
