"""What to ask for: one C-MOVE for the study, or several that together ask for all of it (PS3.4 C.4.2.1.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    if not identifiers:
        msg = f"the PACS finds nothing of study {order.study_instance_uid} (C-FIND)"
        raise ConnectionError(msg)
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
    """``parallel`` shares in all: one more for whichever series has the largest ones, again and again."""
    uids = {uid: _instances_of(scu, order, uid) for uid in series_uids}
    shares = dict.fromkeys((uid for uid in series_uids if uids[uid]), 1)
    while shares and sum(shares.values()) < min(order.parallel, sum(map(len, uids.values()))):
        shares[max(shares, key=lambda uid: len(uids[uid]) / shares[uid])] += 1
    return [
        _identifier("IMAGE", {**_keys(order, uid), "SOPInstanceUID": uids[uid][share::count]})
        for uid, count in shares.items()
        for share in range(count)
    ]


def _instances_of(scu: Scu, order: MoveOrder, series_uid: str) -> list[str]:
    return _found(scu, "IMAGE", "SOPInstanceUID", **_keys(order, series_uid))


def _keys(order: MoveOrder, series_uid: str) -> dict[str, str]:
    return {"StudyInstanceUID": order.study_instance_uid, "SeriesInstanceUID": series_uid}


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
