"""What the lab keeps on disk: profiles and recipes to read, records to write."""

import dataclasses
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from lab.data.recipe_file import recipe_from_toml
from lab.errors import UsageProblem
from lab.link.profile_file import profile_from_toml
from lab.model.profile import Profile
from lab.model.record import GoalRecord, Record, SelfRecord
from lab.model.study import Recipe
from lab.system.files import write_json
from lab.system.home import package_folder, sources

Named = TypeVar("Named", Profile, Recipe)
Parsed = TypeVar("Parsed")


def profiles() -> list[Profile]:
    """Every profile, the unshaped reference first. Raises UsageProblem naming a file that is wrong."""
    found = [
        _read(path, profile_from_toml) for path in sorted((package_folder() / "link/profiles").glob("*.toml"))
    ]
    return sorted(found, key=lambda profile: (not profile.is_plain, profile.name))


def profile(name: str) -> Profile:
    """One profile by name. Raises UsageProblem."""
    return _named(name, profiles(), "profile", "lab net list")


def recipes() -> list[Recipe]:
    """Every recipe of a study."""
    return [_read(path, recipe_from_toml) for path in sorted((sources() / "datasets").glob("*.toml"))]


def recipe(name: str) -> Recipe:
    """One recipe by name. Raises UsageProblem."""
    return _named(name, recipes(), "study", "lab data list")


def _named(name: str, candidates: list[Named], kind: str, command: str) -> Named:
    for candidate in candidates:
        if candidate.name == name:
            return candidate
    msg = f"there is no {kind} {name!r}"
    raise UsageProblem(msg, f"known: {', '.join(c.name for c in candidates)} ({command})")


def _read(path: Path, parse: Callable[[str, dict[str, Any], str], Parsed]) -> Parsed:
    try:
        document = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        msg = f"{path}: {error}"
        raise UsageProblem(msg, "mend the TOML there") from None
    return parse(path.stem, document, str(path))


def save_record(record: Record | SelfRecord | GoalRecord, file: Path) -> None:
    """Write a record, whole or not at all."""
    write_json(file, dataclasses.asdict(record))
