"""The manifest: a Study as JSON and back."""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from lab.errors import UsageProblem
from lab.model.study import MANIFEST_SCHEMA_VERSION, Instance, Study


def study_to_json(study: Study) -> dict[str, Any]:
    """A JSON object that ``study_from_json`` reads."""
    return {"schema_version": MANIFEST_SCHEMA_VERSION, **dataclasses.asdict(study)}


def contents_sha256(instances: Iterable[Instance]) -> str:
    """SHA-256 over SOP Instance UID and Data Set digest of each instance, in order: what a study is."""
    lines = (f"{instance.sop_instance_uid} {instance.dataset_sha256}\n" for instance in instances)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def study_from_json(document: Mapping[str, Any], file: str) -> Study:
    """The Study in a manifest. Raises UsageProblem naming the file."""
    version = document.get("schema_version")
    if version != MANIFEST_SCHEMA_VERSION:
        msg = f"{file}: schema version {version}, this lab reads {MANIFEST_SCHEMA_VERSION}"
        raise UsageProblem(msg, "make the study again: lab data make NAME")
    try:
        instances = tuple(Instance(**line) for line in document["instances"])
        values = {k: v for k, v in document.items() if k not in ("schema_version", "instances")}
        return Study(**values, instances=instances)
    except (KeyError, TypeError) as error:
        msg = f"{file}: not a manifest ({error})"
        raise UsageProblem(msg, "make the study again: lab data make NAME") from None
