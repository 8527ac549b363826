"""The help text, from the table."""

import textwrap
from collections.abc import Iterator
from itertools import groupby

from lab.echoscu.option import Option
from lab.echoscu.table import OPTIONS

_WIDTH = 100
_INDENT = 30
_HEAD = """Usage: lab echo [options] PEER PORT

C-ECHO as DCMTK's echoscu 3.6.9 asks for it: its options, its exit codes, no engine needed.
@FILE stands for the words in a file. Each option is also LAB_ECHO_<NAME> in the environment.
Exit codes: 0 asked (docs/echo.md has what echoscu counts as that), 1 not, 22 certificate not accepted,
70 association aborted, 130 interrupted."""


def help_text() -> str:
    """What `lab echo --help` prints."""
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for section, options in groupby(OPTIONS, lambda option: option.section):
        yield f"\n{section[0].upper()}{section[1:]}:"
        for option in options:
            yield _entry(option)


def _entry(option: Option) -> str:
    body = textwrap.wrap(meaning(option), _WIDTH - _INDENT)
    title = f"  {option.title}"
    if len(title) >= _INDENT - 1:
        return "\n".join([title, *(" " * _INDENT + line for line in body)])
    return "\n".join([title.ljust(_INDENT) + body[0], *(" " * _INDENT + line for line in body[1:])])


def meaning(option: Option) -> str:
    """Its help with range and default, or why it is refused."""
    text = option.help
    ranges = [value for value in option.values if value.low is not None and value.high is not None]
    if ranges:
        text += f" ({ranges[0].low:g} to {ranges[0].high:.0f})"
    if option.default:
        text += " (default)" if option.default == "on" else f" (default: {option.default})"
    if option.refused:
        text += f" Refused: {option.refused}; {option.instead}."
    return text
