"""Digests of the elements of received files (lab.data.canonical)."""

from pathlib import Path

from lab.data.canonical import canonical_sha256
from lab.inside.sinks import file_name


def digests(folder: str, sop_instance_uids: list[str]) -> dict[str, str]:
    """By SOP Instance UID, of what the sink "keep" has written there."""
    found = {}
    for uid in sop_instance_uids:
        with (Path(folder) / file_name(uid)).open("rb") as file:
            found[uid] = canonical_sha256(file)
    return found
