"""`make test` runs every test once, though it runs them by folder."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
ALONE, NOT_ALONE, EVERY = "-m alone", '-m "not alone"', ""
_RUN = re.compile(r"^\$pytest ?(-m alone|-m \"not alone\"|)(?: ?\$two)?((?: ?tests/\w+)+)", re.MULTILINE)
_SCRIPT = (TESTS / "all.sh").read_text()
RUNS = [(mark, folder) for mark, folders in _RUN.findall(_SCRIPT) for folder in folders.split()]


def having(mark: str | None) -> set[str]:
    """Folders with test modules; with ``mark``, with some that are alone."""
    files = [file for file in TESTS.rglob("test_*.py") if mark is None or mark in file.read_text()]
    return {f"tests/{file.parent.name}" for file in files}


def test_every_folder_is_run_whole_or_in_two_halves() -> None:
    halves = {folder for mark, folder in RUNS if mark == NOT_ALONE}
    whole = {folder for mark, folder in RUNS if mark == EVERY}
    assert halves | whole == having(None)
    assert not halves & whole
    assert len(RUNS) == len(set(RUNS))


def test_tests_that_are_to_be_alone_are_run() -> None:
    found = {folder for mark, folder in RUNS if mark in (ALONE, EVERY)}
    assert having("pytest.mark." + "alone") <= found
