"""C-ECHOs counted and timed, over associations that hold and that do not."""

import gc
import json
import time

import pytest

from lab.dicom import dimse
from lab.dicom.pdu import PduType
from lab.model.echo import Echo
from tests.loopback.echo_scp import (
    Conversation,
    aborts_the_echo,
    answers,
    answers_and_hangs_up,
    answers_with,
    echo_scp,
    rejects,
)
from tests.loopback.echoing import lab_echo

SLOW_S = 0.05


def answers_slowly(conversation: Conversation) -> None:
    """Each after 50 ms."""
    conversation.hear_request()
    conversation.accept()
    for _ in range(3):
        conversation.hear_echo()
        time.sleep(SLOW_S)
        conversation.answer()
    conversation.until_released()


def test_the_round_trip_is_that_of_the_peers_answer() -> None:
    with echo_scp(answers_slowly) as (port, _):
        ran = lab_echo("--count", 3, "--interval", 0, "-o", "json", "localhost", port)
    document = json.loads(ran.stdout)
    assert (ran.code, document["schema_version"]) == (0, 1)
    assert (document["sent"], document["answered"], document["failed"], document["lost"]) == (3, 3, 0, 0)
    assert SLOW_S * 1e3 <= document["min_ms"] <= document["median_ms"] <= document["max_ms"] < 1000
    assert document["median_ms"] <= document["p95_ms"] <= document["max_ms"]
    assert [echo["status"] for echo in document["echoes"]] == [0, 0, 0]


def test_a_count_is_one_association_as_long_as_it_holds() -> None:
    with echo_scp(answers) as (port, said):
        assert lab_echo("--count", 4, "--interval", 0, "localhost", port).code == 0
    assert len(said) == 1
    assert [command.us_or_none(dimse.MESSAGE_ID) for command in said[0].called] == [1, 2, 3, 4]


def test_what_was_counted_before_ctrl_c_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    moments_s: list[float] = []

    def interrupted(moment_s: float) -> None:
        moments_s.append(moment_s)
        if len(moments_s) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("lab.system.echo._wait_until", interrupted)
    with echo_scp(answers) as (port, said):
        ran = lab_echo("--count", 9, "-o", "json", "localhost", port)
        time.sleep(0.05)
    assert (ran.code, json.loads(ran.stdout)["sent"]) == (130, 2)
    assert said[0].heard[-1] == PduType.A_ABORT


def test_a_repetition_without_statistics_keeps_none_of_its_answers() -> None:
    kept: list[int] = []

    def counts(conversation: Conversation) -> None:
        conversation.hear_request()
        conversation.accept()
        for _ in range(50):
            conversation.hear_echo()
            conversation.answer()
        kept.append(sum(isinstance(one, Echo) for one in gc.get_objects()))
        conversation.until_released()

    with echo_scp(counts) as (port, _):
        assert lab_echo("--repeat", 50, "localhost", port).code == 0
    assert kept[0] <= 2


@pytest.mark.alone
def test_an_interval_is_kept() -> None:
    with echo_scp(answers) as (port, _):
        begun_s = time.monotonic()
        assert lab_echo("--count", 3, "--interval", 0.2, "localhost", port).code == 0
    assert 0.4 <= time.monotonic() - begun_s < 1.5


def test_a_lost_echo_is_counted_and_the_next_one_gets_a_new_association() -> None:
    with echo_scp(aborts_the_echo) as (port, said):
        ran = lab_echo("--count", 3, "--interval", 0, "-o", "json", "localhost", port)
    document = json.loads(ran.stdout)
    assert (ran.code, document["answered"], document["lost"]) == (1, 0, 3)
    assert (document["min_ms"], document["p95_ms"]) == (None, None)
    assert "aborted by the peer" in document["echoes"][0]["trouble"]
    assert ran.stderr.count("is lost") == 3
    assert len(said) == 3


def test_a_peer_that_closes_between_two_echoes_loses_one() -> None:
    with echo_scp(answers_and_hangs_up) as (port, said):
        ran = lab_echo("--count", 5, "--interval", 0.1, "-o", "json", "localhost", port)
    document = json.loads(ran.stdout)
    assert (ran.code, document["answered"], document["lost"]) == (1, 4, 1)
    assert "between two C-ECHOs" in document["echoes"][3]["trouble"]
    assert len(said) == 2


def test_a_repeat_that_the_peer_cuts_short_fails() -> None:
    with echo_scp(answers_and_hangs_up) as (port, _):
        ran = lab_echo("--repeat", 5, "--interval", 0.1, "localhost", port)
    assert (ran.code, "between two C-ECHOs" in ran.stderr) == (1, True)
    assert ran.stdout.splitlines()[-1].split()[:2] == ["3", "3"]


def test_an_answer_that_is_no_success_is_counted_as_failed() -> None:
    with echo_scp(answers_with(0x0122)) as (port, _):
        ran = lab_echo("--count", 2, "--interval", 0, "-q", "-o", "json", "localhost", port)
    document = json.loads(ran.stdout)
    assert (ran.code, document["answered"], document["failed"], document["lost"]) == (1, 2, 2, 0)
    assert ran.stderr == ""


def test_a_peer_that_is_not_there_is_no_statistic() -> None:
    with echo_scp(rejects(1, 1, 7)) as (port, _):
        ran = lab_echo("--count", 2, "localhost", port)
    assert (ran.code, ran.stdout) == (1, "")
    assert "called AE title not recognized" in ran.stderr


@pytest.mark.parametrize(
    ("words", "lines"), [("", 0), ("--count 1", 3), ("--repeat 2 -o table", 3), ("--interval 0", 3)]
)
def test_without_an_option_of_ours_nothing_is_printed(words: str, lines: int) -> None:
    with echo_scp(answers) as (port, _):
        ran = lab_echo(*words.split(), "localhost", port)
    assert (ran.code, ran.stderr, len(ran.stdout.splitlines())) == (0, "", lines)


@pytest.mark.parametrize(("words", "levels"), [("-v", {"I"}), ("-d", {"I", "D"}), ("-ll trace", {"I", "D"})])
def test_steps_are_told_on_stderr_by_their_level(words: str, levels: set[str]) -> None:
    with echo_scp(answers) as (port, said):
        ran = lab_echo(*words.split(), "localhost", port)
    assert {line.split(":")[0] for line in ran.stderr.splitlines()} == levels
    assert "association accepted; the peer takes PDUs of 16384 bytes" in ran.stderr
    assert "received C-ECHO-RSP, status 0x0000" in ran.stderr
    assert said[0].heard[-1] == PduType.A_RELEASE_RQ


@pytest.mark.parametrize("words", ["", "-ll warn"])
def test_quiet_hides_what_echoscu_ends_with_0(words: str) -> None:
    with echo_scp(aborts_the_echo) as (port, _):
        assert "Error: " in lab_echo(*words.split(), "localhost", port).stderr
        assert lab_echo("-q", "localhost", port).stderr == ""


def test_arguments_are_shown_with_command_files_written_out() -> None:
    with echo_scp(answers) as (port, _):
        ran = lab_echo("--arguments", "-aec", "A B", "localhost", port)
    assert f"--arguments -aec 'A B' localhost {port}" in ran.stderr


def test_options_come_from_the_environment() -> None:
    with echo_scp(answers) as (port, said):
        assert lab_echo("localhost", port, LAB_ECHO_CALL="PACS", LAB_ECHO_ABORT="1").code == 0
        time.sleep(0.05)
    assert said[0].request.called_ae_title == "PACS"
    assert said[0].heard[-1] == PduType.A_ABORT
