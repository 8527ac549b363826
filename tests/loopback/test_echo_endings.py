"""Every way that a C-ECHO ends: exit code and message. tests/stack/test_echo_reference.py has echoscu's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.certificates import PASSWORD
from tests.loopback.echo_endings import LINES, PLAIN, SECURED, Ending, Line
from tests.loopback.echo_scp import answers, echo_scp
from tests.loopback.echoing import Ran, filled, lab_echo
from tests.loopback.ports import free_port

CASES = [pytest.param(one, id=one.situation) for one in (*PLAIN, *SECURED)]


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
    assert bool(ending.says) == bool(ran.stderr)
    if ending.ours == 1:
        assert names_the_place_and_a_remedy(ran.stderr)


def names_the_place_and_a_remedy(stderr: str) -> bool:
    error, _, remedy = stderr.partition("\nTry: ")
    placed = error.startswith("Error: ") and ("localhost:" in error or "/" in error)
    return placed and len(remedy.splitlines()) == 1 and len(remedy) > 10


def run_line(command: Callable[..., Ran], line: Line, pki: Path) -> Ran:
    (pki / "log.cfg").write_text("log4cplus.rootLogger = WARN\n")
    with echo_scp(answers) as (port, _):
        places = {"peer": f"localhost {port}", "closed": free_port(), "log": pki / "log.cfg", "pki": pki}
        return command(*line.words.format(**places).split())


@pytest.mark.parametrize("line", [pytest.param(line, id=line.situation) for line in LINES])
def test_a_command_line_has_its_exit_code(line: Line, pki: Path) -> None:
    ran = run_line(lab_echo, line, pki)
    assert ran.code == line.ours, ran.stderr
    assert ("Error: " in ran.stderr) == (line.ours == 1)
