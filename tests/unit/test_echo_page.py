"""docs/echo.md holds the table of options and the table of exit codes, as the code and the tests have them.

`make tables` writes both anew.
"""

from collections.abc import Iterator
from pathlib import Path

from lab.echoscu.help_text import meaning
from lab.echoscu.option import Option
from lab.echoscu.table import OPTIONS
from tests.loopback.echo_endings import LINES, PLAIN, SECURED
from tests.unit.pages import with_tables

PAGE = Path(__file__).parents[2] / "docs/echo.md"
_ENDINGS, _WIRE, _OFFLINE = "test_echo_endings", "test_echo_wire", "test_certificates"
_STATISTICS = "test_echo_statistics"
TESTED_IN = {
    "general": ("test_echo_parsing", _STATISTICS),
    "network: IP version": ("test_echo_connecting",),
    "network: application entity titles": ("test_echo_parsing", _WIRE),
    "network: what is proposed": (_WIRE, "test_echo_peers"),
    "network: other": (_ENDINGS, _WIRE),
    "TLS: connection": (_ENDINGS, "test_echo_peers", "test_tls_dcmtk"),
    "TLS: password of the private key": (_ENDINGS, _WIRE),
    "TLS: file format": (_ENDINGS, "test_tls"),
    "TLS: trust": (_ENDINGS, "test_tls", _WIRE),
    "TLS: security profile": (_WIRE, "test_tls", "test_echo_peers"),
    "TLS: cipher suites": (_WIRE, "test_tls"),
    "TLS: server name": (_WIRE,),
    "TLS: random numbers": (_WIRE, _ENDINGS),
    "TLS: the peer's certificate": (_ENDINGS,),
    "TLS: certificates without a connection": (_ENDINGS, _OFFLINE),
    "of this lab": (_STATISTICS, _WIRE),
}


def option_rows() -> Iterator[str]:
    yield "| option | what it does | against echoscu 3.6.9 | tested in, besides test_echo_options |"
    yield "| --- | --- | --- | --- |"
    for option in OPTIONS:
        tested = ", ".join(TESTED_IN[option.section])
        yield f"| `{option.title}` | {meaning(option)} | {_against(option)} | {tested} |"


def _against(option: Option) -> str:
    if option.refused:
        return "refused"
    if option.ours:
        return "ours"
    return option.note or "honoured"


def ending_rows() -> Iterator[str]:
    yield "| what happens | echoscu 3.6.9 | lab echo |"
    yield "| --- | --- | --- |"
    for one in (*LINES, *PLAIN, *SECURED):
        ours = str(one.ours) if one.ours == one.echoscu else f"**{one.ours}**"
        yield f"| {one.situation} | {one.echoscu} | {ours} |"


def tables() -> dict[str, str]:
    return {"options": "\n".join(option_rows()), "exit codes": "\n".join(ending_rows())}


def written(page: str) -> str:
    """The page as it should be."""
    return with_tables(page, tables())


def test_the_page_holds_the_tables_of_the_code() -> None:
    assert PAGE.read_text() == written(PAGE.read_text()), "make tables"


def test_the_tests_that_the_page_names_are_there() -> None:
    files = {path.stem for path in Path(__file__).parents[1].rglob("test_*.py")}
    assert {name for names in TESTED_IN.values() for name in names} <= files
    assert {option.section for option in OPTIONS} == set(TESTED_IN)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
