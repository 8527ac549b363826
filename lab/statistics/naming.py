"""What a case is called among others: by what distinguishes it from them, and by nothing else."""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

from lab.statistics.results import CaseKey

_METHODS = {"c-move": "C-MOVE", "lab": "C-STORE", "storescu": "storescu", "rest": "REST"}
_IN_THIS_ORDER = (
    "profile",
    "method",
    "study",
    "study_size",
    "max_pdu",
    "parallel",
    "congestion_control",
    "ack",
    "cache",
    "tls",
    "orthanc",
    "level",
    "shaper",
    "pacs",
    "configuration",
    "instrument",
    "machine",
    "schema_version",
)
_ALWAYS_SAID = ("profile", "method", "study")
_USUAL_SHARE = 2 / 3


def distinguishing(keys: Sequence[CaseKey]) -> list[str]:
    """A few fields that tell all keys apart, in the order people ask for them; none of them can be spared."""
    chosen: list[str] = []
    for field in _IN_THIS_ORDER:
        if _kinds(keys, [field]) > 1 and _kinds(keys, [*chosen, field]) > _kinds(keys, chosen):
            chosen.append(field)
    all_kinds = _kinds(keys, chosen)
    for field in reversed(chosen):
        others = [other for other in chosen if other != field]
        if _kinds(keys, others) == all_kinds:
            chosen = others
    return chosen


def settings(key: CaseKey, fields: Sequence[str]) -> str:
    """Those of the fields that do not stand beside it anyway: "PDU 16384, ack delayed"."""
    words = (in_words(key, field) for field in fields if field not in _ALWAYS_SAID)
    return ", ".join(word for word in words if word)


def _kinds(keys: Sequence[CaseKey], fields: Sequence[str]) -> int:
    return len(set(map(attrgetter(*fields), keys))) if fields else min(len(keys), 1)


def usual(keys: Sequence[CaseKey]) -> dict[str, str]:
    """In words, by field, what two thirds of the keys have where others differ: it goes without saying."""
    found: dict[str, str] = {}
    for field in distinguishing(keys):
        word, count = Counter(in_words(key, field) for key in keys).most_common(1)[0]
        if count > _USUAL_SHARE * len(keys) and field not in _ALWAYS_SAID:
            found[field] = word
    return found


def labels(keys: Sequence[CaseKey]) -> list[str]:
    """One per key, all different where the keys are; the profile alone when there is one key."""
    fields, unsaid = distinguishing(keys) or ["profile"], usual(keys)
    if "profile" not in fields:
        fields = ["profile", *fields]
    return [
        ", ".join(word for field in fields if (word := in_words(key, field)) and word != unsaid.get(field))
        for key in keys
    ]


def in_words(key: CaseKey, field: str) -> str:
    """A field of a key as people read it, "PDU 16384"; what it does not have is ""."""
    value = getattr(key, field)
    if field == "profile":
        return value or "link as found"
    if field == "method":
        return str(_METHODS.get(value, value))
    if field == "max_pdu":
        return {0: "PDU without limit", -1: ""}.get(value, f"PDU {value}")
    if field == "parallel":
        return f"{value} at once"
    if field == "tls":
        return "TLS" if value else "plain"
    return _with_its_name(field, value)


def _with_its_name(field: str, value: object) -> str:
    named = {
        "ack": "ack {}",
        "cache": "{} cache",
        "level": "{} level",
        "shaper": "shaper {}",
        "orthanc": "Orthanc with {}",
        "configuration": "configuration {}",
        "instrument": "lab {}",
        "schema_version": "record version {}",
    }
    if value == "" and field == "orthanc":
        return "Orthanc as the lab sets it"
    return "" if value == "" else named.get(field, "{}").format(value)
