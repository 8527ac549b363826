"""The TLS options that choose a security profile and cipher suites."""

from lab.echoscu.option import TLS_NEEDED, Option, Value
from lab.model.tls import TlsProfile
from lab.model.tls_profiles import (
    AES,
    BCP_195,
    BCP_195_EXTENDED,
    BCP_195_NON_DOWNGRADING,
    NULL,
    RFC_8996,
    RFC_8996_MODIFIED,
)

_PROFILE = "TLS: security profile"
_SUITE = "TLS: cipher suites"


def _profile(profile: TlsProfile, short: str, default: str = "", note: str = "") -> Option:
    return Option(
        long=f"--profile-{profile.name}",
        short=short,
        section=_PROFILE,
        choice="profile",
        needs=TLS_NEEDED,
        default=default,
        note=note,
        help=f"{profile.title}: TLS {profile.oldest} to {profile.newest}."
        if profile.oldest != profile.newest
        else f"{profile.title}: TLS {profile.newest}.",
    )


_OLD = "echoscu also names TLS 1.0 and 1.1 in its hello, and has no suite for them"
PROFILES = (
    Option(long="--list-profiles", short="+ph", section=_PROFILE, ends=True, help="List them and end."),
    _profile(RFC_8996, "+pg", default="on", note=_OLD),
    _profile(
        RFC_8996_MODIFIED,
        "+pm",
        note=f"{_OLD}; its two CCM suites of TLS 1.3 are offered from Python 3.15 on, before that a warning "
        "says that they are left out",
    ),
    _profile(BCP_195_NON_DOWNGRADING, "+py"),
    _profile(BCP_195, "+px"),
    _profile(BCP_195_EXTENDED, "+pz"),
    Option(
        long="--profile-basic",
        short="+pb",
        section=_PROFILE,
        choice="profile",
        needs=TLS_NEEDED,
        help="Basic TLS Secure Transport Connection (PS3.15 B.1, retired).",
        refused="it is 3DES alone, which OpenSSL no longer builds into TLS; Debian's echoscu lacks it too",
        instead="+pa is the weakest that still encrypts",
    ),
    _profile(AES, "+pa"),
    _profile(NULL, "+pn"),
    Option(
        long="--list-ciphers",
        short="+cc",
        section=_SUITE,
        ends=True,
        help="List the suites of TLS 1.2 and older that --cipher takes, and end.",
    ),
    Option(
        long="--cipher",
        short="+cs",
        section=_SUITE,
        values=(Value(name="SUITE"),),
        several=True,
        needs=TLS_NEEDED,
        excludes=(f"--profile-{BCP_195_EXTENDED.name}",),
        help="Offer this suite besides those of the profile, as far as the profile allows.",
    ),
)
BY_OPTION = {
    f"--profile-{profile.name}": profile
    for profile in (
        RFC_8996,
        RFC_8996_MODIFIED,
        BCP_195_NON_DOWNGRADING,
        BCP_195,
        BCP_195_EXTENDED,
        AES,
        NULL,
    )
}
