"""TOML files of the lab's kinds, and names that none of them has."""

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from lab.errors import UsageProblem

Parsed = TypeVar("Parsed")


def read(path: Path, parse: Callable[[str, dict[str, Any], str], Parsed]) -> Parsed:
    """What ``parse`` makes of the file's name, content and path. Raises UsageProblem naming the file."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, digits or brackets without end
        msg = f"{path}: {error}"
        raise UsageProblem(msg, "mend the TOML there") from None
    return parse(path.stem, document, str(path))


def unknown(name: str, known: Sequence[str], kind: str, command: str) -> UsageProblem:
    """There is none of that name; ``command`` lists them."""
    return UsageProblem(f"there is no {kind} {name!r}", f"known: {', '.join(known)} ({command})")
