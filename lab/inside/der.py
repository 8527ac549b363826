"""Which kind of private key a DER file holds: PEM says it in its label, DER only by its shape."""

_SEQUENCE, _INTEGER, _OCTET_STRING = 0x30, 0x02, 0x04
_VERSION_BYTES = 3  # tag, length 1, value


def key_label(content: bytes) -> str:
    """The PEM label of a DER key.

    PKCS #8 has a version and an algorithm (RFC 5958 2), encrypted PKCS #8 an algorithm at once
    (RFC 5958 3), PKCS #1 a version and a number (RFC 8017 A.1.2), an EC key a version and its octets
    (RFC 5915 3). What is none of them gets PKCS #8's, and does not load.
    """
    start = _content_start(content)
    if content[:1] != bytes((_SEQUENCE,)) or content[start : start + 1] == bytes((_SEQUENCE,)):
        return "ENCRYPTED PRIVATE KEY" if content[:1] == bytes((_SEQUENCE,)) else "PRIVATE KEY"
    second = content[start + _VERSION_BYTES : start + _VERSION_BYTES + 1]
    labels = {bytes((_INTEGER,)): "RSA PRIVATE KEY", bytes((_OCTET_STRING,)): "EC PRIVATE KEY"}
    return labels.get(second, "PRIVATE KEY")


def _content_start(content: bytes) -> int:
    """Past the tag and the length of the outermost element (X.690 8.1.3)."""
    first = content[1] if len(content) > 1 else 0
    return 2 + (first & 0x7F if first & 0x80 else 0)
