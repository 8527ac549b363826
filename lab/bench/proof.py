"""Was everything delivered, unaltered? A run that lost, altered or transcoded something is no number."""

from collections import Counter

from lab.errors import DeliveryError, LabError, UnhealthyError
from lab.model.exchange import Arrivals, Ending, MoveOutcome
from lab.model.study import Study

_UNKNOWN_DESTINATION = 0xA801
_NAMED_AT_MOST = 3


def prove(outcome: MoveOutcome, study: Study) -> None:
    """Hold an outcome against the manifest: the C-MOVE's end, the set, the bytes, the syntax, any digest.

    Raises:
        UnhealthyError: the PACS stopped in the middle.
        DeliveryError: it ended, but what arrived is not what the manifest lists.
        LabError: it refused from the start.
    """
    _check_ending(outcome, study)
    if wrong := differences(outcome.arrivals, study):
        more = f" and {len(wrong) - _NAMED_AT_MOST} more" if len(wrong) > _NAMED_AT_MOST else ""
        msg = f"{study.name} was not delivered as it is: {'; '.join(wrong[:_NAMED_AT_MOST])}{more}"
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
        msg = f"the C-MOVE failed {so_far}: {outcome.explanation}"
        raise DeliveryError(msg, "lab logs orthanc; is the study seeded? lab seed")


def _troubles(outcome: MoveOutcome) -> str:
    """Why the PACS's storage associations ended, as the receiver saw it; "" when all were released."""
    troubles = dict.fromkeys(one.trouble for one in outcome.associations if one.trouble)
    return f" (storage association: {'; '.join(troubles)})" if troubles else ""


def differences(arrivals: Arrivals, study: Study) -> list[str]:
    """Every way in which what arrived is not the study, in words; empty when it is."""
    counts = Counter(arrivals.sop_instance_uids)
    wrong = [f"{uid} did not arrive" for uid in study.by_uid if uid not in counts]
    wrong += [f"{uid} arrived {times} times" for uid, times in counts.items() if times > 1]
    wrong += [f"{uid} is not of this study" for uid in counts if uid not in study.by_uid]
    return wrong + [
        text for row in range(len(arrivals.end_s)) if (text := _row_difference(arrivals, row, study))
    ]


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
