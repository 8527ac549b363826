"""How C-ECHOs end, with the exit code of echoscu 3.6.9 and ours: run by tests, and the table of docs/echo.md.

In ``words``, {pki} is the folder of tests/certificates.py.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.loopback import echo_scp as scp
from tests.loopback.echo_scp import Script

Server = Callable[[Path], ssl.SSLContext]


@dataclass(frozen=True)
class Ending:
    """One situation.

    Attributes:
        says: what our message must hold.
        server: of a TLS peer.
    """

    situation: str
    echoscu: int
    ours: int
    script: Script
    words: str = ""
    says: str = ""
    server: Server | None = None


def server(
    name: str = "localhost",
    *,
    wants_certificate: bool = False,
    oldest: ssl.TLSVersion = ssl.TLSVersion.MINIMUM_SUPPORTED,
    newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    suites: str = "",
) -> Server:
    """A peer with one of the certificates."""

    def made(pki: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if suites:
            context.set_ciphers(suites)
        chain = pki / f"{name}-chain.pem"
        context.load_cert_chain(chain if chain.exists() else pki / f"{name}.pem", pki / f"{name}.key")
        if wants_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(pki / "ca.pem")
        context.minimum_version, context.maximum_version = oldest, newest
        return context

    return made


_TLS_12 = ssl.TLSVersion.TLSv1_2
_TLS_13 = ssl.TLSVersion.TLSv1_3
_ALL_OLD = "ALL:eNULL:@SECLEVEL=0"

PLAIN = (
    Ending("answered", 0, 0, scp.answers),
    Ending("answered --repeat times", 0, 0, scp.answers, "--repeat 3"),
    Ending("answered, then aborted as asked", 0, 0, scp.answers, "--abort"),
    Ending("answered with a status that is not success", 0, 0, scp.answers_with(0x0122), "", "0x0122"),
    Ending("rejected for good", 1, 1, scp.rejects(1, 1, 7), "", "called AE title not recognized"),
    Ending("rejected for now", 1, 1, scp.rejects(2, 3, 1), "", "for now: temporary congestion"),
    Ending("no presentation context accepted", 1, 1, scp.refuses_contexts(3), "", "no presentation context"),
    Ending("no transfer syntax accepted", 1, 1, scp.refuses_contexts(4), "", "no presentation context"),
    Ending("A-ASSOCIATE-RQ answered by an abort", 1, 1, scp.aborts_the_request, "", "aborted by the peer"),
    Ending("closed on the A-ASSOCIATE-RQ", 1, 1, scp.hangs_up_on_the_request, "", "closed the connection"),
    Ending("A-ASSOCIATE-RQ not answered in time", 1, 1, scp.never_answers_the_request, "-ta 1", "within 1 s"),
    Ending("answered by what is not DICOM", 1, 1, scp.says_something_else, "", "PDU type 0x48"),
    Ending("C-ECHO answered by an abort", 0, 0, scp.aborts_the_echo, "", "within the C-ECHO: aborted"),
    Ending("closed on the C-ECHO", 0, 0, scp.hangs_up_on_the_echo, "", "within the C-ECHO: the peer closed"),
    Ending("C-ECHO not answered within -td", 70, 70, scp.never_answers_the_echo, "-td 1", "(-td)"),
    Ending("C-ECHO not answered within -ts", 0, 0, scp.never_answers_the_echo, "-ts 1", "(-ts)"),
    Ending("C-ECHO answered by a release", 70, 70, scp.releases_instead_of_answering, "", "released the"),
    Ending("response to another message", 70, 70, scp.answers_another_message, "", "to message 77"),
    Ending("release answered by an abort", 1, 1, scp.aborts_the_release, "", "did not release"),
    Ending("closed on the release", 1, 1, scp.hangs_up_on_the_release, "", "did not release"),
    Ending(
        "release not answered in time", 1, 1, scp.never_answers_the_release, "-ta 1", "A-RELEASE-RQ within"
    ),
)

_CA = "+cf {pki}/ca.pem"
_CLIENT = "+tls {pki}/client.key {pki}/client.pem"
SECURED = (
    Ending("TLS without a certificate of one's own", 0, 0, scp.answers, f"+tla {_CA}", server=server()),
    Ending(
        "TLS with one, which the peer wants",
        0,
        0,
        scp.answers,
        f"{_CLIENT} {_CA}",
        server=server(wants_certificate=True),
    ),
    Ending("no CA named", 1, 1, scp.answers, "+tla", "its issuer is not known", server()),
    Ending("no CA named, -ic", 0, 0, scp.answers, "+tla -ic", server=server()),
    Ending("another CA", 1, 1, scp.answers, "+tla +cf {pki}/stranger-ca.pem", "its issuer is not", server()),
    Ending("expired certificate", 1, 1, scp.answers, f"+tla {_CA}", "it has expired", server("expired")),
    Ending("certificate for another name", 0, 0, scp.answers, f"+tla {_CA}", server=server("client")),
    Ending("certificate of version 1", 0, 0, scp.answers, f"+tla {_CA}", server=server("v1")),
    Ending(
        "certificate signed over its SHA-1",
        0,
        1,
        scp.answers,
        f"+tla {_CA}",
        "signed over a hash that is too weak",
        server("sha1", suites=_ALL_OLD),
    ),
    Ending(
        "certificate signed over its SHA-1, -ic",
        0,
        0,
        scp.answers,
        "+tla -ic",
        server=server("sha1", suites=_ALL_OLD),
    ),
    Ending(
        "issued by a root of version 1",
        0,
        0,
        scp.answers,
        "+tla +cf {pki}/v1-ca.pem",
        server=server("of-v1"),
    ),
    Ending(
        "revoked certificate, +crl",
        1,
        1,
        scp.answers,
        f"+tla {_CA} +crl {{pki}}/ca.crl",
        "it has been revoked",
        server("revoked"),
    ),
    Ending("revoked certificate, no list", 0, 0, scp.answers, f"+tla {_CA}", server=server("revoked")),
    Ending("+crv without a list", 1, 1, scp.answers, f"+tla {_CA} +crv", "no revocation list", server()),
    Ending(
        "list has expired",
        1,
        1,
        scp.answers,
        f"+tla {_CA} +crl {{pki}}/stale.crl",
        "list has expired",
        server(),
    ),
    Ending(
        "+cra with the lists of the whole chain",
        0,
        0,
        scp.answers,
        f"+tla {_CA} +crl {{pki}}/ca.crl +crl {{pki}}/between.crl +cra",
        server=server("deep"),
    ),
    Ending(
        "+cra without the root's list",
        1,
        1,
        scp.answers,
        f"+tla {_CA} +crl {{pki}}/between.crl +cra",
        "no revocation list",
        server("deep"),
    ),
    Ending(
        "peer wants a certificate and gets none, TLS 1.3",
        1,
        1,
        scp.answers,
        f"+tla {_CA}",
        "certificate",
        server(wants_certificate=True),
    ),
    Ending(
        "peer wants a certificate and gets none, TLS 1.2",
        1,
        1,
        scp.answers,
        f"+tla {_CA}",
        "wants a certificate",
        server(wants_certificate=True, newest=_TLS_12),
    ),
    Ending(
        "peer does not trust our certificate",
        1,
        1,
        scp.answers,
        f"+tls {{pki}}/stranger.key {{pki}}/stranger.pem {_CA}",
        "certificate of this side",
        server(wants_certificate=True, newest=_TLS_12),
    ),
    Ending(
        "peer has TLS 1.3 only, +pa", 1, 1, scp.answers, f"+tla {_CA} +pa", "no TLS", server(oldest=_TLS_13)
    ),
    Ending("+pa", 0, 0, scp.answers, f"+tla {_CA} +pa", server=server(suites=_ALL_OLD)),
    Ending("+pn", 0, 0, scp.answers, f"+tla {_CA} +pn", server=server(suites=_ALL_OLD)),
    Ending("+pz", 0, 0, scp.answers, f"+tla {_CA} +pz", server=server()),
    Ending("+py", 0, 0, scp.answers, f"+tla {_CA} +py", server=server()),
    Ending(
        "key with its password",
        0,
        0,
        scp.answers,
        f"+tls {{pki}}/client-locked.key {{pki}}/client.pem +pw {{password}} {_CA}",
        server=server(wants_certificate=True),
    ),
    Ending(
        "key with another password",
        1,
        1,
        scp.answers,
        f"+tls {{pki}}/client-locked.key {{pki}}/client.pem +pw wrong {_CA}",
        "does not open",
        server(),
    ),
    Ending(
        "key of another certificate",
        1,
        1,
        scp.answers,
        f"+tls {{pki}}/client.key {{pki}}/localhost.pem {_CA}",
        "is not that of the certificate",
        server(),
    ),
    Ending(
        "keys and certificates in DER",
        0,
        0,
        scp.answers,
        "+tls {pki}/client-key.der {pki}/client.der -der +cf {pki}/ca.der",
        server=server(wants_certificate=True),
    ),
    Ending(
        "encrypted key in DER",
        1,
        0,
        scp.answers,
        "+tls {pki}/client-locked-key.der {pki}/client.der -der +pw {password} +cf {pki}/ca.der",
        server=server(wants_certificate=True),
    ),
    Ending(
        "revoked certificate, list in DER",
        0,
        1,
        scp.answers,
        "+tla -der +cf {pki}/ca.der +crl {pki}/ca-crl.der",
        "it has been revoked",
        server("revoked"),
    ),
    Ending(
        "revocation list cannot be read",
        0,
        1,
        scp.answers,
        f"+tla {_CA} +crl {{pki}}/nosuch",
        "cannot be read",
        server("revoked"),
    ),
    Ending(
        "seed file cannot be read", 0, 1, scp.answers, f"+tla {_CA} +rs /nosuch", "cannot be read", server()
    ),
    Ending(
        "seed file cannot be written",
        0,
        1,
        scp.answers,
        f"+tla {_CA} +rs {{pki}}/ca.pem +wf /nosuch/x",
        "cannot be written",
        server(),
    ),
    Ending("plain to a TLS peer", 1, 1, scp.answers, "", "TLS", server()),
    Ending("TLS to a plain peer", 1, 1, scp.nothing_listens_for_tls, "+tla -ic", "is this its plain port"),
    Ending("TLS to what is not DICOM", 1, 1, scp.says_something_else, "+tla -ic", "does not speak TLS"),
    Ending(
        "TLS handshake not answered in time", 1, 1, scp.never_says_anything, "+tla -ic -ts 1", "within 1 s"
    ),
)


@dataclass(frozen=True)
class Line:
    """A command line that never reaches a peer, or one that answers: {peer} is that one, host and port."""

    situation: str
    echoscu: int
    ours: int
    words: str


LINES = (
    Line("no words at all", 0, 0, ""),
    Line("--help, --version, +cc or +ph", 0, 0, "--version"),
    Line("one of these, values out of range, too many parameters", 0, 0, "+cc -pts 99 a b c"),
    Line("one of these and an unknown option", 1, 1, "--help --nosuch"),
    Line("PEER or PORT missing, or too many parameters", 1, 1, "localhost"),
    Line("unknown, shortened or joined option", 1, 1, "--aeti X {peer}"),
    Line("value missing", 1, 1, "{peer} -pts"),
    Line("value out of its range", 1, 1, "-pts 53 {peer}"),
    Line("value out of its range, overruled later", 0, 0, "-pts 99 -pts 2 {peer}"),
    Line("port out of its range", 1, 1, "localhost 65536"),
    Line("option without the one it needs", 1, 1, "-rc {peer}"),
    Line("options that exclude each other", 1, 1, "-v -ll info {peer}"),
    Line("command file cannot be read", 1, 1, "@/nosuch {peer}"),
    Line("host unknown", 1, 1, "nosuchhost.invalid 104"),
    Line("nothing listens", 1, 1, "localhost {closed}"),
    Line("AE title over 16 characters", 0, 0, "-aec 12345678901234567 {peer}"),
    Line("number with something after it", 0, 1, "-to 5abc {peer}"),
    Line("log configuration file", 0, 1, "-lc {log} {peer}"),
    Line("suite that the profile does not allow", 1, 1, "+tla +cs TLS_RSA_WITH_NULL_SHA {peer}"),
    Line("key file cannot be read", 1, 1, "+tls /nosuch {pki}/client.pem {peer}"),
    Line("+vc: accepted", 0, 0, "+vc {pki}/localhost.pem +tla +cf {pki}/ca.pem"),
    Line("+vc: not accepted", 22, 22, "+vc {pki}/expired.pem +tla +cf {pki}/ca.pem"),
    Line("+vc: revoked", 22, 22, "+vc {pki}/revoked.pem +tla +cf {pki}/ca.pem +crl {pki}/ca.crl"),
    Line("+vc: no CA named", 22, 22, "+vc {pki}/localhost.pem +tla"),
    Line(
        "+vc: through an intermediate in +cf",
        0,
        0,
        "+vc {pki}/deep.pem +tla +cf {pki}/ca.pem +cf {pki}/between.pem",
    ),
    Line("+vc: only the intermediate is trusted", 22, 22, "+vc {pki}/deep.pem +tla +cf {pki}/between.pem"),
    Line("+vc: cannot be read", 22, 22, "+vc /nosuch"),
    Line("+vc: version 1", 0, 0, "+vc {pki}/v1.pem +tla +cf {pki}/ca.pem"),
    Line("+vc: issued by a root of version 1", 0, 0, "+vc {pki}/of-v1.pem +tla +cf {pki}/v1-ca.pem"),
    Line("+vc: signed over its SHA-1", 0, 0, "+vc {pki}/sha1.pem +tla +cf {pki}/ca.pem"),
    Line("+vc with an option out of its range", 1, 1, "+vc {pki}/ca.pem -pts 99"),
    Line("+rc: a self-signed root", 0, 0, "+rc {pki}/ca.pem"),
    Line("+rc: not one", 22, 22, "+rc {pki}/between.pem"),
    Line("+rc: version 1", 0, 0, "+rc {pki}/v1-ca.pem"),
    Line("+rc: signed over its SHA-1", 0, 0, "+rc {pki}/sha1-ca.pem"),
    Line("+rc: self-signed, and no authority's", 0, 0, "+rc {pki}/alone.pem"),
    Line("+rc: expired", 22, 22, "+rc {pki}/alone-expired.pem"),
    Line("+rc: in DER", 0, 0, "+rc {pki}/ca.der +tla -der"),
)
