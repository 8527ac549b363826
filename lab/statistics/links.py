"""Whether two cases over a profile of one name were made over the same link, by what was read back."""

import dataclasses
from collections.abc import Iterator

from lab.model.profile import Link, Profile
from lab.statistics.results import CaseResult


def link_difference(base: CaseResult, new: CaseResult) -> str:
    """The first difference found, in words; "" when there is none, or one side does not know its link.

    Links of profiles with phases are not held against each other, for a run may end in any phase; what was
    wished for is. The seed, which decides the fate of each packet only, does not count.
    """
    name = base.key.profile
    ours, theirs = _read_back(base), _read_back(new)
    if ours and theirs and ours != theirs:
        one, other = _apart(ours, theirs)
        return f"{name} as read back: {_first(one, other)}"
    wished = [result.case.profile for result in (base, new) if result.case and result.case.profile]
    if len(wished) == 2 and _of_links(wished[0]) != _of_links(wished[1]):
        return f"{name} as wished for: {_first(_of_links(wished[0]), _of_links(wished[1]))}"
    return ""


def _read_back(result: CaseResult) -> list[dict[str, object]]:
    """Of all runs, each link once: its values by direction and name."""
    found: list[dict[str, object]] = []
    for run in result.runs:
        if run.link and run.link.read_back and not run.link.phases:
            values = dict(_values(run.link.read_back))
            found += [] if values in found else [values]
    return sorted(found, key=str)


def _apart(
    ours: list[dict[str, object]], theirs: list[dict[str, object]]
) -> tuple[dict[str, object], dict[str, object]]:
    return next((one, other) for one in ours for other in theirs if one != other)


def _of_links(profile: Profile) -> dict[str, object]:
    values = dict(_values({"pacs": profile.down, "tester": profile.up}))
    for number, phase in enumerate(profile.phases, 1):
        links = {f"phase {number} pacs": phase.down, f"phase {number} tester": phase.up}
        values |= {f"phase {number} lasts_s": phase.lasts_s, **dict(_values(links))}
    return {**values, "repeat": profile.repeat} if profile.phases else values


def _values(links: dict[str, Link]) -> Iterator[tuple[str, object]]:
    for direction, link in sorted(links.items()):
        for field in dataclasses.fields(link):
            yield f"{direction} {field.name}", getattr(link, field.name)


def _first(base: dict[str, object], new: dict[str, object]) -> str:
    name = next(name for name in {**base, **new} if base.get(name) != new.get(name))
    return f"{name} is {base.get(name)} in BASE, {new.get(name)} in NEW"
