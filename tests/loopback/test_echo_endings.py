"""Every way that a C-ECHO ends: our exit code and message, and echoscu's exit code beside it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loopback.certificates import PASSWORD, write_all
from tests.loopback.echo_endings import PLAIN, SECURED, Ending
from tests.loopback.echo_scp import echo_scp
from tests.loopback.echoing import REFERENCE_VERSION, Ran, echoscu, echoscu_version, filled, lab_echo

CASES = [pytest.param(one, id=one.situation) for one in (*PLAIN, *SECURED)]


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    write_all(folder)
    return folder


def run(command: Callable[..., Ran], ending: Ending, pki: Path) -> Ran:
    context = ending.server(pki) if ending.server else None
    with echo_scp(ending.script, context) as (port, _):
        return command(*filled(ending.words, pki, PASSWORD), "localhost", port)


@pytest.mark.parametrize("ending", CASES)
def test_an_ending_has_its_exit_code_and_says_what_it_was(ending: Ending, pki: Path) -> None:
    ran = run(lab_echo, ending, pki)
    assert ran.code == ending.ours, ran.stderr
    assert ending.says in ran.stderr
    assert ran.stdout == ""
    if not ending.says:
        assert ran.stderr == ""


@pytest.mark.parametrize("ending", CASES)
def test_an_ending_has_the_exit_code_that_echoscu_really_returns(ending: Ending, pki: Path) -> None:
    if echoscu_version() != REFERENCE_VERSION:
        pytest.skip(f"no echoscu {REFERENCE_VERSION} here; LAB_TESTS_ECHOSCU=FILE names one")
    ran = run(echoscu, ending, pki)
    assert ran.code == ending.echoscu, ran.stderr


@pytest.mark.parametrize("ending", [case for case in CASES if case.values[0].ours == 1])  # type: ignore[union-attr]
def test_a_failure_names_the_peer_or_the_file_and_a_remedy(ending: Ending, pki: Path) -> None:
    error, _, remedy = run(lab_echo, ending, pki).stderr.partition("\nTry: ")
    assert error.startswith("Error: ")
    assert "localhost:" in error or "/" in error
    assert len(remedy.strip()) > 10
    assert "\n" not in remedy.strip()
