"""What echoscu's own help says of each option."""

import re
from collections.abc import Iterator

_OPTION = re.compile(r" +(?:([-+][a-z0-9]+) +)?(--[a-z0-9-]+)(?: +(\S.*))?")
_RANGE = re.compile(r"\((\d+\.\.\d+)\)")


def options_in(text: str) -> Iterator[tuple[str, str, int, str]]:
    """Long name, short name or "", how many values it takes, and their range or "-".

    An option's line holds its names, and then either what it does or, first letters in brackets, its values:
    ``+tls  --enable-tls  [p]rivate key file, [c]ertificate file: string``.
    """
    for line in text.splitlines():
        if found := _OPTION.fullmatch(line):
            short, long, rest = found[1] or "", found[2], found[3] or ""
            values = rest.partition(":")[0].count("[") if rest.startswith("[") else 0
            span = _RANGE.search(rest)
            yield long, short, values, span[1] if span else "-"
