"""What holds of a command line is in range, in company that it may keep, and can be honoured."""

import re

from lab.echoscu.option import Option, Value
from lab.echoscu.parsing import HELP, Given, Parsed
from lab.errors import VerificationError

_WHOLE = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", re.ASCII)


def check(parsed: Parsed) -> None:
    """Raises VerificationError for the first thing that is wrong."""
    for given in parsed.holding():
        _refuse(given.option)
        _check_company(parsed, given.option)
        _check_values(given)


def port_number(text: str) -> int:
    """1 to 65535."""
    if _WHOLE.fullmatch(text) and 1 <= int(text) <= 65535:
        return int(text)
    msg = f"the port {text!r} is not a whole number from 1 to 65535"
    raise VerificationError(msg, "the second parameter is the peer's TCP port; 104 and 11112 are common")


def _refuse(option: Option) -> None:
    if option.refused:
        msg = f"{_named(option)} is refused: {option.refused}"
        raise VerificationError(msg, option.instead)


def _check_company(parsed: Parsed, option: Option) -> None:
    if option.needs and not any(parsed.holds(name) for name in option.needs.split(" or ")):
        msg = f"{_named(option)} stands only with {option.needs}"
        raise VerificationError(msg, HELP)
    for name in option.excludes:
        if parsed.holds(name):
            msg = f"{_named(option)} does not stand with {name}"
            raise VerificationError(msg, "leave one of them out")


def _check_values(given: Given) -> None:
    for value, text in zip(given.option.values, given.values, strict=True):
        if not _fits(value, text):
            msg = f"{_named(given.option)} {text!r}: {_wanted(value)} is wanted"
            raise VerificationError(msg, HELP)


def _fits(value: Value, text: str) -> bool:
    if value.choices:
        return text.lower() in value.choices
    if value.kind == "text":
        return True
    if not (_WHOLE if value.kind == "whole" else _NUMBER).fullmatch(text):
        return False
    low = value.low is None or float(text) >= value.low
    return low and (value.high is None or float(text) <= value.high)


def _wanted(value: Value) -> str:
    if value.choices:
        return "one of " + ", ".join(value.choices)
    what = "a whole number" if value.kind == "whole" else "a number"
    if value.high is not None:
        return f"{what} from {value.low:g} to {value.high:.0f}"
    return what if value.low is None else f"{what} from {value.low:g} up"


def _named(option: Option) -> str:
    return f"{option.short} ({option.long})" if option.short else option.long
