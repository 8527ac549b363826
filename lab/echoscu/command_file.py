"""Command files: `@FILE` stands for the words in it, wherever it stands, as a value too.

Found by running echoscu 3.6.9: words end at blanks, tabs and line ends; " or ' begins a part in which they do
not, and the same character ends that part and the word; nothing escapes; an empty word is no word; a quote
that is not closed goes on to the end of the file; a word @FILE in a command file is a word.
"""

from collections.abc import Callable, Iterator, Sequence

from lab.errors import VerificationError

_BLANK = " \t\r\n"
_QUOTES = "\"'"


def expanded(words: Sequence[str], read: Callable[[str], str]) -> tuple[str, ...]:
    """The command line with its command files written out. ``read`` may raise OSError."""
    return tuple(_expanded(words, read))


def _expanded(words: Sequence[str], read: Callable[[str], str]) -> Iterator[str]:
    for word in words:
        if len(word) < 2 or word[0] != "@":
            yield word
            continue
        try:
            text = read(word[1:])
        except (OSError, ValueError) as error:
            msg = f"the command file {word[1:]} cannot be read: {getattr(error, 'strerror', '') or error}"
            raise VerificationError(msg, "check its name, and that it is text") from error
        yield from words_of(text)


def words_of(text: str) -> list[str]:
    """The words of a command file."""
    words = [""]
    quote = ""
    for character in text:
        if quote and character == quote:
            quote = ""
            words.append("")
        elif quote:
            words[-1] += character
        elif character in _QUOTES:
            quote = character
        elif character in _BLANK:
            words.append("")
        else:
            words[-1] += character
    return [word for word in words if word]
