"""`lab bench links`: a line per profile, whatever becomes of one of them."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from lab.bench import links
from lab.bench.c_move import Bench
from lab.errors import ToleranceError
from lab.model.links import LinkLine
from lab.model.profile import Profile
from lab.model.record import Run
from lab.report.links import link_rows
from lab.report.text import as_table
from lab.system import store
from lab.system.home import Home
from tests.unit.engines import Boxes, engine_of
from tests.unit.quiet import Quiet
from tests.unit.records import run

NAMES = ("wan-20ms", "lan-1g", "5g")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    study = SimpleNamespace(name="quick", instances=[], dataset_bytes=0)
    found = {
        "home": Home(tmp_path, "test"),
        "engine": engine_of(Boxes()),
        "progress": Quiet(),
        "study": study,
    }
    return cast("Bench", SimpleNamespace(**found))


def moved(_: Bench, profile: Profile, congestion_controls: Sequence[str], __: Path) -> list[Run]:
    if profile.name == "lan-1g":
        msg = "the PACS does not answer"
        raise ToleranceError(msg)
    return [run(profile=profile.name) for _ in congestion_controls]


@pytest.fixture
def lines(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[LinkLine]:
    monkeypatch.setattr(links, "_verified", lambda *_: [])
    monkeypatch.setattr(links, "_predicted_s", lambda *_: 1.0)
    monkeypatch.setattr(links, "_moved", moved)
    wanted = [store.profile(name) for name in NAMES]
    return list(links.measure_links([bench], wanted, ["cubic"], 5.0, tmp_path))


def test_a_profile_that_fails_is_a_line_and_the_others_are_measured(lines: list[LinkLine]) -> None:
    assert [line.profile.name for line in lines] == list(NAMES)
    assert [line.failed for line in lines] == ["", "the PACS does not answer", ""]


def test_its_row_says_why(lines: list[LinkLine]) -> None:
    rows = link_rows(lines)
    assert (rows[1]["verified"], rows[1]["duration s"]) == ("failed: the PACS does not answer", None)
    assert "failed: the PACS" in as_table(rows, list(rows[0]))
