"""What the runs of a case will have in their key, as far as that is known before the first of them."""

from lab.model.case import Case
from lab.model.link_state import AUTO, KERNELS_OWN
from lab.statistics.results import settings_text

Values = tuple[str, ...] | None
_LEFT_TO_HOSTS = (AUTO, KERNELS_OWN, "")


def fits(wanted: str, values: Values) -> bool:
    """As it is written, true and True alike; None is any name, and what leaves it to the hosts is none."""
    if values is None:
        return wanted not in _LEFT_TO_HOSTS
    return wanted.lower() in map(str.lower, values)


def possible(case: Case) -> dict[str, Values]:
    """By field of CaseKey the values that a case may get, as text; None: hosts or the study decide it."""
    return {
        "study": (case.study,),
        "study_size": None,
        "method": (case.method,),
        "profile": (case.profile.name if case.profile else "",),
        "shaper": _shapers(case),
        "level": _levels(case),
        "max_pdu": (str(case.max_pdu_bytes),),
        "parallel": (str(case.parallel),),
        "ack": (case.ack,),
        "congestion_control": None
        if case.congestion_control in _LEFT_TO_HOSTS
        else (case.congestion_control,),
        "tls": ("False", "True") if case.tls is None else (str(case.tls),),
        "orthanc": (settings_text(case),),
        "cache": (case.cache,),
    }


def _shapers(case: Case) -> tuple[str, ...]:
    if case.profile is not None and case.profile.is_plain:
        return ("none",)
    found = ("netem", "tun") if case.shaper == AUTO else (case.shaper,)
    return found if case.profile else ("none", *found)


def _levels(case: Case) -> tuple[str, ...]:
    """Several C-MOVEs at once for one study go by its series or its instances."""
    return (case.level, "SERIES", "IMAGE") if case.level and case.parallel > 1 else (case.level,)
