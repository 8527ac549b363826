"""An experiment: which cases, how often, in which order, and what has to come of it."""

from dataclasses import dataclass

from lab.model.case import Case

INTERLEAVED, RANDOM, LISTED = ORDERS = ("interleaved", "random", "listed")


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """How often a case is run.

    Attributes:
        warmup: runs before the first measured one that do not count.
        at_least, at_most: measured runs; ``at_least`` are made whatever they take.
        within_ratio: enough when the 95 % interval of the median duration is within this share of the
            median on both sides; None: ``at_least`` is enough.
        budget_s: no run beyond ``at_least`` is begun when the measured runs of the case took so long.
    """

    warmup: int = 1
    at_least: int = 3
    at_most: int = 3
    within_ratio: float | None = None
    budget_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What has to be true of the runs of a case: "first_image.p95 < 500 ms".

    Attributes:
        text: as written.
        measure, statistic: what is looked at (lab.statistics.measures), "first_image" and "p95".
        relation: "<" or ">".
        limit: in the measure's own unit.
        only: which cases it is for, by field of CaseKey: {"profile": "lan-1g"}; empty is every case that
            has the measure.
    """

    text: str
    measure: str
    statistic: str
    relation: str
    limit: float
    only: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Cases in the order they are listed, and how they are run.

    ``order``: "interleaved" runs every case once a round, Orthanc's settings, the links and the cases within
    each shuffled anew for each round; "random" shuffles the cases once and runs each to its end, "listed"
    does not shuffle. ``seed`` decides the shuffling. ``sha256`` is of the plan's text and the profiles it
    names, so that a plan that was changed is not taken for the one that was begun.
    """

    name: str
    description: str
    source: str
    cases: tuple[Case, ...]
    repeats: Repeats
    order: str
    seed: int
    gates: tuple[Gate, ...]
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PlanPlace:
    """Where in a plan a record belongs.

    Attributes:
        plan: its name.
        sha256: of its text.
        order: of its cases: "interleaved", "random" or "listed".
        seed: that decided their shuffling.
        number, of: the case's, counted from 1, and how many there are.
    """

    plan: str
    sha256: str
    order: str
    seed: int
    number: int
    of: int
