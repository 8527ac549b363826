"""The parser and the command files: echoscu's rules, as they were found by running it."""

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.echoscu.command_file import words_of
from lab.echoscu.environment import preset, variable
from lab.echoscu.parsing import parse
from lab.echoscu.request import Request, requested
from lab.echoscu.table import BY_NAME, OPTIONS
from lab.errors import VerificationError
from lab.model.echo import EchoOrder, IpVersion, Level
from lab.model.tls import Revocation, TlsParameters

PEER = ("localhost", "104")
TEXT = st.text(string.printable + "éß", min_size=1, max_size=12)
BARE = st.text(string.ascii_letters + string.digits + "-+@\\/.", min_size=1, max_size=12)


def order(*words: str) -> EchoOrder:
    made = requested((*words, *PEER), lambda _: "").order
    assert made is not None
    return made


def tls(*words: str) -> TlsParameters:
    made = order("+tla", *words).tls
    assert made is not None
    return made


@st.composite
def given_options(draw: st.DrawFn) -> list[str]:
    option = draw(st.sampled_from(OPTIONS))
    name = draw(st.sampled_from([name for name in (option.short, option.long) if name]))
    return [name, *(draw(TEXT) for _ in option.values)]


@given(st.lists(given_options(), max_size=8), st.lists(BARE.filter(lambda word: word[0] not in "+-")))
def test_options_and_parameters_may_be_mixed_and_nothing_is_lost(
    options: list[list[str]], parameters: list[str]
) -> None:
    """Values may look like anything, options too."""
    parsed = parse([*(word for option in options for word in option), *parameters])
    assert [(one.option.long, *one.values) for one in parsed.given] == [
        (BY_NAME[name].long, *values) for name, *values in options
    ]
    assert list(parsed.parameters) == parameters


@given(st.lists(TEXT, max_size=10))
def test_any_words_are_understood_or_refused_in_words(words: list[str]) -> None:
    with suppress(VerificationError):
        assert requested(words, lambda _: "").kind


@given(st.lists(given_options(), min_size=1, max_size=8))
def test_of_rivals_the_rightmost_holds(options: list[list[str]]) -> None:
    parsed = parse([word for option in options for word in option])
    last = parsed.given[-1]
    assert parsed.holding()[-1] is last
    choices = [one.option.choice for one in parsed.holding() if one.option.choice]
    assert len(choices) == len(set(choices))


@given(st.lists(BARE, max_size=10), st.sampled_from([" ", "\t", "\n", "\r\n", "  \n\t "]))
def test_words_of_a_command_file_are_parted_by_blanks_tabs_and_line_ends(
    words: list[str], between: str
) -> None:
    assert words_of(between.join(words)) == words


@given(st.lists(st.text(min_size=1, max_size=9).filter(lambda text: '"' not in text)))
def test_within_quotes_everything_is_kept(words: list[str]) -> None:
    assert words_of(" ".join(f'"{word}"' for word in words)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-aet \"A B\" -aec 'C D'", ["-aet", "A B", "-aec", "C D"]),
        ('x"a b"y', ["xa b", "y"]),
        ('x"a b', ["xa b"]),
        ('"a b"c d', ["a b", "c", "d"]),
        ('"a"b" c"', ["a", "b c"]),
        ("a'b c'd", ["ab c", "d"]),
        ('"" x', ["x"]),
        ('a\\"b c', ["a\\b c"]),
        ('"it\'s" c', ["it's", "c"]),
        ("# comment\n-v", ["#", "comment", "-v"]),
        ('"a\nb" c', ["a\nb", "c"]),
        ("a\fb", ["a\fb"]),
        ("-aet @other x", ["-aet", "@other", "x"]),
        ("  \n", []),
    ],
)
def test_a_command_file_is_read_as_echoscu_reads_it(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_command_file_stands_wherever_a_word_does() -> None:
    files = {"title": "-aec 'MY PACS'", "value": "OTHER", "peer": "localhost 104"}
    request = requested(["--arguments", "@title", "-aet", "@value", "@peer"], files.__getitem__)
    assert request.words == ("--arguments", "-aec", "MY PACS", "-aet", "OTHER", "localhost", "104")
    assert request.order is not None
    assert request.order.called_ae_title == "MY PACS"


def test_a_command_file_that_is_not_there_is_named() -> None:
    def read(name: str) -> str:
        raise FileNotFoundError(2, "No such file or directory", name)

    with pytest.raises(VerificationError, match="command file nosuch cannot be read: No such file"):
        requested(["@nosuch"], read)


def test_a_lone_at_sign_is_a_parameter() -> None:
    assert parse(["@"]).parameters == ("@",)


@pytest.mark.parametrize(
    "word", ["--aeti", "-aetX", "--aetitle=X", "-vd", "+v", "-V", "--VERBOSE", "--", "-x="]
)
def test_options_are_not_shortened_joined_or_spelt_otherwise(word: str) -> None:
    with pytest.raises(VerificationError, match=f"no option {word.replace('+', '.')}"):
        parse([word, *PEER])


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("", Level.WARN),
        ("-v -q", Level.FATAL),
        ("-q -v", Level.INFO),
        ("-d -v", Level.INFO),
        ("-v -d", Level.DEBUG),
        ("-ll DEBUG", Level.DEBUG),
        ("-ll trace -ll error", Level.ERROR),
    ],
)
def test_of_quiet_verbose_and_debug_the_last_holds(words: str, level: Level) -> None:
    assert requested([*words.split(), *PEER], lambda _: "").level is level


@pytest.mark.parametrize(
    ("words", "has_tls", "has_own"),
    [
        ("+tls k c -tls", False, False),
        ("-tls +tls k c", True, True),
        ("+tla +tls k c", True, True),
        ("+tls k c +tla", True, False),
    ],
)
def test_of_the_transports_the_last_holds(words: str, has_tls: bool, has_own: bool) -> None:
    made = order(*words.split()).tls
    assert (made is not None, bool(made and made.own)) == (has_tls, has_own)


def test_only_the_value_that_holds_is_checked() -> None:
    assert order("-pts", "99", "-pts", "2").transfer_syntaxes == 2
    with pytest.raises(VerificationError):
        order("-pts", "2", "-pts", "99")


def test_defaults_are_echoscus() -> None:
    plain = order()
    assert (plain.calling_ae_title, plain.called_ae_title) == ("ECHOSCU", "ANY-SCP")
    assert (plain.transfer_syntaxes, plain.contexts, plain.repeat, plain.max_pdu_bytes) == (1, 1, 1, 16384)
    assert (plain.connect_timeout_s, plain.socket_timeout_s) == (None, 60)
    assert (plain.acse_timeout_s, plain.dimse_timeout_s) == (30, None)
    assert (plain.ip_version, plain.tls, plain.abort, plain.keep_on) == (IpVersion.V4, None, False, False)
    secured = tls()
    assert (secured.profile.name, secured.verify_peer, secured.server_name) == ("8996", True, "")
    assert (secured.revocation, secured.check_name) == (Revocation.NONE, False)


def test_a_count_brings_an_interval_and_a_limit_with_it() -> None:
    counted = order("--count", "5")
    assert (counted.repeat, counted.interval_s, counted.dimse_timeout_s, counted.keep_on) == (5, 1, 30, True)


@pytest.mark.parametrize("socket_timeout", ["0", "-1"])
def test_a_socket_timeout_of_0_or_less_is_none(socket_timeout: str) -> None:
    assert order("-ts", socket_timeout).socket_timeout_s is None


@pytest.mark.parametrize(
    ("words", "revocation"),
    [("+crl f", Revocation.LEAF), ("+crl f +cra", Revocation.CHAIN), ("+cra +crv", Revocation.LEAF)],
)
def test_a_revocation_list_implies_its_use(words: str, revocation: Revocation) -> None:
    assert tls(*words.split()).revocation is revocation


@pytest.mark.parametrize("title", ["", "   ", "A\\B", "É", "A\tB"])
def test_what_is_no_ae_title_is_refused(title: str) -> None:
    with pytest.raises(VerificationError, match="is no AE title"):
        order("-aec", title)


def test_a_title_too_long_is_cut_as_echoscu_cuts_it_and_that_is_said() -> None:
    request = requested(["-aec", "12345678901234567", *PEER], lambda _: "")
    assert request.order is not None
    assert request.order.called_ae_title == "1234567890123456"
    assert "cut to its first 16" in request.warnings[0]


def test_a_server_name_without_tls_has_no_effect_and_that_is_said() -> None:
    assert "no effect" in requested(["--request-sni", "x", *PEER], lambda _: "").warnings[0]


def from_environment(*words: str, **environment: str) -> Request:
    return requested((*words, *PEER), lambda _: "", preset(environment))


def test_options_come_from_the_environment_and_the_command_line_overrules_them() -> None:
    environment = {"LAB_ECHO_CALL": "A", "LAB_ECHO_ABORT": "1", "LAB_ECHO_VERBOSE": "0", "LAB_ECHO_HELP": "1"}
    made = from_environment(**environment).order
    assert made is not None
    assert (made.called_ae_title, made.abort) == ("A", True)
    overruled = from_environment("-aec", "B", **environment).order
    assert overruled is not None
    assert overruled.called_ae_title == "B"


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        ("-v", {"LOG_LEVEL": "info"}),
        ("-ll debug", {"VERBOSE": "1", "QUIET": "1"}),
        ("--repeat 2", {"COUNT": "3"}),
        ("--count 2", {"REPEAT": "3"}),
        ("--no-sni", {"REQUEST_SNI": "x"}),
        ("+tla -ic", {"CHECK_NAME": "1"}),
        ("+tla +pz", {"CIPHER": "TLS_RSA_WITH_AES_128_GCM_SHA256"}),
        ("-td 7", {"DIMSE_TIMEOUT": "soon"}),
    ],
)
def test_the_command_line_overrules_what_it_excludes_in_the_environment(
    words: str, environment: dict[str, str]
) -> None:
    overruled = from_environment(
        *words.split(), **{f"LAB_ECHO_{name}": environment[name] for name in environment}
    )
    assert overruled == from_environment(*words.split())


def test_of_what_may_be_given_several_times_the_environment_adds_nothing_to_the_command_line() -> None:
    made = from_environment("+tla", "+cf", "mine", LAB_ECHO_ADD_CERT_FILE="another")
    assert made.order is not None
    assert made.order.tls is not None
    assert [path.name for path in made.order.tls.ca_files] == ["mine"]


def test_the_command_line_is_shown_without_the_environment_which_may_hold_a_password() -> None:
    shown = from_environment(
        "--arguments", "+tls", "k", "c", LAB_ECHO_USE_PASSWD="secret", LAB_ECHO_CALL="A"
    ).words
    assert shown == ("--arguments", "+tls", "k", "c", *PEER)


def test_two_values_in_the_environment_are_words_as_in_a_command_file() -> None:
    made = from_environment(LAB_ECHO_ENABLE_TLS="'a key' c").order
    assert made is not None
    assert made.tls is not None
    assert made.tls.own is not None
    assert made.tls.own.key_file.name == "a key"


@pytest.mark.parametrize("environment", [{"LAB_ECHO_ABORT": "maybe"}, {"LAB_ECHO_ENABLE_TLS": "k"}])
def test_what_the_environment_says_wrongly_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(VerificationError, match=next(iter(environment))):
        preset(environment)


def test_every_variable_is_named_after_its_option() -> None:
    assert variable(BY_NAME["-pts"]) == "LAB_ECHO_PROPOSE_TS"
    assert len({variable(option) for option in OPTIONS}) == len(OPTIONS)
