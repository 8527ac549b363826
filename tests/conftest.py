"""What all tests share: no LAB_* from the caller's environment, how to say that one cannot run, a browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from tests.certificates import write_all

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, one for all who ask in this process; as root it runs without its sandbox only."""
    program = shutil.which("chromium")
    if program is None:
        cannot_run("no chromium: `lab doctor --fix --tests` as root on Debian installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()
