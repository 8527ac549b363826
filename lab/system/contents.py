"""Is what Orthanc keeps for an instance what the manifest lists? Pixel data is never decoded.

Orthanc tells size and MD5 of the file it keeps. Of a file that came by REST they are the manifest's. By
C-STORE it writes preamble and File Meta Information of its own: then these are read, and the MD5 of them and
the Data Set on disk must be what it tells. What differs still may hold the same elements, written anew on
the way (the manifest of an imported study has digests of those): then it is fetched and compared.
"""

import hashlib
import tempfile
from enum import Enum
from pathlib import Path

from lab.data.canonical import canonical_sha256
from lab.data.part10 import PREFIX_BYTES, dataset_offset
from lab.model.study import Instance
from lab.system.orthanc import Orthanc, Stored

_HEAD_BYTES = 1024  # preamble and File Meta Information: its UIDs have 64 bytes at most
_CHUNK_BYTES = 1 << 20
_MD5_OF_NOTHING = hashlib.md5(usedforsecurity=False).hexdigest()


class Content(Enum):
    """Of a stored instance, next to the manifest's."""

    SAME = "the same Data Set"
    REWRITTEN = "the same elements, written anew"
    ALTERED = "another content"


def content(orthanc: Orthanc, stored: Stored, instance: Instance, file: Path) -> Content:
    """Compare one instance; ``file`` is the manifest's, and is only read when it has to be."""
    file_md5 = _told_or_fetched_md5(orthanc, stored)
    if file_md5 == instance.file_md5:
        return Content.SAME
    head = orthanc.first_bytes(stored, min(_HEAD_BYTES, stored.file_bytes))
    offset = dataset_offset(head)
    if stored.file_bytes - offset == instance.dataset_bytes and file_md5 == _md5(head[:offset], file):
        return Content.SAME
    if instance.canonical_sha256 and instance.canonical_sha256 == _canonical_sha256(orthanc, stored):
        return Content.REWRITTEN
    return Content.ALTERED


def _told_or_fetched_md5(orthanc: Orthanc, stored: Stored) -> str:
    """Of a file beyond 2 GiB Orthanc (1.12.7) tells the MD5 of nothing: then the file itself is read."""
    if stored.file_md5 != _MD5_OF_NOTHING:
        return stored.file_md5
    digest = hashlib.md5(usedforsecurity=False)
    for chunk in orthanc.file(stored):
        digest.update(chunk)
    return digest.hexdigest()


def _md5(head: bytes, file: Path) -> str:
    """Of another head before the Data Set of a file."""
    digest = hashlib.md5(head, usedforsecurity=False)
    with file.open("rb") as content:
        content.seek(dataset_offset(content.read(PREFIX_BYTES)))
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _canonical_sha256(orthanc: Orthanc, stored: Stored) -> str:
    with tempfile.TemporaryFile() as file:
        for chunk in orthanc.file(stored):
            file.write(chunk)
        file.seek(0)
        return canonical_sha256(file)
