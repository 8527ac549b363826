"""A recipe file: the TOML form of a Recipe. Keys are the fields of lab.model.study.Recipe but ``name``."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from lab.errors import UsageProblem
from lab.model.study import Recipe


def recipe_from_toml(name: str, document: Mapping[str, Any], file: str) -> Recipe:
    """The Recipe in a parsed TOML document. Raises UsageProblem naming the file and the key."""
    fields = {field.name: field.type for field in dataclasses.fields(Recipe) if field.name != "name"}
    for key in document:
        if key not in fields:
            msg = f"{file}: unknown key {key!r}"
            raise UsageProblem(msg, f"known here: {', '.join(fields)}")
    for key, kind in fields.items():
        if not isinstance(document.get(key), kind if isinstance(kind, type) else object):
            msg = f"{file}: {key} is missing or not {kind}"
            raise UsageProblem(msg, f"write {key} = ... as the recipes shipped do")
    return Recipe(name=name, **document)
