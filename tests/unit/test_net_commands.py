"""`lab net list`, `show` and `learn`, through the command line."""

import json
from pathlib import Path

import pytest

from lab.system import process
from tests.unit.test_cli import lab
from tests.unit.test_learned import IPERF3, IPUTILS, REFUSED

MINE = 'description = "a line of ours"\nsource = "s"\n[down]\ndelay = "7ms"\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, str, str]]:
    """Exit code, stdout and stderr of ping and iperf3, to be changed by a test."""
    answers = {"ping": (0, IPUTILS, ""), "iperf3": (0, IPERF3, "")}

    def run(argv: list[str], **_: object) -> process.Completed:
        code, stdout, stderr = answers[argv[0]]
        return process.Completed(argv=tuple(argv), returncode=code, stdout=stdout, stderr=stderr)

    monkeypatch.setattr("lab.system.process.run", run)
    return answers


def test_a_study_that_is_not_made_is_told_by_its_recipe(root: Path) -> None:
    shown = lab(root, "net", "show", "mpls-hospital").stdout
    assert "adds 20 ms to a round trip; the bandwidth-delay product is 250.0 kB" in shown
    assert "reference (1300 instances, 209.6 MB): 43.5 s" in shown
    assert (
        "once it is made: lab data make mr-head"
        in lab(root, "net", "show", "5g", "--study", "mr-head").stdout
    )


def test_what_to_expect_is_there_for_programs(root: Path) -> None:
    found = json.loads(lab(root, "net", "show", "wan-20ms", "-o", "json").stdout)
    assert found["name"] == "wan-20ms"
    assert found["expected"]["duration_s"] == pytest.approx(52)
    assert found["expected"]["study"]["instances"] == 1300


def test_a_study_nobody_knows_is_refused(root: Path) -> None:
    result = lab(root, "net", "show", "wan-20ms", "--study", "moon")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no study 'moon'" in result.stderr


def test_seldom_impairments_have_a_column_only_where_there_are_any(root: Path) -> None:
    assert "corrupt " in lab(root, "net", "show", "corrupt").stdout.splitlines()[0]
    heading = lab(root, "net", "show", "wan-20ms").stdout.splitlines()[0].split()
    assert heading == ["direction", "rate", "delay", "jitter", "loss", "buffer"]


def test_phases_are_shown_one_by_one(root: Path) -> None:
    shown = lab(root, "net", "show", "drops-3s-every-minute").stdout
    assert "drops: nothing gets through" in shown
    assert "then: from the first phase again" in shown
    assert lab(root, "net", "show", "drops-3s-every-minute", "-o", "csv").stdout.startswith(
        "phase,lasts,direction"
    )


def test_a_profile_of_ones_own_is_listed_and_shown_by_name_and_by_path(root: Path) -> None:
    (root / "profiles").mkdir()
    file = root / "profiles/mine.toml"
    file.write_text(MINE)
    assert "a line of ours" in lab(root, "net", "list").stdout
    assert lab(root, "net", "show", "mine").stdout == lab(root, "net", "show", str(file)).stdout


def test_an_alias_is_listed_behind_its_profile(root: Path) -> None:
    assert "teleradiology over 5G (also: telerad-5g)" in lab(root, "net", "list").stdout


@pytest.mark.usefixtures("programs")
def test_a_learned_link_is_kept_and_shown(root: Path) -> None:
    learned = lab(root, "net", "learn", "pacs.example.org")
    assert learned.exit_code == 0
    assert "93 mbit" in learned.stdout
    assert "assumed: delay" in learned.stdout
    shown = lab(root, "net", "show", "to-pacs.example.org")
    assert learned.stdout.strip() in shown.stdout
    assert "kept as" in learned.stderr


@pytest.mark.usefixtures("programs")
def test_a_learned_link_takes_no_name_that_is_taken(root: Path) -> None:
    assert lab(root, "net", "learn", "pacs", "--name", "mine").exit_code == 0
    again = lab(root, "net", "learn", "pacs", "--name", "mine")
    assert (again.exit_code, "there is a profile 'mine' already" in again.stderr) == (2, True)
    assert lab(root, "net", "learn", "pacs", "--name", "mine", "--replace").exit_code == 0
    assert "another profile" in lab(root, "net", "learn", "pacs", "--name", "5g", "--replace").stderr
    assert "cannot be a profile's name" in lab(root, "net", "learn", "pacs", "--name", "a/b").stderr


def test_without_iperf3_the_rate_stays_unknown_and_that_is_said(
    root: Path, programs: dict[str, tuple[int, str, str]]
) -> None:
    programs["iperf3"] = (1, REFUSED, "")
    result = lab(root, "net", "learn", "pacs", "-o", "json")
    assert json.loads(result.stdout)["down"]["rate_bit_s"] is None
    assert "the rate down stays unknown: unable to connect" in result.stderr
    programs["iperf3"] = (127, "", "iperf3: not found")
    assert "there is no iperf3 on this machine" in lab(root, "net", "learn", "pacs", "--replace").stderr


@pytest.mark.parametrize(
    ("answer", "code", "named"),
    [
        ((127, "", "ping: not found"), 3, "there is no ping program"),
        ((2, "", "ping: moon: Name or service not known\n"), 2, "nobody knows the host 'moon'"),
        ((68, "", "ping: cannot resolve moon: Unknown host\n"), 2, "nobody knows the host 'moon'"),
        ((2, "", "ping: socket: Operation not permitted\n"), 1, "Operation not permitted"),
        ((2, "", ""), 1, "it says: nothing"),
        (
            (1, "9 packets transmitted, 0 received, 100% packet loss\n", ""),
            4,
            "moon answered none of 9 pings",
        ),
    ],
)
def test_a_link_that_cannot_be_measured_is_one_line_and_a_remedy(
    root: Path,
    programs: dict[str, tuple[int, str, str]],
    answer: tuple[int, str, str],
    code: int,
    named: str,
) -> None:
    programs["ping"] = answer
    result = lab(root, "net", "learn", "moon")
    assert result.exit_code == code
    assert named in result.stderr
    assert "Try: " in result.stderr
    assert not (root / "profiles").exists()


@pytest.mark.parametrize("host", ["-f", "a b", "", "a;b"])
def test_what_cannot_be_a_host_is_refused_before_ping_sees_it(root: Path, host: str) -> None:
    result = lab(root, "net", "learn", "--", host)
    assert result.exit_code == 2
    assert "neither a host's name nor an address" in result.stderr
