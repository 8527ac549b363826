"""Options that hold, as TlsParameters."""

from pathlib import Path

from lab.echoscu.parsing import Parsed
from lab.echoscu.profile_options import BY_OPTION
from lab.errors import VerificationError
from lab.model.tls import Certified, FileFormat, Revocation, TlsParameters
from lab.model.tls_profiles import RFC_8996, SUITES, may_be_added


def tls_of(parsed: Parsed) -> TlsParameters | None:
    """None without TLS. Raises VerificationError for a cipher suite that is unknown or not allowed."""
    if not (parsed.holds("--enable-tls") or parsed.holds("--anonymous-tls")):
        return None
    return trust_of(parsed)


def trust_of(parsed: Parsed) -> TlsParameters:
    """The same, whether or not TLS was asked for: what a certificate is held against."""
    profile = next((BY_OPTION[long] for long in BY_OPTION if parsed.holds(long)), RFC_8996)
    return TlsParameters(
        profile=profile,
        own=_own(parsed),
        file_format=FileFormat.DER if parsed.holds("--der-keys") else FileFormat.PEM,
        ca_files=_paths(parsed, "--add-cert-file"),
        ca_directories=_paths(parsed, "--add-cert-dir"),
        crl_files=_paths(parsed, "--add-crl-file"),
        revocation=_revocation(parsed),
        suites=tuple(_suite(name, parsed) for (name,) in parsed.all("--cipher")),
        server_name=parsed.value("--request-sni"),
        verify_peer=not parsed.holds("--ignore-peer-cert"),
        check_name=parsed.holds("--check-name"),
    )


def idle_tls_options(parsed: Parsed) -> tuple[str, ...]:
    """Warnings: what was given and has nothing to act on."""
    if parsed.holds("--request-sni") and tls_of(parsed) is None:
        return ("--request-sni has no effect without TLS",)
    return ()


def _own(parsed: Parsed) -> Certified | None:
    if not parsed.holds("--enable-tls"):
        return None
    key, certificate = parsed.all("--enable-tls")[-1]
    password = "" if parsed.holds("--null-passwd") else None
    if parsed.holds("--use-passwd"):
        password = parsed.value("--use-passwd")
    return Certified(key_file=Path(key), certificate_file=Path(certificate), password=password)


def _revocation(parsed: Parsed) -> Revocation:
    if parsed.holds("--enable-crl-all"):
        return Revocation.CHAIN
    lists = parsed.holds("--enable-crl-vfy") or parsed.holds("--add-crl-file")
    return Revocation.LEAF if lists else Revocation.NONE


def _suite(name: str, parsed: Parsed) -> str:
    profile = next((BY_OPTION[long] for long in BY_OPTION if parsed.holds(long)), RFC_8996)
    if name not in SUITES:
        msg = f"+cs (--cipher) {name!r}: there is no such cipher suite"
        raise VerificationError(
            msg, "`lab echo +cc` lists their names; those of TLS 1.3 are always offered and not named"
        )
    if not may_be_added(name, profile):
        msg = f"+cs (--cipher) {name}: the profile {profile.title} does not allow it"
        raise VerificationError(msg, "choose a profile that does; +pn allows all of them")
    return name


def _paths(parsed: Parsed, long: str) -> tuple[Path, ...]:
    return tuple(Path(name) for (name,) in parsed.all(long))
