"""What to ask for: a C-MOVE for each study, or several at once that make up one (PS3.4 C.4.2.1.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset

from lab.inside.requests import PATIENT_ROOT_MOVE, STUDY_ROOT_FIND, STUDY_ROOT_MOVE, Scu
from lab.model.exchange import MoveOrder
from lab.model.study import StudyKey


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Identifiers of C-MOVEs, and the model they are for: lanes at once, what is in a lane in turn."""

    level: str
    abstract_syntax: str
    lanes: list[list[Dataset]]


def shares_of(order: MoveOrder) -> Shares:
    """One lane for the whole; several studies are dealt out to lanes, a single one is split."""
    if order.parallel > 1 and len(order.studies) == 1:
        return _split(order, order.studies[0].study_instance_uid)
    model = PATIENT_ROOT_MOVE if order.level == "PATIENT" else STUDY_ROOT_MOVE
    whole = [_whole(order.level, key) for key in order.studies]
    lanes = [whole[lane :: order.parallel] for lane in range(min(order.parallel, len(whole)))]
    return Shares(level=order.level, abstract_syntax=model, lanes=lanes)


def associated(order: MoveOrder, abstract_syntax: str) -> Scu:
    """An association to the PACS, as the order has it. Raises ConnectionError."""
    return Scu(
        order.pacs_host,
        order.pacs_port,
        called_ae_title=order.pacs_ae_title,
        calling_ae_title=order.calling_ae_title,
        abstract_syntax=abstract_syntax,
        connect_timeout_s=order.connect_timeout_s,
        answer_timeout_s=order.acse_timeout_s,
        tls=order.tls,
    )


def _split(order: MoveOrder, study_uid: str) -> Shares:
    """By series when the PACS (C-FIND) finds enough of them, else by instance.

    Raises ConnectionError.
    """
    scu = associated(order, STUDY_ROOT_FIND)
    try:
        series_uids = _found(scu, "SERIES", "SeriesInstanceUID", StudyInstanceUID=study_uid)
        if len(series_uids) >= order.parallel:
            level, identifiers = "SERIES", _by_series(study_uid, series_uids, order.parallel)
        else:
            level, identifiers = "IMAGE", _by_instance(scu, study_uid, series_uids, order.parallel)
    finally:
        scu.release()
    if not identifiers:
        msg = f"the PACS finds nothing of study {study_uid} (C-FIND)"
        raise ConnectionError(msg)
    return Shares(level=level, abstract_syntax=STUDY_ROOT_MOVE, lanes=[[one] for one in identifiers])


def _whole(level: str, key: StudyKey) -> Dataset:
    """At PATIENT level with both keys, as tools ask; whether the study counts is the PACS's affair."""
    keys = {"StudyInstanceUID": key.study_instance_uid}
    if level == "PATIENT":
        keys["PatientID"] = key.patient_id
    return _identifier(level, keys)


def _by_series(study_uid: str, series_uids: Sequence[str], parallel: int) -> list[Dataset]:
    return [
        _identifier(
            "SERIES",
            {"StudyInstanceUID": study_uid, "SeriesInstanceUID": list(series_uids[share::parallel])},
        )
        for share in range(parallel)
    ]


def _by_instance(scu: Scu, study_uid: str, series_uids: Sequence[str], parallel: int) -> list[Dataset]:
    """``parallel`` shares in all: one more for whichever series has the largest ones, again and again."""
    uids = {uid: _found(scu, "IMAGE", "SOPInstanceUID", **_keys(study_uid, uid)) for uid in series_uids}
    shares = dict.fromkeys((uid for uid in series_uids if uids[uid]), 1)
    while shares and sum(shares.values()) < min(parallel, sum(map(len, uids.values()))):
        shares[max(shares, key=lambda uid: len(uids[uid]) / shares[uid])] += 1
    return [
        _identifier("IMAGE", {**_keys(study_uid, uid), "SOPInstanceUID": uids[uid][share::count]})
        for uid, count in shares.items()
        for share in range(count)
    ]


def _keys(study_uid: str, series_uid: str) -> dict[str, str]:
    return {"StudyInstanceUID": study_uid, "SeriesInstanceUID": series_uid}


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
