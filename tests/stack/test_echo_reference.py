"""`lab echo` beside the echoscu of the tools image: exit codes, and what goes over the wire."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.loopback.echo_endings import LINES, Ending, Line
from tests.loopback.echoing import Ran, lab_echo
from tests.loopback.test_echo_endings import CASES, run, run_line
from tests.loopback.test_echo_wire import conversation, hello, max_pdu_bytes, proposed
from tests.stack.lab import Lab, docker
from tests.unit.echoscu_help import options_in
from tests.unit.test_echo_options import reference

CCM_OF_TLS_1_3 = {0x1304, 0x1305}
PROPOSALS = ["", "-pts 1", "-pts 2", "-pts 52 -ppc 3", "-ppc 128", "-pdu 4096", "-pdu 131072"]
PROFILES = ["+pg", "+pm", "+py", "+px", "+pz", "+pa", "+pn"]
ADDED = [
    "+cs TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "+cs TLS_RSA_WITH_AES_128_GCM_SHA256 +cs TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    "+pn +cs TLS_RSA_WITH_AES_128_CBC_SHA +cs TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
]
Echoscu = Callable[..., Ran]


@pytest.fixture(scope="module")
def echoscu(lab: Lab, pki: Path) -> Iterator[Echoscu]:
    """In a container that has this machine's network and the certificates under their own path."""
    name = f"{lab.project}-echoscu"
    label = f"org.dicom-lab.project={lab.project}"
    docker(
        *("run", "--detach", "--rm", "--name", name, "--network", "host", "--user", "root", "--label", label),
        *("--volume", f"{pki}:{pki}", f"{lab.project}/dcmtk", "sleep", "infinity"),
    )

    def echoed(*words: object) -> Ran:
        argv = ["docker", "exec", name, "echoscu", *map(str, words)]
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
        return Ran(ended.returncode, ended.stdout, ended.stderr)

    try:
        yield echoed
    finally:
        docker("rm", "--force", name)


def test_the_reference_is_the_version_that_the_table_was_made_from(echoscu: Echoscu) -> None:
    assert "v3.6.9" in echoscu("--version").stdout


def test_the_saved_list_of_options_is_that_of_echoscus_help(echoscu: Echoscu) -> None:
    """Names, number of values and ranges; tests/unit/test_echo_options.py holds ours against the list."""
    assert sorted(options_in(echoscu("--help").stdout)) == sorted(reference())


@pytest.mark.parametrize("ending", CASES)
def test_an_ending_has_the_exit_code_that_echoscu_really_returns(
    echoscu: Echoscu, ending: Ending, pki: Path
) -> None:
    ran = run(echoscu, ending, pki)
    assert ran.code == ending.echoscu, ran.stderr


@pytest.mark.parametrize("line", [pytest.param(line, id=line.situation) for line in LINES])
def test_a_command_line_has_the_exit_code_that_echoscu_really_returns(
    echoscu: Echoscu, line: Line, pki: Path
) -> None:
    ran = run_line(echoscu, line, pki)
    assert ran.code == line.echoscu, ran.stderr


@pytest.mark.parametrize("words", PROPOSALS)
def test_a_proposal_is_echoscus(echoscu: Echoscu, words: str) -> None:
    ours, theirs = (conversation(command, *words.split()) for command in (lab_echo, echoscu))
    assert proposed(ours) == proposed(theirs)
    assert max_pdu_bytes(ours) == max_pdu_bytes(theirs)
    assert ours.request.called_ae_title == theirs.request.called_ae_title == "ANY-SCP"
    assert ours.request.calling_ae_title == theirs.request.calling_ae_title == "ECHOSCU"


@pytest.mark.parametrize("words", [*PROFILES, *ADDED])
def test_a_profile_offers_the_suites_that_echoscu_offers_in_its_order(echoscu: Echoscu, words: str) -> None:
    ours, theirs = (hello(command, *words.split()) for command in (lab_echo, echoscu))
    assert ours.suites == [suite for suite in theirs.suites if suite not in CCM_OF_TLS_1_3]
    assert ours.versions[0] == theirs.versions[0]
    assert set(ours.versions) <= set(theirs.versions)
