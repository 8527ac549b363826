"""What to ask for: one C-MOVE for the study, or several that together ask for all of it (PS3.4 C.4.2.1.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from pydicom.dataset import Dataset

from lab.inside.requests import PATIENT_ROOT_MOVE, STUDY_ROOT_FIND, STUDY_ROOT_MOVE, Scu
from lab.model.exchange import MoveOrder


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Identifiers of as many C-MOVEs, and the model they are for."""

    level: str
    abstract_syntax: str
    identifiers: list[Dataset]


def shares_of(order: MoveOrder) -> Shares:
    """One for the whole; for parallel ones the PACS is asked (C-FIND) what the study consists of.

    By series when there are enough of them, else by instance. Raises ConnectionError.
    """
    if order.parallel == 1:
        model = PATIENT_ROOT_MOVE if order.level == "PATIENT" else STUDY_ROOT_MOVE
        return Shares(level=order.level, abstract_syntax=model, identifiers=[_whole(order)])
    scu = Scu(
        order.pacs_host,
        order.pacs_port,
        called_ae_title=order.pacs_ae_title,
        calling_ae_title=order.calling_ae_title,
        abstract_syntax=STUDY_ROOT_FIND,
    )
    try:
        series_uids = _found(scu, "SERIES", "SeriesInstanceUID", StudyInstanceUID=order.study_instance_uid)
        if len(series_uids) >= order.parallel:
            level, identifiers = "SERIES", _by_series(order, series_uids)
        else:
            level, identifiers = "IMAGE", _by_instance(scu, order, series_uids)
    finally:
        scu.release()
    return Shares(level=level, abstract_syntax=STUDY_ROOT_MOVE, identifiers=identifiers)


def _whole(order: MoveOrder) -> Dataset:
    """At PATIENT level with both keys, as tools ask; whether the study counts is the PACS's affair."""
    keys = {"StudyInstanceUID": order.study_instance_uid}
    if order.level == "PATIENT":
        keys["PatientID"] = order.patient_id
    return _identifier(order.level, keys)


def _by_series(order: MoveOrder, series_uids: Sequence[str]) -> list[Dataset]:
    return [
        _identifier(
            "SERIES",
            {
                "StudyInstanceUID": order.study_instance_uid,
                "SeriesInstanceUID": list(series_uids[share :: order.parallel]),
            },
        )
        for share in range(order.parallel)
    ]


def _by_instance(scu: Scu, order: MoveOrder, series_uids: Sequence[str]) -> list[Dataset]:
    """Each series in as many shares as make ``parallel`` of them or a few more in all."""
    per_series = -(-order.parallel // max(1, len(series_uids)))
    return list(chain.from_iterable(_of_series(scu, order, uid, per_series) for uid in series_uids))


def _of_series(scu: Scu, order: MoveOrder, series_uid: str, count: int) -> list[Dataset]:
    keys = {"StudyInstanceUID": order.study_instance_uid, "SeriesInstanceUID": series_uid}
    uids = _found(scu, "IMAGE", "SOPInstanceUID", **keys)
    chunks = (uids[share::count] for share in range(count))
    return [_identifier("IMAGE", {**keys, "SOPInstanceUID": chunk}) for chunk in chunks if chunk]


def _found(scu: Scu, level: str, wanted: str, **keys: str) -> list[str]:
    """Sorted, so that the shares are the same each time."""
    matches = scu.find(_identifier(level, {**keys, wanted: ""}))
    return sorted(str(getattr(match, wanted)) for match in matches)


def _identifier(level: str, keys: Mapping[str, Sequence[str]]) -> Dataset:
    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(identifier, keyword, value)
    return identifier
