from pathlib import Path

import pytest

from lab.errors import PreflightError
from lab.machine import doctor, journal
from lab.machine.checks import FAIL, OK, Finding, _numbers
from lab.machine.fixes import Fix
from lab.machine.journal import Change
from lab.system.engine import Engine
from lab.system.home import Home
from tests.unit.quiet import Quiet


class Machine:
    """A machine that lacks things; fixing one is remembered."""

    def __init__(self, lacking: list[str], stuck: tuple[str, ...] = ()) -> None:
        self.lacking = lacking
        self.stuck = stuck
        self.done: list[str] = []

    def look(self, *_: object, **__: object) -> list[Finding]:
        return [self._finding(name) for name in self.lacking] or [
            Finding(check="all", state=OK, found="fine")
        ]

    def _finding(self, name: str) -> Finding:
        fix = None if name in self.stuck else Fix(text=f"mend {name}", do=lambda: self._mend(name))
        return Finding(check=name, state=FAIL, found="none", remedy=f"get {name}", fix=fix)

    def _mend(self, name: str) -> Change:
        self.lacking.remove(name)
        self.done.append(name)
        return Change(kind="packages", text=f"mended {name}")


@pytest.fixture
def remembered(monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    kept: list[Change] = []
    monkeypatch.setattr(journal, "remember", kept.append)
    return kept


def fix(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Quiet:
    monkeypatch.setattr(doctor, "look", machine.look)
    progress = Quiet()
    doctor.fix(Home(Path("/nowhere"), "p"), Engine("p"), progress, for_tests=False)
    return progress


def test_what_is_missing_is_said_mended_and_remembered(
    monkeypatch: pytest.MonkeyPatch, remembered: list[Change]
) -> None:
    machine = Machine(["engine", "compose"])
    progress = fix(machine, monkeypatch)
    assert machine.done == ["engine", "compose"]
    assert [change.text for change in remembered] == ["mended engine", "mended compose"]
    assert progress.said[0] == "engine: none; will mend engine"


def test_one_thing_that_cannot_be_mended_leaves_everything_as_it_was(
    monkeypatch: pytest.MonkeyPatch, remembered: list[Change]
) -> None:
    machine = Machine(["engine", "compose"], stuck=("compose",))
    with pytest.raises(PreflightError) as caught:
        fix(machine, monkeypatch)
    assert (machine.done, remembered) == ([], [])
    assert caught.value.exit_code == 3
    assert "get compose" in caught.value.remedy


def test_versions_compare_as_numbers() -> None:
    assert _numbers("2.26.1-4") == (2, 26, 1)
    assert _numbers("v2.9.0") < _numbers("2.23.1")
    assert _numbers("") < (1,)
