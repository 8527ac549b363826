"""What all tests share: no LAB_* from the caller's environment, and one way to say that a test cannot run."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from tests.certificates import write_all

MUST_RUN = "LAB_TESTS_MUST_RUN" in os.environ


_TURNS = {"unit": 0, "browser": 1, "loopback": 2, "netem": 3, "stack": 5}
_AFTER_THE_GUESTS = 4
_TIMED = {
    "test_calibration",
    "test_emulator",
    "test_emulator_life",
    "test_emulator_rates",
    "test_learn",
    "test_probe",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Guests run beside the first tests (tests/netem/conftest.py); what looks at a clock comes after them."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    folder = item.path.parent.name
    timed = folder == "loopback" and item.path.stem in _TIMED
    return _AFTER_THE_GUESTS if timed else _TURNS.get(folder, 0)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LAB_")]:
        monkeypatch.delenv(name)


def cannot_run(reason: str) -> NoReturn:
    """Skip with the reason; where LAB_TESTS_MUST_RUN is set (CI), fail with it."""
    if MUST_RUN:
        pytest.fail(f"this must run here, but: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of certificates; tests/certificates.py says which."""
    folder = tmp_path_factory.mktemp("pki")
    write_all(folder)
    return folder
