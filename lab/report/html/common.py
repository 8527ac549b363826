"""What all cases of a page have in common, which their names do not say."""

from collections.abc import Sequence

from lab.statistics.naming import in_words
from lab.statistics.results import CaseKey

_FIELDS = (
    *("study", "method", "max_pdu", "parallel", "congestion_control"),
    *("ack", "cache", "tls", "orthanc", "level", "shaper"),
)


def common(keys: Sequence[CaseKey]) -> list[str]:
    """In words; what only some of them can have, as stores have no acknowledging, is said when those agree.

    The PACS, the machine and the lab's version are in the environment.
    """
    found = [{in_words(key, field) for key in keys} - {""} for field in _FIELDS]
    said = dict(zip(_FIELDS, found, strict=True))
    alone = {field: next(iter(words)) for field, words in said.items() if len(words) == 1}
    return [f"study {word}" if field == "study" else word for field, word in alone.items()]
