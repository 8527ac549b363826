"""Every profile: is the link what it claims, and does a C-MOVE over it take what is predicted?"""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

from lab.bench.c_move import Bench
from lab.bench.move import measure
from lab.errors import LabError
from lab.link.expect import StudySize, expected
from lab.model.case import Case
from lab.model.link_state import AUTO, LinkState, Wish
from lab.model.links import LinkLine
from lab.model.profile import Profile
from lab.model.record import Run
from lab.model.study import Study
from lab.model.verdict import Verdict
from lab.stack import shaping, verifying
from lab.stack.putting_back import as_found

LONGEST_S = 120.0


def measure_links(
    benches: Sequence[Bench],
    profiles: Sequence[Profile],
    congestion_controls: Sequence[str],
    seconds: float,
    folder: Path,
) -> Iterator[LinkLine]:
    """For each profile: shape, verify, then a C-MOVE with each congestion control.

    ``benches`` differ in their study, largest first: the first that should take LONGEST_S at most over the
    profile is moved, else the last. Profiles with phases are not verified. One that fails is a line that
    says why, and the next is measured. The link is put back.
    """
    first = benches[0]
    with as_found(first.home, first.engine, "benchmark of links", first.progress.say):
        for profile in profiles:
            try:
                lines = _measured(benches, profile, congestion_controls, seconds, folder)
            except LabError as error:
                lines = [LinkLine(profile=profile, verdicts=[], run=None, failed=error.message)]
            yield from lines


def _measured(
    benches: Sequence[Bench],
    profile: Profile,
    congestion_controls: Sequence[str],
    seconds: float,
    folder: Path,
) -> list[LinkLine]:
    """Of one profile; a line for each congestion control."""
    verdicts = _verified(benches[0], profile, seconds)
    bench = next((b for b in benches if _predicted_s(b.study, profile) <= LONGEST_S), benches[-1])
    runs = _moved(bench, profile, congestion_controls, folder)
    return [LinkLine(profile=profile, run=_without_samples(run), verdicts=list(verdicts)) for run in runs]


def _verified(bench: Bench, profile: Profile, seconds: float) -> list[Verdict]:
    if profile.phases:
        return []
    state: LinkState = shaping.apply(bench.home, bench.engine, Wish(profile=profile))
    with bench.progress.task(f"{profile.name}: measuring the link"):
        verdicts = verifying.verify(bench.engine, state, seconds, bench.progress.say)
    shaping.clear(bench.home, bench.engine)  # as the benchmark finds it, so it puts nothing else back
    return verdicts


def _predicted_s(study: Study, profile: Profile) -> float:
    size = StudySize(name=study.name, instances=len(study.instances), dataset_bytes=study.dataset_bytes)
    return expected(profile, size).duration_s or 0.0


def _moved(bench: Bench, profile: Profile, congestion_controls: Sequence[str], folder: Path) -> list[Run]:
    cases = [
        Case(
            study=bench.study.name,
            profile=profile,
            shaper=AUTO,
            congestion_control=name,
            runs=1,
            warmup=0,
            max_pdu_bytes=131072,
        )
        for name in congestion_controls
    ]
    return measure(bench, cases, folder).runs


def _without_samples(run: Run) -> Run:
    """The record of the run itself is saved beside."""
    empty = dataclasses.replace(run.timeline, begin_s=[], end_s=[], dataset_bytes=[], association=[])
    return dataclasses.replace(run, timeline=empty)
