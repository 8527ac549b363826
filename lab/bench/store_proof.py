"""Was everything stored? A run that lost an instance, or had one refused or altered, is no number."""

from lab.bench.holding import Holding
from lab.errors import DeliveryError, named
from lab.model.store import StoreOutcome
from lab.model.study import Study

_REMEDY = "lab logs orthanc; lab data verify proves the study on disk"


def prove_answers(outcome: StoreOutcome, method: str, study: Study) -> None:
    """Every instance was answered, and answered well. Raises DeliveryError naming those that were not."""
    wrong = differences(outcome, study)
    if wrong or outcome.lost:
        stored = len(study.instances) - len(wrong)
        why = f" ({outcome.lost})" if outcome.lost else ""
        what = f": {named(wrong)}" if wrong else ""
        msg = f"{method} stored {stored} of {len(study.instances)} instances of {study.name}{why}{what}"
        raise DeliveryError(msg, _REMEDY)


def differences(outcome: StoreOutcome, study: Study) -> list[str]:
    """Each instance that was refused or never answered, in words, in the manifest's order."""
    answered = set(outcome.stores.sop_instance_uids)
    wrong = []
    for instance in study.instances:
        uid = instance.sop_instance_uid
        text = outcome.failures.get(uid) or ("" if uid in answered else "was not answered")
        if text:
            wrong.append(f"{instance.file} ({uid}): {text}")
    return wrong


def prove_held(held: Holding, method: str, study: Study) -> None:
    """The PACS holds exactly the manifest's instances. Raises DeliveryError naming what differs."""
    if not held.is_the_study:
        msg = f"what Orthanc holds of {study.name} is not what {method} sent: {named(held.differences())}"
        raise DeliveryError(msg, _REMEDY)
