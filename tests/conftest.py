"""What all tests share: no LAB_* from the caller's environment, and one way to say that a test cannot run."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

from tests.certificates import write_all

MUST_RUN = "LAB_TESTS_MUST_RUN" in os.environ


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
