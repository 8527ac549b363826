"""Which of several files with the same SOP Instance UID is kept, and in which order instances are written.

The rule: files that are cut short are out already; of the others the one with the largest Data Set is kept,
of equally large ones the first by path in natural order (image2 before image10). The others are duplicates
when their Data Set is the kept one's byte for byte, in the same transfer syntax, and clashes when not.
"""

import re
from collections.abc import Iterable

from lab.model.importing import Found

_DIGITS = re.compile(r"(\d+)")


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts numbers within text by their value."""
    return tuple((0, int(p), p) if p.isdecimal() else (1, 0, p) for p in _DIGITS.split(text) if p)


def by_instance(found: Iterable[Found]) -> list[list[Found]]:
    """One list per SOP Instance UID, the best file first; in the order in which they are to be written.

    That is by study, series number, series, instance number and path.
    """
    groups: dict[str, list[Found]] = {}
    for one in found:
        groups.setdefault(one.seen.sop_instance_uid, []).append(one)
    ranked = [sorted(group, key=_rank) for group in groups.values()]
    return sorted(ranked, key=lambda group: _place(group[0]))


def _rank(one: Found) -> tuple[int, object, str]:
    return -one.seen.dataset_bytes, natural(one.candidate.name), one.candidate.name


def _place(one: Found) -> tuple[object, ...]:
    seen = one.seen
    return (
        natural(seen.study_instance_uid),
        seen.series_number,
        natural(seen.series_instance_uid),
        seen.instance_number,
        natural(one.candidate.name),
        one.candidate.name,
    )
