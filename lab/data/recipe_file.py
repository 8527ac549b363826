"""A recipe file: the TOML form of a Recipe. Every key may be left out; its kind says what it is then."""

from collections.abc import Mapping
from typing import Any

from pydicom.uid import ExplicitVRLittleEndian

from lab.data.kinds import KINDS, Kind
from lab.data.pixels import SYNTAXES
from lab.data.place import own_uid
from lab.data.recipe_sense import check
from lab.errors import UsageProblem
from lab.model.study import Recipe

_TEXTS = ("description", "kind", "transfer_syntax_uid", "study_instance_uid", "patient_id", "contents_sha256")
_NUMBERS: Mapping[str, tuple[int, int]] = {
    "patients": (1, 10_000),
    "studies": (1, 10_000),
    "series": (1, 10_000),
    "instances": (1, 1_000_000),
    "frames": (1, 100_000),
    "rows": (32, 16_384),
    "columns": (32, 16_384),
    "bits_stored": (8, 16),
    "noise_bits": (0, 8),
    "seed": (0, 2**31),
    "speedtest_bytes": (0, 2**50),
}


def recipe_from_toml(name: str, document: Mapping[str, Any], file: str) -> Recipe:
    """The Recipe in a parsed document. Raises UsageProblem naming the file, the key and what it may be."""
    for key, value in document.items():
        _check_type(key, value, file)
    kind = _one_of("kind", document.get("kind", "ct"), {kind: kind for kind in KINDS}, file)
    syntax = document.get("transfer_syntax_uid", ExplicitVRLittleEndian)
    _one_of("transfer_syntax_uid", syntax, {uid: f"{uid} ({uid.name})" for uid in SYNTAXES}, file)
    recipe = Recipe(
        **{**_defaults(name, KINDS[kind]), **document, "kind": kind, "transfer_syntax_uid": syntax}
    )
    check(recipe, file)
    return recipe


def _defaults(name: str, kind: Kind) -> dict[str, Any]:
    return {
        "name": name,
        "description": f"synthetic {kind.modality} images",
        "modality": kind.modality,
        "sop_class_uid": kind.sop_class_uid,
        "study_instance_uid": own_uid(f"lab study {name}"),
        "patient_id": f"LAB-{name.upper()}"[:48],
        "instances": 1,
        "frames": kind.frames,
        "rows": kind.rows,
        "columns": kind.columns,
        "bits_stored": kind.bits,
        "noise_bits": kind.noise_bits,
    }


def _check_type(key: str, value: object, file: str) -> None:
    if key in _TEXTS:
        if not isinstance(value, str) or not value:
            _refuse(file, f"{key} is not a text", f'write {key} = "..."')
    elif key in _NUMBERS:
        low, high = _NUMBERS[key]
        if type(value) is not int or not low <= value <= high:
            _refuse(file, f"{key} is {value!r}", f"allowed: a whole number from {low} to {high}")
    else:
        _refuse(file, f"unknown key {key!r}", f"known here: {', '.join((*_TEXTS, *_NUMBERS))}")


def _one_of(key: str, value: str, allowed: Mapping[str, str], file: str) -> str:
    """The value, when it is one of those allowed; they come with what to call them."""
    if value not in allowed:
        _refuse(file, f"{key} is {value!r}", f"allowed: {', '.join(allowed.values())}")
    return value


def _refuse(file: str, what: str, remedy: str) -> None:
    msg = f"{file}: {what}"
    raise UsageProblem(msg, remedy)
