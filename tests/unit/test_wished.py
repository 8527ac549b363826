import time
from pathlib import Path

from lab.model.link_state import Wish
from lab.stack import wished
from lab.stack.wished import Wished
from lab.system import store
from lab.system.home import Home


def test_what_was_applied_is_kept_whole_until_it_is_forgotten(tmp_path: Path) -> None:
    home = Home(tmp_path, "p")
    wish = Wish(profile=store.profile("4g-lte"), seed=5, congestion_control="reno")
    kept = Wished(wish=wish, started={"orthanc": "2026-01-01T00:00:00Z"})
    wished.note(home, kept)
    assert wished.read(home) == kept
    wished.forget(home)
    assert wished.read(home) is None


def test_what_has_taken_itself_off_is_no_longer_wished_for(tmp_path: Path) -> None:
    home = Home(tmp_path, "p")
    wish = Wish(profile=store.profile("4g-lte"), duration_s=1.0)
    wished.note(home, Wished(wish=wish, ends_at_s=time.time() - 1))
    assert wished.read(home) is None


def test_a_note_that_nobody_can_read_is_none(tmp_path: Path) -> None:
    home = Home(tmp_path, "p")
    home.project_folder.mkdir(parents=True)
    (home.project_folder / "link.json").write_text('{"wish": 3}')
    assert wished.read(home) is None
