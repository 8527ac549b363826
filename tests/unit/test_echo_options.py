"""echoscu's options, every one of them: accepted or refused with a reason, never unknown, never ignored."""

from pathlib import Path

import pytest

from lab.echoscu.option import Option, Value
from lab.echoscu.request import Kind, Request, requested
from lab.echoscu.table import BY_NAME, OPTIONS
from lab.errors import VerificationError

REFERENCE = Path(__file__).with_name("echoscu-3.6.9-options.tsv")
PEER = ("localhost", "104")
NEEDED = {
    "--enable-tls": ["+tls", "k", "c"],
    "--enable-tls or --anonymous-tls": ["+tla"],
    "--seed": ["+tla", "+rs", "s"],
}
SAMPLES = {"text": "x", "whole": "1", "number": "0.5"}


def ask(*words: str) -> Request:
    return requested(words, lambda _: "")


def refused(*words: str) -> VerificationError:
    with pytest.raises(VerificationError) as caught:
        ask(*words)
    assert caught.value.exit_code == 1
    assert caught.value.remedy
    return caught.value


def reference() -> list[tuple[str, str, int, str]]:
    rows = [line.split("\t") for line in REFERENCE.read_text().splitlines() if not line.startswith("#")]
    return [(long, "" if short == "-" else short, int(values), span) for long, short, values, span in rows]


def sample(value: Value) -> str:
    if value.choices:
        return value.choices[0]
    if value.high is not None:
        return f"{value.high:.0f}"
    return "TLS_RSA_WITH_AES_128_GCM_SHA256" if value.name == "SUITE" else SAMPLES[value.kind]


def words(option: Option, name: str) -> list[str]:
    return [*NEEDED.get(option.needs, []), name, *map(sample, option.values), *PEER]


@pytest.mark.parametrize(("long", "short", "values", "span"), reference(), ids=lambda value: str(value))
def test_an_option_of_echoscu_has_its_names_its_values_and_its_range(
    long: str, short: str, values: int, span: str
) -> None:
    option = BY_NAME[long]
    assert (option.short, len(option.values), option.ours) == (short, values, False)
    if span != "-":
        assert f"{option.values[0].low:g}..{option.values[0].high:.0f}" == span


NAMES = [pytest.param(name, id=name) for name in BY_NAME]


@pytest.mark.parametrize("name", NAMES)
def test_an_option_that_cannot_be_honoured_is_refused_and_never_ignored(name: str) -> None:
    option = BY_NAME[name]
    if option.refused:
        error = refused(*words(option, name))
        assert option.long in error.message
        assert (option.refused in error.message, error.remedy) == (True, option.instead)
    else:
        without = ask(*NEEDED.get(option.needs, []), *PEER)
        assert ask(*words(option, name)) != without or option.default == "on"


def test_only_options_of_echoscu_and_the_few_of_ours_are_known() -> None:
    echoscus = {long for long, *_ in reference()} | {"--profile-basic"}
    assert {option.long for option in OPTIONS if not option.ours} == echoscus
    assert [option.long for option in OPTIONS if option.ours] == [
        "--count",
        "--interval",
        "--output",
        "--check-name",
    ]


def test_no_two_options_share_a_name() -> None:
    names = [name for option in OPTIONS for name in (option.long, option.short) if name]
    assert len(names) == len(set(names)) == len(BY_NAME)


RANGED = [
    pytest.param(name, value, id=name)
    for name, option in BY_NAME.items()
    for value in option.values
    if value.kind != "text"
]


@pytest.mark.parametrize(("name", "value"), RANGED)
def test_a_range_holds_its_ends_and_nothing_beyond(name: str, value: Value) -> None:
    for inside in (value.low, value.high):
        if inside is not None:
            ask(name, f"{inside:.0f}", *PEER)
    beyond = [] if value.low is None else [value.low - 1]
    for outside in (*beyond, *([] if value.high is None else [value.high + 1])):
        assert "is wanted" in refused(name, f"{outside:.0f}", *PEER).message


@pytest.mark.parametrize("text", ["", "x", "5abc", "3.5", "0x10", "1_0", "٣", "--", " 5"])
@pytest.mark.parametrize("name", ["-pts", "-to", "-pdu", "--repeat"])
def test_what_is_no_whole_number_is_refused(name: str, text: str) -> None:
    assert repr(text) in refused(name, text, *PEER).message


@pytest.mark.parametrize("text", ["0", "-1", "65536", "abc", "104x", "", "0x68"])
def test_a_port_is_a_whole_number_from_1_to_65535(text: str) -> None:
    assert "from 1 to 65535" in refused("localhost", text).message


def test_nothing_is_no_host() -> None:
    """A resolver would take it for this machine."""
    assert "no host" in refused("", "104").message


@pytest.mark.parametrize(
    "option", [option for option in OPTIONS if option.needs and not option.refused], ids=lambda o: o.long
)
def test_an_option_that_needs_another_is_refused_without_it(option: Option) -> None:
    given = [option.long, *map(sample, option.values)]
    assert option.needs in refused(*given, *PEER).message


@pytest.mark.parametrize(
    "given",
    [
        ["-ll info", "-v"],
        ["-ll info", "-q"],
        ["-ll info", "-d"],
        ["--no-sni", "--request-sni x"],
        ["+tla", "+pz", "+cs TLS_RSA_WITH_AES_128_GCM_SHA256"],
        ["--repeat 2", "--count 2"],
        ["+tla", "-der", "+cd d"],
        ["+tla", "-ic", "--check-name"],
    ],
    ids=" ".join,
)
def test_options_that_exclude_each_other_do_so_in_either_order(given: list[str]) -> None:
    for words in (given, given[::-1]):
        assert "does not stand with" in refused(*" ".join(words).split(), *PEER).message


@pytest.mark.parametrize(
    ("given", "suite"),
    [
        ("", "TLS_RSA_WITH_AES_128_CBC_SHA"),
        ("+pm", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
        ("+py", "TLS_RSA_WITH_NULL_SHA"),
        ("+pn", "NULL-SHA"),
        ("+pn", "TLS_AES_128_GCM_SHA256"),
    ],
)
def test_a_suite_that_is_unknown_or_that_the_profile_forbids_is_refused(given: str, suite: str) -> None:
    assert suite in refused("+tla", *given.split(), "+cs", suite, *PEER).message


def test_no_words_at_all_ask_for_help() -> None:
    assert ask().kind is Kind.HELP


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("+cc --version", Kind.VERSION),
        ("--version --help", Kind.HELP),
        ("+ph +cc", Kind.CIPHERS),
        ("+rc f +vc g", Kind.VERIFY_CERTIFICATE),
        ("+cc -pts 99 a b c", Kind.CIPHERS),
        ("+vc f a b c", Kind.VERIFY_CERTIFICATE),
    ],
)
def test_what_prints_and_ends_has_echoscus_precedence_and_needs_no_peer(given: str, kind: Kind) -> None:
    assert ask(*given.split()).kind is kind


@pytest.mark.parametrize("given", ["--help --nosuch", "--help -pts", "--nosuch +cc", "+vc"])
def test_even_then_every_word_must_be_known_and_complete(given: str) -> None:
    assert refused(*given.split())


@pytest.mark.parametrize("given", ["", "localhost", "localhost 104 x", "- localhost 104", "-1 localhost 104"])
def test_a_peer_and_a_port_and_nothing_else_are_wanted(given: str) -> None:
    assert refused("-v", *given.split())
