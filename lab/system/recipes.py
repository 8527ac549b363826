"""Recipes of studies, as they come with the lab."""

from lab.data.recipe_file import recipe_from_toml
from lab.model.study import Recipe
from lab.system import toml_files
from lab.system.home import sources


def recipes() -> list[Recipe]:
    """Every recipe of a study."""
    files = sorted((sources() / "datasets").glob("*.toml"))
    return [toml_files.read(path, recipe_from_toml) for path in files]


def recipe(name: str) -> Recipe:
    """One recipe by name. Raises UsageProblem."""
    found = recipes()
    for candidate in found:
        if candidate.name == name:
            return candidate
    raise toml_files.unknown(name, [candidate.name for candidate in found], "study", "lab data list")
