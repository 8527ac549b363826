"""Files for the random number generator of Python's ssl, as echoscu's +rs, +ws and +wf name them."""

import ssl
from pathlib import Path

from lab.errors import VerificationError

_SEED_BYTES = 1024  # what OpenSSL's RAND_write_file writes


def mix_in(path: Path) -> None:
    """Add what a file holds to the generator; it is counted as no entropy. Raises VerificationError."""
    try:
        ssl.RAND_add(path.read_bytes(), 0.0)
    except OSError as error:
        msg = f"the seed file {path} cannot be read: {error.strerror}"
        raise VerificationError(msg, "leave +rs out: the generator is seeded by the system anyway") from error


def write_anew(path: Path) -> None:
    """1024 random bytes that only their owner may read. Raises VerificationError."""
    try:
        path.touch(mode=0o600)
        path.write_bytes(ssl.RAND_bytes(_SEED_BYTES))
    except OSError as error:
        msg = f"the seed file {path} cannot be written: {error.strerror}"
        raise VerificationError(msg, "leave +ws and +wf out: nothing needs them") from error
