"""New names for old ones: the same within an import, in whichever process; nobody can go back.

They come from a random key that lives in memory as long as the import does (HMAC-SHA-256, RFC 2104).
"""

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass, field

_WELL_KNOWN = b"1.2.840.10008."  # everything DICOM itself has registered (PS3.6 Annex A)


def new_key() -> bytes:
    """A key for one import."""
    return secrets.token_bytes(32)


@dataclass(frozen=True)
class Pseudonyms:
    """Replacements by one key."""

    key: bytes = field(repr=False)

    def uid(self, old: bytes) -> bytes:
        """A UID below 2.25 (PS3.5 B.2) for one; well-known ones stay."""
        old = old.strip(b" \0")
        if not old or old.startswith(_WELL_KNOWN):
            return old
        return b"2.25.%d" % uuid.UUID(bytes=self._digest(b"uid", old)[:16], version=4).int

    def patient(self, old: bytes) -> bytes:
        """A Patient ID for one; an empty one stays empty."""
        old = old.strip(b" \0")
        return b"ANON-" + base64.b32encode(self._digest(b"patient", old)[:10]) if old else b""

    def _digest(self, kind: bytes, old: bytes) -> bytes:
        return hmac.digest(self.key, kind + b"\0" + old, hashlib.sha256)
