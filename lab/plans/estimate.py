"""How long a plan will take, before it is begun: what the links cost at best, and guesses for the rest.

The link's part is the stop-and-wait model (lab.link.expect); lost packets are not in it. The guesses are
for a machine like the one of README's tables, on the slow side: a plan that ends early annoys nobody.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lab.link.expect import StudySize, expected
from lab.model.case import COLD, MOVE, Case
from lab.model.plan import INTERLEAVED, Plan
from lab.plans.ordering import link_of, round_order, settings_of

UNSHAPED_BYTES_S = 100e6
INSTANCE_S = 0.0005  # the PACS's own time for one, unshaped: 0.5 s for 1000
STORING_FACTOR = 2.0  # into Orthanc takes about twice as long as out of it
STALL_S = 0.045  # delayed acknowledgement, per instance
BBR_ROUND_TRIPS = 0.5  # more per instance than cubic or reno take
RUN_S = 1.0  # the agent's start, reading the link back, proving
SWITCH_S = 8.0  # shaping, reading back, feeling the path
RESTART_S = 10.0  # Orthanc anew: with other settings, or with cold caches
STUDY_S = 15.0  # seeding and proving a study, once


@dataclass(frozen=True, kw_only=True)
class CaseEstimate:
    """``run_s``: one run with what belongs to it, in seconds; None where it cannot be told.

    That is so while nobody knows the size of the study (lab data make), and where nothing gets through.
    """

    number: int
    case: Case
    run_s: float | None


@dataclass(frozen=True, kw_only=True)
class PlanEstimate:
    """Seconds for all of a plan, warm-ups and switches included.

    ``least_s`` is with ``at_least`` runs of each case, ``most_s`` with ``at_most``; cases whose run cannot
    be told are left out, and ``unknown`` counts them.
    """

    cases: tuple[CaseEstimate, ...]
    least_s: float
    most_s: float
    unknown: int


def estimate(plan: Plan, sizes: Mapping[str, StudySize]) -> PlanEstimate:
    """What to expect of a plan; ``sizes`` has each of its studies by name."""
    cases = tuple(
        CaseEstimate(number=number, case=case, run_s=run_s(case, sizes[case.study]))
        for number, case in enumerate(plan.cases, 1)
    )
    return PlanEstimate(
        cases=cases,
        least_s=_total_s(plan, cases, plan.repeats.at_least),
        most_s=_total_s(plan, cases, plan.repeats.at_most),
        unknown=sum(one.run_s is None for one in cases),
    )


def run_s(case: Case, size: StudySize) -> float | None:
    """One run of a case with what belongs to it, in seconds; None where it cannot be told."""
    link_s = _link_s(case, size)
    if link_s is None:
        return None
    restart_s = RESTART_S if case.cache == COLD else 0.0
    return link_s + _unshaped_s(case, size) + RUN_S + restart_s


def _link_s(case: Case, size: StudySize) -> float | None:
    """On the busiest of parallel associations; what all of them send shares the rate."""
    busiest = replace(size, instances=math.ceil(size.instances / case.parallel))
    found = expected(case.profile, busiest).duration_s if case.profile else 0.0
    return None if found is None else found + busiest.instances * _more_per_instance_s(case)


def _more_per_instance_s(case: Case) -> float:
    paced_s = BBR_ROUND_TRIPS * case.profile.rtt_s if case.profile and case.congestion_control == "bbr" else 0
    return paced_s + (STALL_S if case.ack == "delayed" else 0)


def _unshaped_s(case: Case, size: StudySize) -> float:
    moved_s = (size.dataset_bytes or 0) / UNSHAPED_BYTES_S + size.instances * INSTANCE_S
    return moved_s if case.method == MOVE else moved_s * STORING_FACTOR


def _total_s(plan: Plan, cases: Sequence[CaseEstimate], runs_each: int) -> float:
    runs_s = sum(one.run_s or 0.0 for one in cases) * (runs_each + plan.repeats.warmup)
    return runs_s + _switches_s(plan, runs_each) + STUDY_S * len({case.study for case in plan.cases})


def _switches_s(plan: Plan, runs_each: int) -> float:
    """Of Orthanc's settings and of the link, in every round where they are interleaved, else in one pass."""
    order = [plan.cases[number - 1] for number in round_order(plan, 1)]
    rounds = runs_each if plan.order == INTERLEAVED else 1
    pairs = list(pairwise([*order, order[0]]))
    restarts = rounds * sum(settings_of(one) != settings_of(other) for one, other in pairs)
    shapings = rounds * sum(_path_of(one) != _path_of(other) for one, other in pairs)
    return restarts * RESTART_S + max(1, shapings) * SWITCH_S


def _path_of(case: Case) -> tuple[str, tuple[str, str, str]]:
    """Orthanc started anew has to be shaped anew."""
    return settings_of(case), link_of(case)
