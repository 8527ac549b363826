"""What was last put on the link, noted on disk: to tell what is missing since, and to put it back.

What is in force is read from the kernels, never from here.
"""

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.model.link_state import Wish
from lab.model.plain import NotOfThatKind, from_json
from lab.system.files import write_json
from lab.system.home import Home


@dataclass(frozen=True, kw_only=True)
class Wished:
    """A wish that came true, with the seed it got.

    Attributes:
        wish: as asked, its seed filled in.
        started: when each container was started, as the engine has it: another time means another
            network namespace.
        ends_at_s: when it takes itself off, in seconds since 1970; None for never.
    """

    wish: Wish
    started: Mapping[str, str] = field(default_factory=dict)
    ends_at_s: float | None = None


def note(home: Home, wished: Wished) -> None:
    """Keep it."""
    write_json(_path(home), dataclasses.asdict(wished))


def read(home: Home) -> Wished | None:
    """What should be in force; None when nothing should, or its time is up."""
    try:
        wished = from_json(Wished, _path(home).read_text())
    except (FileNotFoundError, ValueError, NotOfThatKind):
        return None
    return None if wished.ends_at_s is not None and time.time() > wished.ends_at_s else wished


def forget(home: Home) -> None:
    """The link is clear."""
    _path(home).unlink(missing_ok=True)


def _path(home: Home) -> Path:
    return home.project_folder / "link.json"
