"""How long a plan will take, before it is begun: what the links cost at best, and guesses for the rest.

The link's part is the stop-and-wait model (lab.link.expect); lost packets are not in it. The guesses are
for a machine like the one of README's tables, on the slow side: a plan that ends early annoys nobody.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lab.link.expect import StudySize, expected
from lab.link.tcp_flow import IMAGES_S, OTHER_S, spell
from lab.model.case import COLD, MOVE, Case
from lab.model.plan import INTERLEAVED, Plan, Repeats
from lab.plans.ordering import link_of, round_order, settings_of

UNSHAPED_BYTES_S = 100e6
INSTANCE_S = 0.0005  # the PACS's own time for one, unshaped: 0.5 s for 1000
STORING_FACTOR = 2.0  # into Orthanc takes about twice as long as out of it
STALL_S = 0.045  # delayed acknowledgement, per instance
BBR_ROUND_TRIPS = 0.5  # more per instance than cubic or reno take
RUN_S = 2.5  # the agent's start, the link and the hosts read before and after, proving
SWITCH_S = 6.5  # shaping, reading back, feeling the path: of a short round trip
RESTART_S = 10.0  # Orthanc anew: with other settings, or with cold caches
STUDY_S = 15.0  # seeding and proving a study, once


@dataclass(frozen=True, kw_only=True)
class CaseEstimate:
    """Seconds of one run: of the transfer, and with what belongs to it; None where it cannot be told.

    That is so while nobody knows the size of the study (lab data make), and where nothing gets through.
    """

    number: int
    case: Case
    transfer_s: float | None
    run_s: float | None


@dataclass(frozen=True, kw_only=True)
class PlanEstimate:
    """Seconds for all of a plan, warm-ups and switches included.

    ``least_s`` is with ``at_least`` runs of each case, ``most_s`` with as many as ``at_most`` and the budget
    allow; cases whose run cannot be told are left out, and ``unknown`` counts them.
    """

    cases: tuple[CaseEstimate, ...]
    least_s: float
    most_s: float
    unknown: int


def estimate(plan: Plan, sizes: Mapping[str, StudySize]) -> PlanEstimate:
    """What to expect of a plan; ``sizes`` has each of its studies by name."""
    cases = tuple(_estimate(number, case, sizes[case.study]) for number, case in enumerate(plan.cases, 1))
    return PlanEstimate(
        cases=cases,
        least_s=_total_s(plan, cases, [plan.repeats.at_least] * len(cases)),
        most_s=_total_s(plan, cases, [_runs_at_most(plan.repeats, one.transfer_s) for one in cases]),
        unknown=sum(one.run_s is None for one in cases),
    )


def _estimate(number: int, case: Case, size: StudySize) -> CaseEstimate:
    transfer_s = _transfer_s(case, size)
    around_s = RUN_S + (RESTART_S if case.cache == COLD else 0.0)
    run_s = None if transfer_s is None else transfer_s + around_s
    return CaseEstimate(number=number, case=case, transfer_s=transfer_s, run_s=run_s)


def _runs_at_most(repeats: Repeats, transfer_s: float | None) -> int:
    """As lab.plans.enough stops when the median never becomes known well enough."""
    if repeats.budget_s is None or not transfer_s:
        return repeats.at_most
    within_budget = math.ceil(repeats.budget_s / transfer_s)
    return min(repeats.at_most, max(repeats.at_least, within_budget))


def _transfer_s(case: Case, size: StudySize) -> float | None:
    link_s = _link_s(case, size)
    return None if link_s is None else link_s + _unshaped_s(case, size)


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


def _total_s(plan: Plan, cases: Sequence[CaseEstimate], runs: Sequence[int]) -> float:
    """With so many measured runs of each case."""
    runs_s = sum(
        (one.run_s or 0.0) * (count + plan.repeats.warmup) for one, count in zip(cases, runs, strict=True)
    )
    studies_s = STUDY_S * len({case.study for case in plan.cases})
    return runs_s + _warm_again_s(plan, cases, runs) + _switches_s(plan, max(runs)) + studies_s


def _warm_again_s(plan: Plan, cases: Sequence[CaseEstimate], runs: Sequence[int]) -> float:
    """Warm-ups in the rounds after the first, where Orthanc is started anew in each.

    One case warms its study for those of the same method, at worst the slowest that is still run. But after
    cold cases each may have to.
    """
    cold = any(case.cache == COLD for case in plan.cases)
    if plan.order != INTERLEAVED or not (cold or len({settings_of(case) for case in plan.cases}) > 1):
        return 0.0
    rounds_done: dict[tuple[str, str, str], int] = {}
    total_s = 0.0
    for one, count in sorted(zip(cases, runs, strict=True), key=lambda pair: -(pair[0].run_s or 0.0)):
        key = settings_of(one.case), one.case.study, one.case.method
        done = rounds_done.get(key, 1)
        if one.case.cache != COLD:
            total_s += (one.run_s or 0.0) * max(0, count - done)
            rounds_done[key] = 1 if cold else max(done, count)
    return plan.repeats.warmup * total_s


def _switches_s(plan: Plan, most_runs: int) -> float:
    """Of Orthanc's settings and of the link, in every round where they are interleaved, else in one pass."""
    order = [plan.cases[number - 1] for number in round_order(plan, 1)]
    rounds = most_runs if plan.order == INTERLEAVED else 1
    pairs = list(pairwise([*order, order[0]]))
    restarts = rounds * sum(settings_of(one) != settings_of(other) for one, other in pairs)
    shaped = [other for one, other in pairs if _path_of(one) != _path_of(other)]
    shapings_s = rounds * sum(map(_switch_s, shaped)) if shaped else _switch_s(order[0])
    return restarts * RESTART_S + shapings_s


def _switch_s(case: Case) -> float:
    """Longer where a round trip is: iperf3 leaves slow start out."""
    rtt_ms = case.profile.rtt_s * 1e3 if case.profile else None
    pairs = [(spell(rtt_ms, count_s), spell(None, count_s)) for count_s in (IMAGES_S, OTHER_S)]
    return SWITCH_S + sum(
        long.omitted_s + long.counted_s - short.omitted_s - short.counted_s for long, short in pairs
    )


def _path_of(case: Case) -> tuple[str, tuple[str, str, str]]:
    """Orthanc started anew has to be shaped anew."""
    return settings_of(case), link_of(case)
