import gc
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from lab.cli.main import main
from lab.system import process


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


def lab(root: Path, *words: str, **env: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *words], env=env)


def test_profiles_are_listed_as_json_for_programs(root: Path) -> None:
    profiles = json.loads(lab(root, "net", "list", "-o", "json").stdout)
    assert all(set(profile) == {"name", "description"} for profile in profiles)
    assert "wan-20ms" in [profile["name"] for profile in profiles]


def test_an_option_can_come_from_the_environment(root: Path) -> None:
    assert json.loads(lab(root, "net", "list", LAB_NET_LIST_OUTPUT="json").stdout)


def commands_of(group: click.Group) -> dict[str, click.Command]:
    with click.Context(group) as context:
        found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command}


def options() -> Iterator[tuple[str, str, click.Option]]:
    """Every option with the environment variable that the contract gives it and the one that click reads."""

    def walk(command: click.Command, path: list[str]) -> Iterator[tuple[str, str, click.Option]]:
        for param in command.params:
            if isinstance(param, click.Option) and param.name not in ("help", "version"):
                long = max(param.opts, key=len).lstrip("-").replace("-", "_")
                auto = "_".join(["LAB", *path, param.name or ""]).upper()
                yield "_".join(["LAB", *path, long]).upper(), str(param.envvar or auto), param
        if isinstance(command, click.Group):
            for name, child in commands_of(command).items():
                yield from walk(child, [*path, name])

    yield from walk(main, [])


def test_every_option_is_named_in_the_environment_as_on_the_command_line() -> None:
    assert [(wanted, read) for wanted, read, _ in options() if wanted != read] == []
    assert len(list(options())) > 20


def test_show_without_a_profile_lists_them(root: Path) -> None:
    assert lab(root, "net", "show").stdout == lab(root, "net", "list").stdout


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (["net", "show", "moon"], 2, "there is no profile 'moon'"),
        (["data", "make", "moon"], 2, "there is no study 'moon'"),
        (["data", "verify", "reference"], 2, "has not been made"),
        (["bench", "move", "--profile", "moon"], 2, "there is no profile 'moon'"),
        (["up", "--with", "moon"], 2, "'moon' is not one of"),
        (["doctor", "--fix", "--undo"], 2, "each other's opposite"),
        (["--project", "Bad Name", "status"], 2, "lower-case letters"),
        (["bench", "move", "--runs", "0"], 2, "--runs"),
        (["nonsense"], 2, "No such command"),
        (["net", "apply", "5g", "--duration", "0s"], 2, "--duration 0s is over before it begins"),
        (["net", "apply", "5g", "--duration", "10m"], 2, "units known here: us, ms, s"),
    ],
)
def test_what_is_wrong_is_named_with_the_exit_code_of_its_kind(
    root: Path, words: list[str], code: int, named: str
) -> None:
    result = lab(root, *words)
    assert result.exit_code == code
    assert named in result.stderr
    assert result.stdout == ""
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the SDK leaves its socket open
def test_no_engine_is_a_preflight_error_with_a_remedy(root: Path) -> None:
    result = lab(root, "net", "status", DOCKER_HOST="unix:///nowhere/docker.sock")
    gc.collect()
    assert result.exit_code == 3
    assert "the container engine does not answer" in result.stderr
    assert "lab doctor --fix" in result.stderr


def test_ctrl_c_ends_with_130(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.system.store.profiles", interrupt)
    assert lab(root, "net", "list").exit_code == 130


def ended_by(number: signal.Signals, *, ignored: bool = False) -> int:
    """The exit code of a program that gets a signal and, should it go on, a line to end with 0."""
    argv = [
        sys.executable,
        "-c",
        "from lab.cli.main import heed_endings as h; h(); print(flush=True); input()",
    ]
    inherited = partial(signal.signal, number, signal.SIG_IGN if ignored else signal.SIG_DFL)
    with subprocess.Popen(
        argv,
        preexec_fn=inherited,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        program.send_signal(number)
        program.communicate(b"go on\n")
    return program.returncode


def test_a_terminal_that_goes_interrupts_as_ctrl_c_does_unless_nohup_says_otherwise() -> None:
    interrupted = -signal.SIGINT  # as Python ends by an interrupt that nobody catches
    assert ended_by(signal.SIGTERM) == interrupted
    assert ended_by(signal.SIGHUP) == interrupted
    assert ended_by(signal.SIGHUP, ignored=True) == 0


def test_studies_are_listed_before_any_is_made(root: Path) -> None:
    rows = json.loads(lab(root, "data", "list", "-o", "json").stdout)
    assert {"quick", "reference"} <= {row["name"] for row in rows}
    assert not any(row["made"] for row in rows)


def test_every_command_explains_itself(root: Path) -> None:
    for name, command in commands_of(main).items():
        assert command.get_short_help_str(), name
        if name not in ("dc", "logs"):
            assert lab(root, name, "--help").exit_code == 0


def test_a_failed_program_is_named_with_its_last_words() -> None:
    with pytest.raises(process.ProcessFailed, match=r"`sh -c 'echo gone >&2; exit 3'` ended with 3: gone"):
        process.run(["sh", "-c", "echo gone >&2; exit 3"])


def test_a_program_that_is_not_there_is_no_stack_trace() -> None:
    with pytest.raises(process.ProcessFailed, match="no-such-program: not found"):
        process.run(["no-such-program"])
