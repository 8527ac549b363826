import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lab.errors import LockedError, UsageProblem
from lab.machine.journal import Change, changes, forget, remember
from lab.model.link_state import Wish
from lab.stack import putting_back, standing
from lab.stack.wished import Wished
from lab.system import lock, settings, store
from lab.system.engine import Engine
from lab.system.files import whole_folder, write_private
from lab.system.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "root", "beside")


def test_the_password_is_made_once_and_only_its_owner_can_read_it(home: Home) -> None:
    first = settings.ensure(home)
    assert settings.ensure(home) == first
    assert len(first.password) >= 20
    assert home.env_file.stat().st_mode & 0o777 == 0o600


def test_a_lab_beside_the_default_one_gets_free_ports_of_its_own(home: Home) -> None:
    chosen = settings.ensure(home)
    assert chosen.dicom_port not in settings.WELL_KNOWN_PORTS
    assert chosen.dicom_port != chosen.http_port


def test_ports_that_were_asked_for_are_kept(home: Home) -> None:
    settings.ensure(home, dicom_port=11112)
    assert settings.ensure(home).dicom_port == 11112


def test_damaged_settings_are_named_with_their_file(home: Home) -> None:
    write_private(home.env_file, "LAB_DICOM_PORT=x\n")
    with pytest.raises(UsageProblem, match=r"compose\.env"):
        settings.ensure(home)


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "study"
    with pytest.raises(FileNotFoundError), whole_folder(target) as part:
        (part / "half" / "way").write_text("this folder does not exist")
    assert list(tmp_path.iterdir()) == []
    with whole_folder(target) as part:
        (part / "whole").write_text("x")
    assert [path.name for path in target.iterdir()] == ["whole"]


def test_what_a_killed_make_left_is_swept_by_the_next(tmp_path: Path) -> None:
    (tmp_path / ".other.part-dead").mkdir()
    with whole_folder(tmp_path / "study"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def test_a_lab_that_is_being_changed_names_who_does_it(home: Home) -> None:
    holder = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from lab.system.lock import exclusive
        with exclusive(Path({str(lock.project_lock(home))!r}), "x"):
            print("held", flush=True)
            time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=str(child.pid)), lock.exclusive(lock.project_lock(home), "it"):
            pass
        child.kill()
        child.wait()
    with lock.exclusive(lock.project_lock(home), "it"):
        pass


def test_a_session_that_did_not_end_is_found_again(home: Home) -> None:
    session = lock.session(home)
    assert session.read() is None
    session.begin("benchmark", {"profile": "wan-20ms"})
    assert lock.session(home).read() == {"doing": "benchmark", "restore": {"profile": "wan-20ms"}}
    session.end()
    assert session.read() is None


def of(profile: str) -> Wished:
    return Wished(wish=Wish(profile=store.profile(profile)))


def test_of_blocks_within_blocks_the_outermost_notes_what_is_to_be_put_back(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A benchmark of links shapes one after the other, and has a benchmark for each."""
    engine = Engine("test")
    found = iter(["wan-20ms", "reorder"])
    put: list[str] = []
    monkeypatch.setattr(standing, "status", lambda *_: None)
    monkeypatch.setattr(putting_back, "_as_found", lambda *_: of(next(found)))
    monkeypatch.setattr(putting_back, "put_back", lambda _, __, was, ___: put.append(was.wish.profile.name))
    with putting_back.as_found(home, engine, "outer", print):
        with putting_back.as_found(home, engine, "inner", print):
            note = lock.session(home).read()
        assert lock.session(home).read() == note
    assert note
    assert (note["doing"], note["restore"]["wish"]["profile"]["name"]) == ("outer", "wan-20ms")
    assert put == ["reorder", "wan-20ms"]
    assert lock.session(home).read() is None


def test_the_journal_forgets_what_was_taken_back_and_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "machine" / "changes.json"
    one, two = Change(kind="packages", text="one"), Change(kind="engine", text="two")
    remember(one, path)
    remember(two, path)
    assert changes(path) == [one, two]
    forget(two, path)
    forget(one, path)
    assert changes(path) == []
    assert not path.parent.exists()


def test_a_damaged_journal_is_named(tmp_path: Path) -> None:
    path = tmp_path / "changes.json"
    path.write_text("{")
    with pytest.raises(UsageProblem, match=r"changes\.json"):
        changes(path)
