"""Which values of a recipe go together."""

import re
from collections.abc import Iterator

from pydicom.uid import RE_VALID_UID, DeflatedExplicitVRLittleEndian, HTJ2KLossless

from lab.data.kinds import KINDS
from lab.data.pixels import NATIVE
from lab.data.synth import native_bytes
from lab.errors import UsageProblem
from lab.model.study import Recipe

_LARGEST_VALUE = 2**32 - 2  # a 32-bit length, even, not the undefined one (PS3.5 7.1.1)
_LONGEST_UID = 64
_LONGEST_ID = 56  # of the 64 characters of an LO (PS3.5 6.2), so that "-2" and so on can follow


def check(recipe: Recipe, file: str) -> None:
    """Raise UsageProblem naming the first key that does not go with the others, and what would."""
    for key, allowed in _objections(recipe):
        msg = f"{file}: {key} is {getattr(recipe, key)!r}"
        raise UsageProblem(msg, f"allowed: {allowed}")


def _objections(recipe: Recipe) -> Iterator[tuple[str, str]]:
    yield from _of_identity(recipe)
    yield from _of_kind(recipe)
    yield from _of_syntax(recipe)


def _of_identity(recipe: Recipe) -> Iterator[tuple[str, str]]:
    uid = recipe.study_instance_uid
    if len(uid) > _LONGEST_UID or not re.fullmatch(RE_VALID_UID, uid):
        yield "study_instance_uid", f"digits and points, {_LONGEST_UID} at most (PS3.5 9.1)"
    if len(recipe.patient_id) > _LONGEST_ID or not recipe.patient_id.isascii() or "\\" in recipe.patient_id:
        yield "patient_id", f"{_LONGEST_ID} ASCII characters at most, no backslash"
    groups = recipe.patients * recipe.studies * recipe.series
    if recipe.instances % groups:
        yield "instances", f"a multiple of patients x studies x series, here of {groups}"


def _of_kind(recipe: Recipe) -> Iterator[tuple[str, str]]:
    kind = KINDS[recipe.kind]
    fewest, most = kind.bits_allowed
    if not fewest <= recipe.bits_stored <= most:
        yield "bits_stored", f"from {fewest} to {most} for kind {recipe.kind!r}"
    if recipe.frames > kind.frames_allowed:
        yield "frames", f"{kind.frames_allowed} for kind {recipe.kind!r}"
    for key in ("rows", "columns"):
        if getattr(recipe, key) % 2:
            yield key, "even numbers"


def _of_syntax(recipe: Recipe) -> Iterator[tuple[str, str]]:
    syntax = recipe.transfer_syntax_uid
    if syntax in NATIVE and native_bytes(recipe) > _LARGEST_VALUE:
        yield (
            "frames",
            f"what stays below 4 GiB, {native_bytes(recipe)} bytes here; a compressed syntax has room",
        )
    if syntax == HTJ2KLossless and recipe.bits_stored not in (8, 16):
        yield "bits_stored", "8 or 16 with HTJ2K: its encoder writes whole bytes"
    if recipe.speedtest_bytes % 2:
        yield "speedtest_bytes", "even numbers, as every element has an even length (PS3.5 7.1.1)"
    if syntax == DeflatedExplicitVRLittleEndian and recipe.frames > 1:
        yield "frames", "1 with the deflated syntax"
    if syntax == DeflatedExplicitVRLittleEndian and recipe.speedtest_bytes:
        yield "speedtest_bytes", "0 with the deflated syntax: nothing can be appended to it"
