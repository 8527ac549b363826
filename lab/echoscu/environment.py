"""Options from the environment: LAB_ECHO_ and the long name, in capitals, with _ for -."""

from collections.abc import Mapping

from lab.echoscu.command_file import words_of
from lab.echoscu.option import Option
from lab.echoscu.table import OPTIONS
from lab.errors import VerificationError

_ON = ("1", "true", "yes", "on")
_OFF = ("", "0", "false", "no", "off")


def preset(environment: Mapping[str, str]) -> list[str]:
    """Words that hold where the command line says nothing else. Raises VerificationError."""
    words: list[str] = []
    for option in OPTIONS:
        name = variable(option)
        if name in environment and not option.ends:
            words += _words(option, name, environment[name])
    return words


def variable(option: Option) -> str:
    """The variable that sets it."""
    return "LAB_ECHO_" + option.long.removeprefix("--").replace("-", "_").upper()


def _words(option: Option, name: str, text: str) -> list[str]:
    if not option.values:
        if text.lower() not in (*_ON, *_OFF):
            msg = f"{name}={text!r}: 1 or 0 is wanted"
            raise VerificationError(msg, f"1 stands for {option.long}")
        return [option.long] if text.lower() in _ON else []
    values = [text] if len(option.values) == 1 else words_of(text)
    if len(values) != len(option.values):
        wanted = " ".join(value.name for value in option.values)
        msg = f"{name}={text!r}: {wanted} is wanted"
        raise VerificationError(msg, "a value with blanks in it wants quotation marks")
    return [option.long, *values]
