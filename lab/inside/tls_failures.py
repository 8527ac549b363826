"""Why a TLS connection did not come about, in words, with what to do: by what OpenSSL says of it."""

import ssl

_VERIFICATION = {
    2: ("its issuer is not known here", "name the certificates between it and a trusted root as well"),
    3: ("no revocation list of its issuer is here", "name the issuer's list, or do not ask for the check"),
    7: (
        "its signature is not that of its issuer's key",
        "another authority of the same name issued it: name that one, if it is to be trusted",
    ),
    8: (
        "the revocation list is not signed by its issuer's key",
        "fetch the list from the authority itself",
    ),
    9: ("it is not valid yet", "compare this machine's clock; ask the peer for its certificate's dates"),
    10: ("it has expired", "the peer needs a new certificate"),
    12: ("the revocation list has expired", "fetch the issuer's present list"),
    18: (
        "it is self-signed and not trusted here",
        "name it as a trusted certificate, if it is to be trusted",
    ),
    19: ("its root is not trusted here", "name the authority that issued it as a trusted certificate"),
    20: ("its issuer is not known here", "name the authority that issued it as a trusted certificate"),
    21: ("its signature cannot be checked", "name the authority that issued it as a trusted certificate"),
    23: ("it has been revoked", "do not trust this peer until it has a new certificate"),
    66: ("its key is too short to be trusted", "the peer needs a new certificate"),
    67: ("its issuer's key is too short to be trusted", "the peer needs a certificate of another authority"),
    68: ("it is signed over a hash that is too weak", "the peer needs a new certificate"),
    62: ("it is for another name", "call the peer by a name in its certificate"),
    64: ("it is for another address", "call the peer by a name in its certificate"),
}
_PLAIN = ("the peer does not speak TLS there", "is this its plain port? then leave TLS off")
_CERTIFICATE_WANTED = (
    "the peer wants a certificate from this side",
    "give it one (key and certificate), issued by an authority that the peer trusts",
)
_NONE_SHOWN = (
    "the peer shows no certificate",
    "it is to show one, issued by an authority that is trusted here",
)
_OURS_REFUSED = (
    "the peer does not accept the certificate of this side",
    "its authority must be among those that the peer trusts",
)
_VERSION = (
    "the peer speaks no TLS version of this profile",
    "choose a profile with the peer's version; TLS 1.0 and 1.1 are in the retired ones only",
)
_SUITE = (
    "no cipher suite is common to both sides, or the peer wants a certificate and got none",
    "choose another profile or add a suite; under TLS 1.2 a missing certificate looks the same",
)
_NAME = ("the peer has no certificate for the server name asked for", "ask for another name, or for none")
_REASONS = {
    "WRONG_VERSION_NUMBER": _PLAIN,
    "HTTP_REQUEST": _PLAIN,
    "RECORD_LAYER_FAILURE": _PLAIN,
    "PACKET_LENGTH_TOO_LONG": _PLAIN,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _CERTIFICATE_WANTED,
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": _NONE_SHOWN,
    "TLSV1_ALERT_UNKNOWN_CA": _OURS_REFUSED,
    "SSLV3_ALERT_BAD_CERTIFICATE": _OURS_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": _OURS_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": _OURS_REFUSED,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _OURS_REFUSED,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": _OURS_REFUSED,
    "TLSV1_ALERT_DECRYPT_ERROR": _OURS_REFUSED,
    "TLSV1_ALERT_PROTOCOL_VERSION": _VERSION,
    "UNSUPPORTED_PROTOCOL": _VERSION,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _SUITE,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _SUITE,
    "NO_SHARED_CIPHER": _SUITE,
    "TLSV1_UNRECOGNIZED_NAME": _NAME,
}


def broken(error: OSError) -> str:
    """Why a connection in use ended, in words."""
    return explained(error)[0] if isinstance(error, ssl.SSLError) else _plainly(error)


def unverified(code: int, message: str) -> tuple[str, str]:
    """What is wrong with a certificate, by X509_verify_cert's error code and its words; and the remedy."""
    return _VERIFICATION.get(code, (message, "see the message"))


def explained(error: OSError) -> tuple[str, str]:
    """What went wrong, and the remedy."""
    if isinstance(error, ssl.SSLCertVerificationError):
        words, remedy = unverified(error.verify_code, error.verify_message)
        return f"the peer's certificate is not accepted: {words}", remedy
    if isinstance(error, ssl.SSLEOFError | ConnectionError):
        return "the peer closed the connection within the TLS handshake", _PLAIN[1]
    if isinstance(error, ssl.SSLError):
        return _REASONS.get(error.reason or "", (f"TLS failed: {error.reason or error}", ""))
    return _plainly(error), ""


def _plainly(error: OSError) -> str:
    return f"the connection broke: {error.strerror or error}"
