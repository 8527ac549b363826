"""Whether two cases are of one study: a study that is made anew may keep its name."""

from collections.abc import Sequence
from dataclasses import replace

from lab.statistics.results import CaseResult

_SAME_SIZE_RATIO = 0.01


def sized(
    base: Sequence[CaseResult], new: Sequence[CaseResult]
) -> tuple[Sequence[CaseResult], Sequence[CaseResult]]:
    """Both sides; a case without a run is of the only study of that name there is on either."""
    sizes: dict[str, set[str]] = {}
    for one in (*base, *new):
        sizes.setdefault(one.key.study, set()).update({one.key.study_size} - {""})
    alone = {study: next(iter(found)) for study, found in sizes.items() if len(found) == 1}
    return [_sized(one, alone) for one in base], [_sized(one, alone) for one in new]


def _sized(one: CaseResult, sizes: dict[str, str]) -> CaseResult:
    size = one.key.study_size or sizes.get(one.key.study, "")
    return replace(one, key=replace(one.key, study_size=size))


def study_difference(base: CaseResult, new: CaseResult) -> str:
    """In words, of as many instances; "": none. A PACS may add a few bytes to each instance, no more."""
    before, after = (_dataset_bytes(one) for one in (base, new))
    if not before or not after or abs(after / before - 1) <= _SAME_SIZE_RATIO:
        return ""
    return f"{base.key.study} has {before / 1e6:.4g} MB in BASE, {after / 1e6:.4g} MB in NEW"


def _dataset_bytes(result: CaseResult) -> int:
    """Of a run; 0 where there is none."""
    return max((run.dataset_bytes for run in result.runs), default=0)
