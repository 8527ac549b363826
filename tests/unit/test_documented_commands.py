"""What README, the changelog and docs/ tell people to type can be typed."""

import re
import shlex
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import click
import pytest

from lab.cli.echo import echo
from lab.cli.main import main
from lab.cli.speedtest import speedtest
from lab.cli.speedtest_options import OPTIONS as SPEEDTEST_OPTIONS
from lab.cli.speedtest_parser import parser as speedtest_parser
from lab.echoscu.checking import check
from lab.echoscu.parsing import parse
from lab.echoscu.table import BY_NAME
from lab.errors import LabError

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
OF_OTHER_PROGRAMS = {
    "--server",
    "--client",
    "--one-off",
    "--scan-directories",
    "--scan-pattern",
    "--max-send-pdu",
    "--headless",
    "--no-sandbox",
    "--hide-scrollbars",
    "--virtual-time-budget",
    "--window-size",
    "--screenshot",
}
FILLED_IN = {"HOST": "localhost", "PORT": "4242", "AEC": "ORTHANC"}
PLACEHOLDER = re.compile(r"\$?[A-Z][A-Z_,./0-9]*\b.*")

_SHELL = re.compile(r"[;|&](?=\s|$)|\s>\s")
_CODE = re.compile(r"`([^`]+)`")


def commands_typed(page: str) -> Iterator[str]:
    """Whole commands: lines of code that call `lab`, without comments, joined where they go on."""
    for line in re.sub(r"\\\n\s*", " ", page).splitlines():
        if line.startswith("    "):
            for part in _SHELL.split(_without_comment(line)):
                if called := re.match(r"\s*(?:do )?((?:lab|(?:\.venv/bin/)?speedtest) .*)", part):
                    yield called[1].strip()


def commands_named(page: str) -> Iterator[str]:
    """Commands in running text, which may be cut short: `lab compare`, `lab up --with tls`."""
    for code in _CODE.findall(" ".join(page.split())):
        if code.startswith("lab "):
            yield _SHELL.split(code)[0].strip()


def _without_comment(line: str) -> str:
    return re.sub(r"\s#\s.*", "", line)


def wrong_with(text: str, *, whole: bool) -> str:
    """What cannot be typed like this; "" when it can. `a|b` stands for a and for b, [a] for a."""
    words = shlex.split(re.sub(r"\[options\]|(?<!\w)\[(.*?)\](?!\w)", r"\1", text))
    for one in product(*(word.split("|") for word in words)):
        if one[0] == "lab" and (wrong := _wrong(main, list(one[1:]), whole=whole)):
            return f"{text}: {wrong}"
        if one[0].endswith("speedtest") and (wrong := _wrong_by_its_own(speedtest, list(one[1:]))):
            return f"{text}: {wrong}"
    return ""


def _wrong(command: click.Command, words: list[str], *, whole: bool) -> str:
    if command in (echo, speedtest):
        return _wrong_by_its_own(command, words) if whole else ""
    context = click.Context(command, **command.context_settings)
    try:
        given, left, _ = command.make_parser(context).parse_args(words)
    except click.BadOptionUsage as error:  # its value is missing
        return error.message if whole else ""
    except click.UsageError as error:
        return error.message
    if isinstance(command, click.Group) and left:
        child = command.get_command(context, left[0])
        return _wrong(child, left[1:], whole=whole) if child else f"no command {left[0]}"
    if left:
        return f"too many words: {left}"
    return next((wrong for param in command.params if (wrong := _bad_value(param, given, whole=whole))), "")


def _bad_value(param: click.Parameter, given: dict[str, object], *, whole: bool) -> str:
    value = given.get(param.name or "")
    if not isinstance(value, str | list | tuple) or not value:
        return f"{param.name} is missing" if whole and param.required else ""
    for word in [value] if isinstance(value, str) else value:
        if isinstance(param.type, click.Path) or PLACEHOLDER.fullmatch(word):
            continue
        try:
            param.type.convert(word, param, None)
        except click.UsageError as error:
            return f"{param.name}: {error.message}"
    return ""


def _wrong_by_its_own(command: click.Command, words: list[str]) -> str:
    """`lab echo` and `lab speedtest` read their words themselves."""
    filled = [FILLED_IN.get(word, word) for word in words]
    try:
        if command is echo:
            check(parse(filled))
        elif filled not in (["-h"], ["--help"]):
            speedtest_parser().parse_args(filled)
    except LabError as error:
        return error.message
    return ""


def every_option() -> set[str]:
    """Of all commands, and `--help`."""

    def walk(command: click.Command) -> Iterator[str]:
        for param in command.params:
            yield from (*param.opts, *param.secondary_opts)
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                if child := command.get_command(context, name):
                    yield from walk(child)

    return {"--help", *walk(main), *BY_NAME, *(name for one in SPEEDTEST_OPTIONS for name in one.names)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_the_page_can_be_typed(page: Path) -> None:
    text = page.read_text()
    wrong = [wrong_with(one, whole=True) for one in commands_typed(text)]
    wrong += [wrong_with(one, whole=False) for one in commands_named(text)]
    assert [one for one in wrong if one] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_the_page_speaks_of_is_there(page: Path) -> None:
    named = re.findall(
        r"(?<![\w-])--[a-z][a-z0-9-]+", " ".join(_CODE.findall(" ".join(page.read_text().split())))
    )
    assert set(named) - every_option() - OF_OTHER_PROGRAMS == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_and_make_target_the_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"(?:`|^    )(?:\w+=\w+ )?make ([a-z]+)", text, re.MULTILINE))
    assert targets <= set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert [name for name in re.findall(r"\bdocs/[\w.-]+\.md", text) if not (ROOT / name).is_file()] == []


def test_commands_are_found_where_they_stand() -> None:
    page = "Use `lab net\nstatus`.\n\n    for i in 1; do lab top; done\n    lab up; lab down  # lab no\n"
    page += "    lab seed \\\n      x\n    host: lab no\n"
    assert list(commands_named(page)) == ["lab net status"]
    assert list(commands_typed(page)) == ["lab top", "lab up", "lab down", "lab seed  x"]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("lab nonsense", "no command nonsense"),
        ("lab bench move --nonsense", "No such option"),
        ("lab bench move --runs none", "not a valid integer"),
        ("lab bench move --runs 0", "runs"),
        ("lab data make|nonsense quick", "no command nonsense"),
        ("lab net status -o table|nonsense", "is not one of"),
        ("lab net verify [--nonsense 15]", "No such option"),
        ("lab bench run", "name is missing"),
        ("lab compare BASE NEW --fail-above", "requires an argument"),
        ("lab down everything", "too many words"),
        ("lab echo --nonsense HOST PORT", "--nonsense"),
        ("lab speedtest HOST PORT AEC --nonsense", "--nonsense"),
        ("speedtest HOST PORT", "aec"),
    ],
)
def test_what_cannot_be_typed_is_found(typed: str, wrong: str) -> None:
    assert wrong in wrong_with(typed, whole=True)


def test_a_command_in_a_sentence_may_lack_its_end_but_no_letter() -> None:
    assert wrong_with("lab compare --fail-above", whole=False) == ""
    assert "No such option" in wrong_with("lab compare --fail-abov", whole=False)


@pytest.mark.parametrize(
    "typed",
    [
        "lab compare BASE NEW [--vary FIELD,...] -o table|json|csv|md",
        "lab report DIR --html FILE",
        "lab bench move NAME --parallel K",
        "lab dcmtk iperf3 --client tester",
        "lab --project other bench goals",
        "lab speedtest HOST PORT AEC -x= --runs 5",
    ],
)
def test_what_can_be_typed_is_no_complaint(typed: str) -> None:
    assert wrong_with(typed, whole=True) == ""


def test_every_doubt_that_a_record_can_have_is_explained() -> None:
    source = "".join(file.read_text() for file in sorted((ROOT / "lab/bench").glob("*.py")))
    codes = set(re.findall(r'code="(\w+)"', source))
    page = (ROOT / "docs/instrument.md").read_text()
    assert len(codes) > 20
    assert {code for code in codes if f"`{code}`" not in page} == set()
