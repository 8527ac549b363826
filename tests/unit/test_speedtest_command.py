"""`lab speedtest` at the front desk: what is printed where, with the measuring itself left out."""

import dataclasses
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lab.bench.speedtest import Measured
from lab.cli import speedtest as command
from lab.cli.main import main
from lab.errors import DeliveryError
from lab.model.record import Record
from tests.unit.records import PACED, record
from tests.unit.speedtests import SAMPLE


@pytest.fixture(autouse=True)
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample, whatever is asked."""

    def measure(_: Any, progress: Any) -> Measured:
        progress.say("measuring")
        logging.getLogger("lab.bench").info("a detail")
        logging.getLogger("lab.bench").debug("a small detail")
        found = record()
        runs = [found.runs[0], found.runs[3]]
        return Measured(
            record=type(found)(environment=found.environment, runs=runs), results=[SAMPLE, SAMPLE]
        )

    monkeypatch.setattr(command, "measure", measure)


def speedtest(*words: str) -> Result:
    with fresh_logging():
        return CliRunner().invoke(main, ["speedtest", "pacs", "104", "AEC", *words])


@contextmanager
def fresh_logging() -> Iterator[None]:
    """As in a process of its own, without pytest's handlers."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        yield
    finally:
        root.handlers[:] = before
        root.setLevel(level)


def test_each_run_has_its_block_and_a_table_follows_several() -> None:
    printed = speedtest().stdout
    assert printed.startswith("-----RESULTS---")
    assert printed.count("-----RESULTS---") == 2
    assert "duration s" in printed.splitlines()[-4]


@pytest.mark.parametrize(("form", "beginning"), [("csv", "profile,shaper"), ("md", "| profile |")])
def test_other_forms_are_those_of_a_benchmark(form: str, beginning: str) -> None:
    assert speedtest("-o", form).stdout.startswith(beginning)


def test_json_is_the_record_with_the_blocks_figures_beside_it() -> None:
    document = json.loads(speedtest("--output", "json").stdout)
    assert document.keys() == {field.name for field in dataclasses.fields(Record)} | {"speedtest"}
    assert [one["total_bytes"] for one in document["speedtest"]] == [209_577_218] * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-q"], []),
        (["-ll", "critical"], []),
        (["--log-level", "error"], []),
        ([], ["measuring"]),
        (["--log-level", "warn"], ["measuring"]),
        (["-v"], ["measuring", "a detail"]),
        (["-d"], ["measuring", "a detail", "a small detail"]),
    ],
)
def test_how_much_is_said_beside_the_result(words: list[str], said: list[str]) -> None:
    result = speedtest(*words)
    assert result.stderr.splitlines() == said
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"), [(["--quiet"], ""), (["-ll", "error"], "Error: lost\nTry: look\n")]
)
def test_only_quiet_keeps_an_error_to_its_exit_code(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise DeliveryError("lost", "look")

    monkeypatch.setattr(command, "measure", fails)
    result = speedtest(*words)
    assert (result.exit_code, result.stdout, result.stderr) == (6, "", said)


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["--he"]])
def test_help_lists_every_option_and_says_which_syntaxes_are_preferred(words: list[str]) -> None:
    result = CliRunner().invoke(main, ["speedtest", *words])
    assert result.exit_code == 0
    for name in ("-x=, --prefer-uncompr", "-aet AET, --ae-title AET", "Options that the original has not"):
        assert name in result.stdout
    assert "compressed transfer syntaxes are preferred" in " ".join(result.stdout.split())


def test_the_version_is_the_labs() -> None:
    result = CliRunner().invoke(main, ["speedtest", "--version"])
    assert (result.exit_code, result.stdout) == (0, "lab speedtest 0.1.0\n")


def test_a_wrong_option_is_a_usage_error() -> None:
    result = speedtest("-x=", "-xi")
    assert result.exit_code == 2
    assert "not allowed with argument -x=" in result.stderr


def test_the_doubts_are_among_the_lines_below_the_block() -> None:
    assert f"doubt       {PACED.text}. Remedy: {PACED.remedy}" in speedtest().stdout
