"""Values of the options of `lab speedtest`: text to number or name, refused in one line."""

import math
import re
from argparse import ArgumentTypeError

_UID = re.compile(r"[0-9](?:[0-9.]{0,62}[0-9])?")  # PS3.5 9.1
_AE_TITLE = re.compile(r"(?=.*[^ ])[ -\[\]-~]{1,16}")  # PS3.5 Table 6.2-1: no backslash, not only spaces
_TEXT_64 = re.compile(r"[ -\[\]-~]{1,64}")  # LO in the default character set (PS3.5 6.1.2.1)
_LARGEST_PORT = 65535
_SMALLEST_MAX_PDU_BYTES = 256
_LARGEST_MAX_PDU_BYTES = 0xFFFFFFFF  # PS3.8 Table D.1-1: four bytes


def port(text: str) -> int:
    """1 to 65535. Raises ArgumentTypeError, as all here do."""
    return _whole(text, 1, _LARGEST_PORT, "a port: 1 to 65535")


def positive(text: str) -> int:
    """1 at least."""
    return _whole(text, 1, None, "a number of 1 or more")


def max_pdu(text: str) -> int:
    """Bytes of a P-DATA-TF; 0 is no limit (PS3.8 D.1). Below 256 no C-STORE-RQ fits."""
    allowed = f"0 (no limit) or {_SMALLEST_MAX_PDU_BYTES} to {_LARGEST_MAX_PDU_BYTES} bytes"
    value = _whole(text, 0, _LARGEST_MAX_PDU_BYTES, allowed)
    if 0 < value < _SMALLEST_MAX_PDU_BYTES:
        raise ArgumentTypeError(_is_not(text, allowed))
    return value


def seconds(text: str) -> float:
    """Above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not math.isfinite(value) or value <= 0:
        raise ArgumentTypeError(_is_not(text, "a number of seconds above 0"))
    return value


def ae_title(text: str) -> str:
    """1 to 16 characters; spaces around it do not count."""
    return _matching(_AE_TITLE, text, "an AE title: 1 to 16 ASCII characters, no backslash").strip()


def uid(text: str) -> str:
    """Digits and dots, 64 at most."""
    return _matching(_UID, text, "a UID: digits and dots, 64 at most")


def patient_id(text: str) -> str:
    """1 to 64 characters of ASCII: a C-MOVE names no character set."""
    return _matching(_TEXT_64, text, "a Patient ID: 1 to 64 ASCII characters, no backslash")


def _matching(pattern: re.Pattern[str], text: str, allowed: str) -> str:
    if not pattern.fullmatch(text):
        raise ArgumentTypeError(_is_not(text, allowed))
    return text


def _whole(text: str, least: int, most: int | None, allowed: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least or (most is not None and value > most):
        raise ArgumentTypeError(_is_not(text, allowed))
    return value


def _is_not(text: str, allowed: str) -> str:
    return f"{text!r} is not {allowed}"
