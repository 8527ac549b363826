"""A plan on its way: what each run gave, and how much is left."""

import time
from collections.abc import Mapping

from lab.bench.c_move import Bench
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
    """Called after every run."""

    def __init__(self, progress: Progress, plan: Plan, benches: Mapping[str, Bench]) -> None:
        self._progress = progress
        self._plan = plan
        sizes = {name: _size(bench.study) for name, bench in benches.items()}
        self._run_s = [one.run_s or _UNKNOWN_S for one in estimate(plan, sizes).cases]
        self._begun_s = time.monotonic()
        self._done_s = 0.0

    def __call__(self, turn: Turn, kept: Mapping[int, Record | StoreRecord]) -> None:
        """One line: the run, its figures, the time left as far as it can be told."""
        record, case = kept[turn.number], self._plan.cases[turn.number - 1]
        self._done_s += self._run_s[turn.number - 1]
        over = f" over {case.profile.name}" if case.profile else ""
        what = f"run {turn.round} of case {turn.number} of {len(self._plan.cases)}"
        self._progress.say(f"{what}, {case.method}{over}: {_outcome(record)}; {self._left(kept)}")

    def _left(self, kept: Mapping[int, Record | StoreRecord]) -> str:
        """The guesses of what is left, stretched as those of what is done turned out."""
        durations_s = {number: [run.duration_s for run in one.runs] for number, one in kept.items()}
        through = finished(self._plan, durations_s, [n for n, one in kept.items() if one.failure])
        guess_s = sum(
            took_s * max(1, self._plan.repeats.at_least - len(durations_s.get(number, ())))
            for number, took_s in enumerate(self._run_s, 1)
            if number not in through
        )
        stretched_s = guess_s * (time.monotonic() - self._begun_s) / max(self._done_s, 1e-9)
        return f"{len(through)} cases done, about {_spell(stretched_s)} left"


def _size(study: Study) -> StudySize:
    return StudySize(name=study.name, instances=len(study.instances), dataset_bytes=study.dataset_bytes)


def _outcome(record: Record | StoreRecord) -> str:
    if record.failure:
        return f"failed: {record.failure.message}"
    last = record.runs[-1]
    return f"{cell(last.duration_s)} s, {cell(MEASURES['throughput'].of(last))} Mbit/s"


def _spell(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
