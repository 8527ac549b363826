"""Where an instance of a recipe stands: its patient, study and series, and the identifiers that follow."""

import uuid
from dataclasses import dataclass

from lab.model.study import Recipe


@dataclass(frozen=True, kw_only=True)
class Place:
    """An instance among the others. Numbers are 0-based; ``siblings`` are the instances of its series."""

    patient_id: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    frame_of_reference_uid: str
    patient: int
    study: int
    series: int
    number: int
    siblings: int


def place(recipe: Recipe, index: int) -> Place:
    """Where instance ``index`` stands: patients one after the other, in each study after study."""
    siblings = recipe.instances // (recipe.patients * recipe.studies * recipe.series)
    all_series, number = divmod(index, siblings)
    all_studies, series = divmod(all_series, recipe.series)
    patient, study = divmod(all_studies, recipe.studies)
    return Place(
        patient_id=recipe.patient_id if patient == 0 else f"{recipe.patient_id}-{patient + 1}",
        study_instance_uid=_study_uid(recipe, all_studies),
        series_instance_uid=_uid(recipe, f"series {all_series + 1}"),
        sop_instance_uid=_uid(recipe, f"instance {index + 1}"),
        frame_of_reference_uid=_uid(recipe, f"frame of reference {all_studies + 1}"),
        patient=patient,
        study=study,
        series=series,
        number=number,
        siblings=siblings,
    )


def _study_uid(recipe: Recipe, number: int) -> str:
    return recipe.study_instance_uid if number == 0 else _uid(recipe, f"study {number + 1}")


def _uid(recipe: Recipe, what: str) -> str:
    """A UID of our own for a part of the study, the same on every machine."""
    return own_uid(f"{recipe.study_instance_uid} {recipe.name} {what}")


def own_uid(name: str) -> str:
    """A UID made of a name (PS3.5 B.2, RFC 9562 5.5)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, name).int}"
