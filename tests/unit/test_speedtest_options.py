"""The options of the original, in every form it takes them; and those of ours."""

from pathlib import Path
from typing import Any

import pytest

from lab.cli.speedtest_options import OPTIONS, Option
from lab.cli.speedtest_parser import Asked, parsed
from lab.errors import UsageProblem

ROOT = Path(__file__).parents[2]
PACS = ["pacs.example", "104", "AEC"]
ORIGINALS = {
    ("-h", "--help"), ("--version",), ("-q", "--quiet"), ("-v", "--verbose"), ("-d", "--debug"),
    ("-ll", "--log-level"), ("-aet", "--ae-title"), ("-p", "--cstore-port"), ("-ta", "--acse-timeout"),
    ("-td", "--dimse-timeout"), ("-tn", "--network-timeout"), ("-pdu", "--max-pdu"),
    ("-ba", "--bind-address"), ("-x=", "--prefer-uncompr"), ("-xe", "--prefer-little"),
    ("-xb", "--prefer-big"), ("-xi", "--implicit"), ("--no-echo",), ("-s", "--study"),
    ("-pid", "--patientid"),
}  # fmt: skip

VALUES = [
    ("-ll", "--log-level", "debug", "log_level", "debug"),
    ("-aet", "--ae-title", "DRIMBOX", "ae_title", "DRIMBOX"),
    ("-p", "--cstore-port", "11112", "cstore_port", 11112),
    ("-ta", "--acse-timeout", "1.5", "acse_timeout_s", 1.5),
    ("-td", "--dimse-timeout", "600", "dimse_timeout_s", 600.0),
    ("-tn", "--network-timeout", "7", "network_timeout_s", 7.0),
    ("-pdu", "--max-pdu", "0", "max_pdu_bytes", 0),
    ("-ba", "--bind-address", "10.0.0.7", "bind_address", "10.0.0.7"),
    ("-s", "--study", "1.2.3", "study_instance_uid", "1.2.3"),
    ("-pid", "--patientid", "P^7 x", "patient_id", "P^7 x"),
    ("--calling", "--calling", "DRIM", "calling_ae_title", "DRIM"),
    ("--level", "--level", "study", "level", "STUDY"),
    ("--runs", "--runs", "5", "runs", 5),
    ("--save", "--save", "here", "save", Path("here")),
    ("-o", "--output", "json", "output", "json"),
]
FLAGS = [
    ("-q", "--quiet", "log_level", "critical"),
    ("-v", "--verbose", "log_level", "info"),
    ("-d", "--debug", "log_level", "debug"),
    ("-x=", "--prefer-uncompr", "preference", "uncompressed"),
    ("-xe", "--prefer-little", "preference", "little"),
    ("-xb", "--prefer-big", "preference", "big"),
    ("-xi", "--implicit", "preference", "implicit"),
    ("--no-echo", "--no-echo", "verification", False),
    ("--quiet-warning", "--quiet-warning", "quiet_warning", True),
]


def read(asked: Asked, field: str) -> Any:
    return getattr(asked, field) if hasattr(asked, field) else getattr(asked.wish, field)


def asked(*words: str, **environment: str) -> Asked:
    return parsed([*PACS, *words], environment)


def test_every_option_of_the_original_is_there_under_all_its_names() -> None:
    assert {option.names for option in OPTIONS if option.original} == ORIGINALS


def test_without_options_it_asks_as_the_original_does() -> None:
    wish = asked().wish
    assert (wish.host, wish.port, wish.called_ae_title) == ("pacs.example", 104, "AEC")
    assert (wish.ae_title, wish.cstore_port, wish.calling_ae_title) == ("STORESCP", 9999, "MOVESCU")
    assert (wish.acse_timeout_s, wish.dimse_timeout_s, wish.network_timeout_s) == (30.0, 30.0, 30.0)
    assert (wish.max_pdu_bytes, wish.bind_address, wish.verification) == (16382, "", True)
    assert (wish.study_instance_uid, wish.patient_id) == ("1.2.250.1.213.4.5.2.1.199", "199")
    assert (wish.level, wish.preference, wish.runs) == ("PATIENT", "compressed", 1)
    assert (asked().log_level, asked().save, asked().output) == ("warn", None, "table")


@pytest.mark.parametrize(("short", "long", "word", "field", "value"), VALUES)
@pytest.mark.long
def test_a_value_is_taken_in_every_form(short: str, long: str, word: str, field: str, value: object) -> None:
    for words in ([short, word], [long, word], [f"{long}={word}"]):
        assert read(asked(*words), field) == value, words
        assert read(parsed([*words, *PACS], {}), field) == value, words


@pytest.mark.parametrize("short", ["-p", "-s", "-o"])
def test_a_value_may_follow_a_one_letter_option_at_once(short: str) -> None:
    word, field = {
        "-p": ("104", "cstore_port"),
        "-s": ("1.2", "study_instance_uid"),
        "-o": ("csv", "output"),
    }[short]
    assert str(read(asked(short + word), field)) == word


@pytest.mark.parametrize(("short", "long", "field", "value"), FLAGS)
def test_a_flag_is_taken_in_both_forms(short: str, long: str, field: str, value: object) -> None:
    assert read(asked(), field) != value
    assert read(asked(short), field) == value
    assert read(asked(long), field) == value


def abbreviations() -> list[tuple[str, str]]:
    """Every prefix of a long option of the original that begins no other one of the original."""
    longs = [option.long for option in OPTIONS if option.original]
    prefixes = {long[:end] for long in longs for end in range(3, len(long))}
    begun = {prefix: [long for long in longs if long.startswith(prefix)] for prefix in prefixes}
    return sorted((prefix, hits[0]) for prefix, hits in begun.items() if len(hits) == 1)


@pytest.mark.parametrize(("prefix", "long"), abbreviations())
@pytest.mark.long
def test_what_is_unambiguous_in_the_original_is_so_here(prefix: str, long: str) -> None:
    """Even where an option of ours begins alike: --s is --study, though there is --save."""
    option = next(one for one in OPTIONS if one.long == long)
    if option.long in ("--help", "--version"):
        with pytest.raises(SystemExit, match="0"):
            asked(prefix)
    elif option.is_flag:
        assert asked(prefix) == asked(long)
    else:
        word = next(value[2] for value in VALUES if value[1] == long)
        assert asked(prefix, word) == asked(f"{prefix}={word}") == asked(long, word)


@pytest.mark.parametrize("prefix", ["--v", "--ver", "--pre", "--p", "--n"])
def test_what_is_ambiguous_in_the_original_is_refused(prefix: str) -> None:
    with pytest.raises(UsageProblem, match="ambiguous"):
        asked(prefix, "7")


@pytest.mark.parametrize(("prefix", "long", "word"), [("--sa", "--save", "x"), ("--ru", "--runs", "2")])
def test_ours_may_be_abbreviated_too(prefix: str, long: str, word: str) -> None:
    assert asked(prefix, word) == asked(long, word)


@pytest.mark.parametrize(
    "two", [("-x=", "-xe"), ("-xe", "-xb"), ("-xb", "--implicit"), ("-q", "-v"), ("-v", "-d")]
)
def test_some_options_exclude_each_other(two: tuple[str, str]) -> None:
    with pytest.raises(UsageProblem, match="not allowed with argument"):
        asked(*two)


def test_a_log_level_outdoes_a_flag() -> None:
    assert asked("-v", "-ll", "error").log_level == "error"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-p", "0"], "'0' is not a port"),
        (["-p", "70000"], "'70000' is not a port"),
        (["-p", "x"], "'x' is not a port"),
        (["-ta", "0"], "'0' is not a number of seconds above 0"),
        (["-td", "nan"], "'nan' is not a number of seconds"),
        (["-tn", "soon"], "'soon' is not a number of seconds"),
        (["-pdu", "255"], "'255' is not 0 .no limit. or 256 to"),
        (["-pdu", "-1"], "'-1' is not 0|expected one argument"),
        (["-pdu", "4294967296"], "is not 0 .no limit."),
        (["-aet", "SEVENTEEN LETTERS"], "is not an AE title"),
        (["-aet", r"A\B"], "is not an AE title"),
        (["-aet", "  "], "is not an AE title"),
        (["-s", "1.2/3"], "is not a UID"),
        (["-pid", ""], "is not a Patient ID"),
        (["-pid", "é"], "is not a Patient ID"),
        (["--runs", "0"], "'0' is not a number of 1 or more"),
        (["--level", "series"], "invalid choice"),
        (["-ll", "loud"], "invalid choice"),
        (["-o", "xml"], "invalid choice"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["more"], "unrecognized arguments: more"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(words: list[str], said: str) -> None:
    with pytest.raises(UsageProblem, match=said) as refused:
        asked(*words)
    assert refused.value.remedy == "lab speedtest --help"


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_the_pacs_must_be_named(missing: int) -> None:
    with pytest.raises(UsageProblem, match=r"required: .*aec"):
        parsed(PACS[:missing], {})


@pytest.mark.parametrize(("short", "long", "word", "field", "value"), VALUES)
def test_a_value_can_come_from_the_environment_and_the_command_line_wins(
    short: str, long: str, word: str, field: str, value: object
) -> None:
    name = "LAB_SPEEDTEST_" + long.lstrip("-").replace("-", "_").upper()
    assert read(asked(**{name: word}), field) == value
    assert asked(short, word, **{name: "no such value"} if field == "bind_address" else {name: word})


@pytest.mark.parametrize(("short", "long", "field", "value"), FLAGS)
def test_a_flag_can_come_from_the_environment(short: str, long: str, field: str, value: object) -> None:
    name = "LAB_SPEEDTEST_" + long.lstrip("-").replace("-", "_").upper()
    assert read(asked(**{name: "1"}), field) == value
    assert asked(**{name: "0"}) == asked()
    assert asked(short, **{name: "yes"}) == asked(short)


@pytest.mark.parametrize(
    ("word", "name", "field", "value"),
    [
        ("-q", "VERBOSE", "log_level", "critical"),
        ("-v", "QUIET", "log_level", "info"),
        ("-q", "LOG_LEVEL", "log_level", "critical"),
        ("--log-level=error", "DEBUG", "log_level", "error"),
        ("-xi", "PREFER_LITTLE", "preference", "implicit"),
        ("--prefer-unc", "IMPLICIT", "preference", "uncompressed"),
    ],
)
def test_the_command_line_overrules_what_it_excludes_in_the_environment(
    word: str, name: str, field: str, value: str
) -> None:
    for set_to in ("1", "debug"):
        assert read(asked(word, **{f"LAB_SPEEDTEST_{name}": set_to}), field) == value


def test_what_the_environment_says_wrongly_is_overruled_too() -> None:
    assert asked("-p", "104", LAB_SPEEDTEST_CSTORE_PORT="none").wish.cstore_port == 104
    with pytest.raises(UsageProblem, match="'none' is not a port"):
        asked(LAB_SPEEDTEST_CSTORE_PORT="none")


def test_an_ae_title_is_taken_without_the_spaces_around_it() -> None:
    assert asked("-aet", " A B ").wish.ae_title == "A B"


@pytest.fixture
def tls_words(tmp_path: Path) -> list[str]:
    names = ("--tls-key", "--tls-certificate", "--tls-ca")
    for name in names:
        (tmp_path / name).touch()
    return [word for name in names for word in (name, str(tmp_path / name))]


def test_the_files_of_tls_are_taken_together(tls_words: list[str]) -> None:
    tls = asked(*tls_words).wish.tls
    assert tls is not None
    assert [tls.key_file, tls.certificate_file, tls.ca_file] == tls_words[1::2]
    assert asked().wish.tls is None


@pytest.mark.parametrize("left_out", [0, 2, 4])
def test_none_of_the_files_of_tls_goes_without_the_others(tls_words: list[str], left_out: int) -> None:
    del tls_words[left_out : left_out + 2]
    with pytest.raises(UsageProblem, match="go together"):
        asked(*tls_words)


def test_a_file_of_tls_that_is_not_there_is_named(tls_words: list[str]) -> None:
    with pytest.raises(UsageProblem, match=r"there is no file /nowhere/ca\.pem"):
        asked(*tls_words[:-1], "/nowhere/ca.pem")


def test_every_test_that_the_table_names_uses_the_option() -> None:
    wrong = [
        (option.long, file)
        for option in OPTIONS
        for file in option.tested
        if not any(word in (ROOT / file).read_text() for word in as_written(option))
    ]
    assert wrong == []


def as_written(option: Option) -> list[str]:
    """As a word in a test's command line, or as what becomes of it."""
    return [f'"{name}"' for name in option.names] + [f"{option.long.lstrip('-').replace('-', '_')}="]
