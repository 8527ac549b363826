"""Was everything delivered, unaltered? A run that lost, altered or transcoded something is no number."""

import dataclasses
from collections import Counter
from collections.abc import Mapping

from lab.errors import DeliveryError, LabError, UnhealthyError, named
from lab.model.exchange import Arrivals, Ending, MoveOutcome
from lab.model.study import Instance, Study

_UNKNOWN_DESTINATION = 0xA801


def prove(outcome: MoveOutcome, study: Study) -> None:
    """Hold an outcome against the manifest: the C-MOVE's end, the set, the bytes, the syntax, any digest.

    Raises:
        UnhealthyError: the PACS stopped in the middle.
        DeliveryError: it ended, but what arrived is not what the manifest lists.
        LabError: it refused from the start.
    """
    _check_ending(outcome, study)
    if wrong := differences(outcome.arrivals, study):
        msg = f"{study.name} was not delivered as it is: {named(wrong)}"
        raise DeliveryError(msg, "lab logs orthanc; lab seed proves what Orthanc holds")
    if outcome.suboperations.failed or outcome.suboperations.warning:
        counts = outcome.suboperations
        msg = f"the PACS reports {counts.failed} failed and {counts.warning} warned sub-operations"
        raise DeliveryError(msg, "lab logs orthanc")


def _check_ending(outcome: MoveOutcome, study: Study) -> None:
    so_far = f"after {len(outcome.arrivals.end_s)} of {len(study.instances)} instances{_troubles(outcome)}"
    if outcome.ending in (Ending.CONNECTION_LOST, Ending.IDLE):
        msg = f"{outcome.explanation}, {so_far}"
        raise UnhealthyError(msg, "lab status; lab logs orthanc; lab up starts it again")
    if outcome.status == _UNKNOWN_DESTINATION:
        msg = f"the C-MOVE was refused: {outcome.explanation}"
        raise LabError(msg, "the destination's AE title must be among Orthanc's DicomModalities")
    if outcome.ending is Ending.REFUSED:
        missing = differences(outcome.arrivals, study) if outcome.arrivals.end_s else []
        what = f": {named(missing)}" if missing else ""
        msg = f"the C-MOVE failed {so_far}: {outcome.explanation}{what}"
        raise DeliveryError(msg, "lab logs orthanc; is the study seeded? lab seed")


def _troubles(outcome: MoveOutcome) -> str:
    """Why the PACS's storage associations ended, as the receiver saw it; "" when all were released."""
    troubles = dict.fromkeys(one.trouble for one in outcome.associations if one.trouble)
    return f" (storage association: {'; '.join(troubles)})" if troubles else ""


def differences(arrivals: Arrivals, study: Study) -> list[str]:
    """Every way in which what arrived is not the study, in words; empty when it is."""
    counts = Counter(arrivals.sop_instance_uids)
    wrong = [f"{uid} ({one.file}) did not arrive" for uid, one in study.by_uid.items() if uid not in counts]
    wrong += [f"{uid} arrived {times} times" for uid, times in counts.items() if times > 1]
    wrong += [f"{uid} is not of this study" for uid in counts if uid not in study.by_uid]
    return wrong + [
        text for row in range(len(arrivals.end_s)) if (text := _row_difference(arrivals, row, study))
    ]


def other_contents(arrivals: Arrivals, study: Study) -> list[str]:
    """UIDs of instances that came with another content, of which the manifest knows the elements."""
    return [
        uid
        for uid, dataset_sha256 in zip(arrivals.sop_instance_uids, arrivals.dataset_sha256, strict=True)
        if uid in study.by_uid
        and study.by_uid[uid].canonical_sha256
        and study.by_uid[uid].dataset_sha256 != dataset_sha256
    ]


def as_delivered(arrivals: Arrivals, study: Study, canonical_sha256: Mapping[str, str]) -> Study:
    """The study with the bytes that its instances came with, where the elements were found to be the same."""
    rows = {uid: row for row, uid in enumerate(arrivals.sop_instance_uids)}

    def delivered(instance: Instance) -> Instance:
        uid = instance.sop_instance_uid
        if uid not in rows or canonical_sha256.get(uid) != instance.canonical_sha256:
            return instance
        row = rows[uid]
        return dataclasses.replace(
            instance,
            dataset_bytes=arrivals.dataset_bytes[row],
            dataset_sha256=arrivals.dataset_sha256[row],
        )

    return dataclasses.replace(study, instances=tuple(map(delivered, study.instances)))


def _row_difference(arrivals: Arrivals, row: int, study: Study) -> str:
    uid = arrivals.sop_instance_uids[row]
    wanted = study.by_uid.get(uid)
    if wanted is None:
        return ""
    if arrivals.transfer_syntax_uids[row] != wanted.transfer_syntax_uid:
        came_as = arrivals.transfer_syntax_uids[row]
        return f"{uid} came as {came_as}, it is stored as {wanted.transfer_syntax_uid}"
    if arrivals.dataset_bytes[row] != wanted.dataset_bytes:
        return f"{uid} came with {arrivals.dataset_bytes[row]} bytes, it has {wanted.dataset_bytes}"
    if arrivals.dataset_sha256[row] not in ("", wanted.dataset_sha256):
        return f"{uid} came with another content of the same size"
    return ""
