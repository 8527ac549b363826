"""Words to options, by echoscu's rules.

A word of two characters or more that begins with + or - is an option, unless a digit follows; its values are
the words after it, whatever they look like. Options and parameters may be mixed. Of options that exclude each
other, and of one given twice, the rightmost holds; only what holds is checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.echoscu.option import Option
from lab.echoscu.table import BY_NAME
from lab.errors import VerificationError

HELP = "`lab echo --help` lists the options"


@dataclass(frozen=True, kw_only=True)
class Given:
    """An option with its values, as it was given."""

    option: Option
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """A command line: its options and its parameters, in order."""

    given: tuple[Given, ...]
    parameters: tuple[str, ...]

    def all(self, long: str) -> list[tuple[str, ...]]:
        """The values of each time that it was given."""
        return [one.values for one in self.given if one.option.long == long]

    def over(self, preset: "Parsed") -> "Parsed":
        """This, and before it what a preset gives beside it: nothing that this gives too, or excludes."""
        kept = [
            one for one in preset.given if not any(_overrules(own.option, one.option) for own in self.given)
        ]
        return Parsed(given=(*kept, *self.given), parameters=self.parameters)

    def holding(self) -> list[Given]:
        """Options that hold: the rightmost of each choice and of each name, every one that may be several."""
        last = {_rivals(one.option): number for number, one in enumerate(self.given)}
        return [
            one
            for number, one in enumerate(self.given)
            if one.option.several or last[_rivals(one.option)] == number
        ]

    def holds(self, long: str) -> bool:
        """Whether it was given, and nothing to the right of it took its place."""
        return any(one.option.long == long for one in self.holding())

    def value(self, long: str, default: str = "") -> str:
        """Its first value, when it holds."""
        found = [one.values[0] for one in self.holding() if one.option.long == long]
        return found[-1] if found else default


def parse(words: Sequence[str]) -> Parsed:
    """Raises VerificationError for an option that there is not, or one that lacks a value."""
    given: list[Given] = []
    parameters: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if not _is_option(word):
            parameters.append(word)
            continue
        option = _known(word)
        wanted = len(option.values)
        if len(left) < wanted:
            names = " ".join(value.name for value in option.values)
            msg = f"{word} wants {names} after it"
            raise VerificationError(msg, HELP)
        given.append(Given(option=option, values=tuple(left[:wanted])))
        del left[:wanted]
    return Parsed(given=tuple(given), parameters=tuple(parameters))


def _is_option(word: str) -> bool:
    return len(word) > 1 and word[0] in "+-" and word[1] not in "0123456789"


def _known(word: str) -> Option:
    if word in BY_NAME:
        return BY_NAME[word]
    msg = f"there is no option {word}"
    raise VerificationError(msg, f"options are not shortened, joined or given a value with =; {HELP}")


def _overrules(option: Option, other: Option) -> bool:
    excluded = other.long in option.excludes or option.long in other.excludes
    return excluded or _rivals(option) == _rivals(other)


def _rivals(option: Option) -> str:
    return option.choice or option.long
