"""A plan on its way: what each run gave, and how much is left."""

import time
from collections.abc import Callable, Mapping, Sequence

from lab.link.expect import StudySize
from lab.model.plan import Plan
from lab.model.progress import Progress
from lab.model.record import Record
from lab.model.store_record import StoreRecord
from lab.model.study import Study
from lab.plans.enough import finished
from lab.plans.estimate import estimate
from lab.plans.ordering import Turn
from lab.report.text import cell
from lab.statistics.measures import MEASURES

_UNKNOWN_S = 60.0


class PlanProgress:
    """Called after every run, and asked before it. Implements lab.bench.plan.Tell."""

    def __init__(
        self,
        progress: Progress,
        plan: Plan,
        studies: Sequence[Study],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._progress = progress
        self._plan = plan
        self._now_s = now_s
        sizes = {study.name: _size(study) for study in studies}
        self._run_s = [one.run_s or _UNKNOWN_S for one in estimate(plan, sizes).cases]
        self._begun_s: float | None = None
        self._done_s = 0.0

    def __call__(self, turn: Turn, kept: Mapping[int, Record | StoreRecord]) -> None:
        """One line: the run, its figures, the time left as far as it can be told."""
        record, case = kept[turn.number], self._plan.cases[turn.number - 1]
        self._count(self._run_s[turn.number - 1])
        over = f" over {case.profile.name}" if case.profile else ""
        what = f"run {turn.round} of case {turn.number} of {len(self._plan.cases)}"
        done = f"{len(self._through(kept))} cases done, {self.left(kept)}"
        self._progress.say(f"{what}, {case.method}{over}: {_outcome(record)}; {done}")

    def left(self, kept: Mapping[int, Record | StoreRecord]) -> str:
        """The guesses of what is left, stretched as those of what is done turned out."""
        through = self._through(kept)
        guess_s = sum(
            took_s * max(1, self._plan.repeats.at_least - (len(kept[number].runs) if number in kept else 0))
            for number, took_s in enumerate(self._run_s, 1)
            if number not in through
        )
        return f"about {_spell(guess_s * self._stretch())} left"

    def _through(self, kept: Mapping[int, Record | StoreRecord]) -> frozenset[int]:
        durations_s = {number: [run.duration_s for run in one.runs] for number, one in kept.items()}
        return finished(self._plan, durations_s, [number for number, one in kept.items() if one.failure])

    def _count(self, guess_s: float) -> None:
        """The clock begins with the end of the first run: setting up is in that one, and not again."""
        if self._begun_s is None:
            self._begun_s = self._now_s()
        else:
            self._done_s += guess_s

    def _stretch(self) -> float:
        if self._begun_s is None or not self._done_s:
            return 1.0
        return (self._now_s() - self._begun_s) / self._done_s


def _size(study: Study) -> StudySize:
    return StudySize(name=study.name, instances=len(study.instances), dataset_bytes=study.dataset_bytes)


def _outcome(record: Record | StoreRecord) -> str:
    if record.failure:
        return f"failed: {record.failure.message}"
    last = record.runs[-1]
    return f"{cell(last.duration_s)} s, {cell(MEASURES['throughput'].of(last))} Mbit/s"


def _spell(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
