"""The cases of a plan: every combination of studies, profiles, methods and knobs, each once."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from lab.model.case import MOVE, Case
from lab.model.link_state import AUTO
from lab.model.plan import Repeats
from lab.model.profile import Profile
from lab.model.store import STORESCU
from lab.plans.keys import refuse
from lab.plans.knobs import KNOBS, LARGEST_OF_STORESCU_BYTES, Setting

MOST_CASES = 1000
_COSTLY = ("orthanc", "tls", "shaper", "congestion_control")
_FIELDS = {"max_pdu": "max_pdu_bytes"}  # knobs that a Case has under another name


def cases_of(
    studies: Sequence[str],
    profiles: Sequence[Profile],
    methods: Sequence[str],
    knobs: Mapping[str, Sequence[Setting]],
    repeats: Repeats,
    file: str,
) -> tuple[Case, ...]:
    """Each combination once, what is dear to change changing least often.

    Outermost are Orthanc's settings and TLS, which restart it; then what shapes the link: profile, shaper,
    congestion control; then study, method and the other knobs. Where combinations differ by a knob that
    their method does not have, or by the shaper where nothing is shaped, they are one case.

    Raises:
        UsageProblem: there are too many, or one that cannot be run.
    """
    count = math.prod(map(len, (studies, profiles, methods, *knobs.values())))
    if count > MOST_CASES:
        refuse(f"{file}: {count} combinations are too many", f"allowed: {MOST_CASES}; make two plans of it")
    found: dict[str, Case] = {}
    for study, profile, method, settings in _combinations(studies, profiles, methods, knobs):
        case = Case(
            study=study,
            profile=profile,
            method=method,
            runs=repeats.at_least,
            warmup=repeats.warmup,
            **{_FIELDS.get(name, name): value for name, value in settings.items()},
        )
        _check(case, file)
        found.setdefault(repr(case), case)
    return tuple(found.values())


def _combinations(
    studies: Sequence[str],
    profiles: Sequence[Profile],
    methods: Sequence[str],
    knobs: Mapping[str, Sequence[Setting]],
) -> Iterator[tuple[str, Profile, str, dict[str, Any]]]:
    rest = [name for name in KNOBS if name not in _COSTLY]
    for orthanc, tls, profile in product(knobs["orthanc"], knobs["tls"], profiles):
        shapers = (AUTO,) if profile.is_plain else knobs["shaper"]
        for shaper, congestion_control in product(shapers, knobs["congestion_control"]):
            link = dict(zip(_COSTLY, (orthanc, tls, shaper, congestion_control), strict=True))
            for study, method in product(studies, methods):
                for values in product(*(knobs[name] for name in rest)):
                    chosen = {**link, **dict(zip(rest, values, strict=True))}
                    yield study, profile, method, _settings(method, chosen)


def _settings(method: str, chosen: Mapping[str, Setting]) -> dict[str, Any]:
    kept = {
        name: value if method in KNOBS[name].methods else KNOBS[name].otherwise
        for name, value in chosen.items()
    }
    return {**kept, "orthanc": json.loads(str(chosen["orthanc"]) or "{}")}


def _check(case: Case, file: str) -> None:
    if case.method == MOVE and case.parallel > 1 and case.level == "PATIENT":
        what = f"level patient with parallel {case.parallel}: a study is split, so it cannot be asked so"
        refuse(f"{file}: {what}", "leave patient out, or parallel at 1")
    if case.method == STORESCU and case.max_pdu_bytes > LARGEST_OF_STORESCU_BYTES:
        what = f"max_pdu {case.max_pdu_bytes} with storescu"
        refuse(f"{file}: {what}", f"storescu takes at most {LARGEST_OF_STORESCU_BYTES}")
