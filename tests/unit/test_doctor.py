import platform
from contextlib import suppress
from pathlib import Path

import pytest

from lab.errors import LabError, PreflightError
from lab.machine import doctor, fixes, journal, netem_kernel
from lab.machine.checks import FAIL, OK, WARN, Finding, _numbers, netem_kernel_for_tests
from lab.machine.fixes import Fix, Remember
from lab.machine.journal import Change
from lab.system import process
from lab.system.engine import Engine
from lab.system.home import Home
from lab.system.process import Completed
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
        fix = (
            None
            if name in self.stuck
            else Fix(text=f"mend {name}", do=lambda remember: self._mend(name, remember))
        )
        return Finding(check=name, state=FAIL, found="none", remedy=f"get {name}", fix=fix)

    def _mend(self, name: str, remember: Remember) -> None:
        self.lacking.remove(name)
        self.done.append(name)
        remember(Change(kind="packages", text=f"mended {name}"))


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


class Apt:
    """A machine's packages, behind process.run."""

    def __init__(self, installed: set[str], fails: bool = False) -> None:
        self.installed = installed
        self.fails = fails
        self.ran: list[str] = []

    def run(self, argv: list[str], **_: object) -> Completed:
        words = " ".join(argv)
        self.ran.append(words)
        if "install" in argv:
            self.installed |= {"docker.io", "runc"}
            if self.fails:
                raise process.ProcessFailed(
                    Completed(argv=tuple(argv), returncode=100, stdout="", stderr="postinst")
                )
        listing = "\n".join(f"{name} installed" for name in sorted(self.installed))
        return Completed(
            argv=tuple(argv), returncode=0, stdout=listing if "dpkg-query" in words else "", stderr=""
        )


@pytest.mark.parametrize("fails", [False, True])
def test_what_apt_added_is_remembered_even_when_it_failed_half_way(
    monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    apt = Apt({"git"}, fails)
    monkeypatch.setattr(process, "run", apt.run)
    kept: list[Change] = []
    with suppress(process.ProcessFailed):
        fixes.install(["docker.io"]).do(kept.append)
    assert [change.details["packages"] for change in kept] == [["docker.io", "runc"]]
    assert any("--no-remove" in words for words in apt.ran)


@pytest.mark.parametrize(("keep_data", "verb"), [(False, "purge"), (True, "remove")])
def test_undo_takes_the_packages_away_and_data_only_if_it_came_with_them(
    monkeypatch: pytest.MonkeyPatch, keep_data: bool, verb: str
) -> None:
    apt = Apt({"git", "docker.io", "runc"})
    monkeypatch.setattr(process, "run", apt.run)
    details = {"packages": ["docker.io", "gone-since", "runc"], "keep_data": keep_data}
    fixes.undo(Change(kind="packages", text="", details=details))
    assert apt.ran[-1].endswith(f"{verb} docker.io runc")


def test_undo_refuses_while_a_lab_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "labs", lambda _: ["dicom-lab"])
    with pytest.raises(LabError, match="dicom-lab"):
        doctor.undo(Engine("p"), Quiet())


@pytest.mark.parametrize(
    ("version", "is_new"),
    [
        ("6.12.113", True),
        ("6.6", True),
        ("7.2um1", True),
        ("6.12um1+b22", True),
        ("6.1um4+b13", False),
        ("", False),
    ],
)
def test_a_kernel_whose_netem_heeds_a_seed_is_new_enough(version: str, is_new: bool) -> None:
    assert netem_kernel.is_new_enough(version) is is_new


def test_on_an_older_debian_the_netem_kernel_is_unpacked_beside_what_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for candidate, does in (("6.1um4+b13", "unpack"), ("", "unpack"), ("6.12um1+b22", "apt-get install")):
        monkeypatch.setattr(fixes, "_candidate", lambda _, found=candidate: found)
        assert fixes.install_netem_kernel().text.startswith(f"{does} user-mode-linux")


def test_on_another_processor_the_tests_of_netem_are_skipped_and_the_rest_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    found = netem_kernel_for_tests()
    assert (found.state, found.fix) == (WARN, None)


def test_what_was_unpacked_is_what_runs_until_it_is_taken_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "dicom-lab" / "netem-kernel"
    monkeypatch.setattr(netem_kernel, "FOLDER", folder)
    (folder / "modules" / "6.12.113").mkdir(parents=True)
    (folder / "linux.uml").touch()
    assert (netem_kernel.program(), netem_kernel.modules()) == (str(folder / "linux.uml"), folder / "modules")
    fixes.undo(Change(kind="netem kernel", text=""))
    assert not folder.parent.exists()
    assert netem_kernel.program() != str(folder / "linux.uml")
