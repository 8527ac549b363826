"""Every doubt once, with its remedy and the cases it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lab.report.html.cases import PageCase
from lab.statistics.doubting import doubts_of

_SHOWN = 6
_WORDINGS = 3


@dataclass(frozen=True, kw_only=True)
class DoubtGroup:
    """All doubts of a code; wordings differ by the figures in them.

    ``cases`` has the runs in doubt of each case by its label, in the order of the report.
    """

    code: str
    texts: list[str] = field(default_factory=list)
    remedies: list[str] = field(default_factory=list)
    cases: dict[str, int] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The code as words."""
        return self.code.replace("_", " ").capitalize()

    @property
    def wordings(self) -> list[str]:
        """The first few."""
        more = len(self.texts) - _WORDINGS
        return self.texts[:_WORDINGS] + ([f"and {more} more such figures"] if more > 0 else [])

    @property
    def first_cases(self) -> list[tuple[str, int]]:
        """Those named at once."""
        return list(self.cases.items())[:_SHOWN]

    @property
    def other_cases(self) -> list[tuple[str, int]]:
        """Those that have to be asked for."""
        return list(self.cases.items())[_SHOWN:]


def doubt_groups(cases: Sequence[PageCase]) -> list[DoubtGroup]:
    """The one about most cases first."""
    found: dict[str, DoubtGroup] = {}
    for case in cases:
        for doubt, runs in doubts_of(case.result).items():
            group = found.setdefault(doubt.code, DoubtGroup(code=doubt.code))
            _add(group.texts, doubt.text)
            _add(group.remedies, doubt.remedy)
            group.cases[case.label] = group.cases.get(case.label, 0) + runs
    return sorted(found.values(), key=lambda group: -len(group.cases))


def _add(texts: list[str], text: str) -> None:
    if text not in texts:
        texts.append(text)
