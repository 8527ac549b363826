"""The JSON Schema of records, made from their classes and what their docstrings say of each attribute."""

import re
from typing import Any

import msgspec

from lab.model.record import SCHEMA_VERSION, Record
from lab.model.store_record import StoreRecord
from lab.model.upgrading import MOVE, STORE

_ROOTS = ((Record, MOVE, SCHEMA_VERSION), (StoreRecord, STORE, SCHEMA_VERSION))
_ATTRIBUTES = re.compile(r"^    (?:    )?Attributes:$", re.MULTILINE)
_ENTRY = re.compile(r"(\w+(?:, \w+)*): (.*)")
_ELSEWHERE = re.compile(r"as in [\w.]+\.(\w+)\.")


def record_schema() -> dict[str, Any]:
    """Of records of moves and stores, which ``kind`` tells apart, as this version writes and reads them."""
    refs, parts = msgspec.json.schema_components(
        [root for root, _, _ in _ROOTS], ref_template="#/$defs/{name}"
    )
    for root, kind, version in _ROOTS:
        properties = parts[root.__name__]["properties"]
        properties["kind"] = {"const": kind}
        properties["schema_version"] = {"type": "integer", "minimum": 1, "maximum": version}
    said = {name: _attributes(part["description"]) for name, part in parts.items()}
    for name, part in parts.items():
        part["description"] = _plain(_ATTRIBUTES.split(part["description"])[0])
        for field, described in part["properties"].items():
            described["description"] = _plain(_said_of(name, field, said))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Record of dicom-lab",
        "description": "One measured case, moved or stored. Units stand in the names. docs/records.md",
        "oneOf": list(refs),
        "$defs": parts,
    }


def _attributes(docstring: str) -> dict[str, str]:
    """What the docstring says of each attribute, several of which may share an entry."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in "".join(_ATTRIBUTES.split(docstring)[1:]).strip("\n").splitlines():
        if entry := _ENTRY.fullmatch(line.removeprefix("        ")):
            names = entry[1].split(", ")
            found |= dict.fromkeys(names, entry[2])
        else:
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
    return found


def _said_of(name: str, field: str, said: dict[str, dict[str, str]]) -> str:
    text = said[name].get(field, "")
    elsewhere = _ELSEWHERE.fullmatch(text)
    return _said_of(elsewhere[1], field, said) if elsewhere else text


def _plain(text: str) -> str:
    """In one line, in JSON's words."""
    return re.sub(r"\bNone\b", "null", " ".join(text.replace("``", "").split()))
