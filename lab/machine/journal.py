"""What `lab doctor --fix` changed on this machine, so that `--undo` can take it back.

The machine is changed, not one lab: the journal is the machine's, and survives the checkout.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.errors import UsageProblem
from lab.system.files import write_json

JOURNAL = Path("/var/lib/dicom-lab/changes.json")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change. ``kind`` says how it is taken back (lab/machine/fixes.py), with these ``details``."""

    kind: str
    text: str
    details: dict[str, Any] = field(default_factory=dict)


def changes(path: Path = JOURNAL) -> list[Change]:
    """Changes in force, oldest first. Raises UsageProblem when the journal is damaged."""
    try:
        return [Change(**entry) for entry in json.loads(path.read_text())]
    except FileNotFoundError:
        return []
    except (json.JSONDecodeError, TypeError) as error:
        msg = f"{path}: {error}"
        raise UsageProblem(msg, "mend it, or delete it and undo the changes by hand") from None


def remember(change: Change, path: Path = JOURNAL) -> None:
    """Add a change."""
    write(path, [*changes(path), change])


def forget(change: Change, path: Path = JOURNAL) -> None:
    """A change has been taken back."""
    write(path, [kept for kept in changes(path) if kept != change])


def write(path: Path, kept: list[Change]) -> None:
    """Replace the journal; an empty one leaves no file."""
    if kept:
        write_json(path, [dataclasses.asdict(change) for change in kept])
        return
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()
