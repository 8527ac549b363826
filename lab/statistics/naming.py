"""What cases are called among others: by study, method and profile, and by what else tells them apart."""

from collections.abc import Iterable, Sequence

from lab.statistics.matching import FIELDS
from lab.statistics.results import CaseKey

ALWAYS = ("study", "method", "profile")


def telling(keys: Iterable[CaseKey]) -> tuple[str, ...]:
    """Fields besides study, method and profile in which they differ."""
    known = list(keys)
    return tuple(
        name for name in FIELDS if name not in ALWAYS and len({getattr(key, name) for key in known}) > 1
    )


def settings(key: CaseKey, fields: Sequence[str]) -> str:
    """ "max_pdu 16384, ack delayed"; "" for no fields."""
    return ", ".join(f"{name} {getattr(key, name) or 'none'}" for name in fields)


def name_of(key: CaseKey, fields: Sequence[str]) -> str:
    """ "quick by c-move over wan-20ms, max_pdu 16384"; outside the lab there is no profile."""
    over = f" over {key.profile}" if key.profile else ""
    more = settings(key, fields)
    return f"{key.study} by {key.method}{over}" + (f", {more}" if more else "")
