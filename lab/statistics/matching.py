"""Which case of NEW is held against which of BASE, and which must not be.

Two cases are compared when they have everything in common but what the user says is the point ("varied"),
and the PACS, its configuration and the machine, which are noted.
"""

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lab.errors import UsageProblem, named
from lab.statistics.links import link_difference
from lab.statistics.results import CaseKey, CaseResult
from lab.statistics.same_study import sized, study_difference

FIELDS = tuple(field.name for field in dataclasses.fields(CaseKey))
NOTED = ("pacs", "configuration", "machine")
_HELD = tuple(name for name in FIELDS if name not in NOTED)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field of the key in which two cases differ, with both values."""

    field: str
    base: object
    new: object

    def __str__(self) -> str:
        return f"{self.field} {_shown(self.base)} -> {_shown(self.new)}"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two cases to be compared; ``differs`` is varied or noted."""

    base: CaseResult
    new: CaseResult
    differs: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class Alone:
    """A case of one side, "BASE" or "NEW", that the other has not.

    ``nearest``: how the most similar case that is alone on the other side differs; empty: none is.
    """

    side: str
    result: CaseResult
    nearest: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class Matching:
    """Pairs in the order of BASE, then what has no partner."""

    pairs: tuple[Pair, ...]
    alone: tuple[Alone, ...]


def match(base: Sequence[CaseResult], new: Sequence[CaseResult], varied: Collection[str]) -> Matching:
    """Case by case; where one side has a single candidate, all of the other's are held against it.

    Where both have several, each goes with the one of the same values in the varied fields; what is only
    noted tells them apart where nothing else does.

    Raises:
        UsageProblem: nothing can be compared, naming the differences of the most similar cases; the same
            case was made over different links, or of a study made anew; several on both sides, and no
            telling which goes with which.
    """
    _check_names(varied)
    for side, results in (("BASE", base), ("NEW", new)):
        if not results:
            msg = f"{side} has no case: there is no run in its records, nor what was to be run"
            raise UsageProblem(msg, "give records of cases that were run")
    base, new = sized(base, new)
    may_differ = {*varied, *NOTED, *(["study_size"] if "study" in varied else [])}
    strict = [name for name in FIELDS if name not in may_differ]
    pairs: list[Pair] = []
    for identity in dict.fromkeys(_values(one.key, strict) for one in base):
        ours = [one for one in base if _values(one.key, strict) == identity]
        theirs = [one for one in new if _values(one.key, strict) == identity]
        pairs += _paired(ours, theirs)
    if not pairs:
        raise _nothing_in_common(base, new, strict)
    if "profile" not in varied:
        _check_links(pairs)
    if not {"study", "study_size", "level", "orthanc"} & set(varied):
        _check_studies(pairs)
    return Matching(pairs=tuple(pairs), alone=tuple(_alone(base, new, pairs, strict)))


def differences(base: CaseKey, new: CaseKey, fields: Sequence[str] = FIELDS) -> tuple[Difference, ...]:
    """In the order of the key."""
    both = ((name, getattr(base, name), getattr(new, name)) for name in fields)
    return tuple(Difference(field=name, base=one, new=other) for name, one, other in both if one != other)


def _check_names(varied: Collection[str]) -> None:
    unknown = [name for name in varied if name not in FIELDS]
    if unknown:
        msg = f"--vary: there is no field {unknown[0]!r}"
        raise UsageProblem(msg, f"known: {', '.join(FIELDS)}")


def _values(key: CaseKey, fields: Sequence[str]) -> tuple[object, ...]:
    return tuple(getattr(key, name) for name in fields)


def _paired(ours: Sequence[CaseResult], theirs: Sequence[CaseResult]) -> list[Pair]:
    if min(len(ours), len(theirs)) <= 1:
        return [_pair(one, other) for one in ours for other in theirs]
    pairs: list[Pair] = []
    for held in dict.fromkeys(_values(one.key, _HELD) for one in ours):
        base, new = ([one for one in side if _values(one.key, _HELD) == held] for side in (ours, theirs))
        pairs += _of_the_same_values(base, new)
    lonely = [one for one in ours if one.key not in {pair.base.key for pair in pairs}]
    others = [one for one in theirs if one.key not in {pair.new.key for pair in pairs}]
    if lonely and others:
        raise _ambiguous(lonely, others)
    return pairs


def _of_the_same_values(base: Sequence[CaseResult], new: Sequence[CaseResult]) -> list[Pair]:
    """Where what is noted still tells several on both sides apart, those that have these in common too."""
    several = min(len(base), len(new)) > 1
    return [_pair(one, other) for one in base for other in new if not several or one.key == other.key]


def _pair(base: CaseResult, new: CaseResult) -> Pair:
    return Pair(base=base, new=new, differs=differences(base.key, new.key))


def _alone(
    base: Sequence[CaseResult], new: Sequence[CaseResult], pairs: Sequence[Pair], strict: Sequence[str]
) -> list[Alone]:
    in_base = [one for one in base if one.key not in {pair.base.key for pair in pairs}]
    in_new = [one for one in new if one.key not in {pair.new.key for pair in pairs}]
    return [
        *(Alone(side="BASE", result=one, nearest=_nearest(one, in_new, strict)) for one in in_base),
        *(Alone(side="NEW", result=one, nearest=_nearest(one, in_base, strict)) for one in in_new),
    ]


def _nearest(one: CaseResult, others: Sequence[CaseResult], strict: Sequence[str]) -> tuple[Difference, ...]:
    found = (differences(one.key, other.key, strict) for other in others)
    return min(found, key=len, default=())


def _check_links(pairs: Sequence[Pair]) -> None:
    found = [text for pair in pairs if (text := link_difference(pair.base, pair.new))]
    if found:
        msg = f"BASE and NEW differ in profile, though not in its name: {named(found)}"
        raise UsageProblem(msg, "--vary profile, if that is the point")


def _check_studies(pairs: Sequence[Pair]) -> None:
    found = [text for pair in pairs if (text := study_difference(pair.base, pair.new))]
    if found:
        msg = f"BASE and NEW differ in study, though not in its name: {named(found)}"
        raise UsageProblem(msg, "--vary study, if that is the point")


def _nothing_in_common(
    base: Sequence[CaseResult], new: Sequence[CaseResult], strict: Sequence[str]
) -> UsageProblem:
    nearest = min((_nearest(one, new, strict) for one in base), key=len)
    cases = (
        "BASE and NEW" if len(base) == len(new) == 1 else "BASE and NEW have no case in common: the nearest"
    )
    said = "; ".join(f"{one.field}: {_shown(one.base)} in BASE, {_shown(one.new)} in NEW" for one in nearest)
    fields = ",".join(one.field for one in nearest)
    return UsageProblem(f"{cases} differ in {said}", f"--vary {fields}, if that is the point")


def _ambiguous(ours: Sequence[CaseResult], theirs: Sequence[CaseResult]) -> UsageProblem:
    keys = [one.key for one in (*ours, *theirs)]
    fields = [name for name in FIELDS if len({getattr(key, name) for key in keys}) > 1]
    said = "; ".join(
        f"{name}: {_listed(ours, name)} in BASE, {_listed(theirs, name)} in NEW" for name in fields
    )
    msg = f"which case of BASE goes with which of NEW? {said}"
    return UsageProblem(msg, "give one side only the case that the others are to be held against")


def _listed(results: Sequence[CaseResult], field: str) -> str:
    return ", ".join(dict.fromkeys(_shown(getattr(one.key, field)) for one in results))


def _shown(value: object) -> str:
    return "none" if value == "" else str(value)
