"""The TLS options: connection, keys, trust."""

from lab.echoscu.option import TLS_NEEDED, Option, Value

_TRANSPORT = "TLS: connection"
_PASSWORD = "TLS: password of the private key"
_FORMAT = "TLS: file format"
_TRUST = "TLS: trust"
_NAME = "TLS: server name"
_SEED = "TLS: random numbers"
_PEER = "TLS: the peer's certificate"
_OFFLINE = "TLS: certificates without a connection"
_FILE = (Value(name="FILE"),)
_OWN = "--enable-tls"
_MISSING = "a file that does not load is an error, where echoscu leaves it out and goes on"
_IDLE = "without TLS it has no effect, and a warning says so"

CONNECTION = (
    Option(
        long="--disable-tls",
        short="-tls",
        section=_TRANSPORT,
        choice="transport",
        default="on",
        help="TCP as it is.",
    ),
    Option(
        long="--enable-tls",
        short="+tls",
        section=_TRANSPORT,
        choice="transport",
        values=(Value(name="KEY"), Value(name="CERTIFICATE")),
        help="TLS with a certificate of one's own.",
    ),
    Option(
        long="--anonymous-tls",
        short="+tla",
        section=_TRANSPORT,
        choice="transport",
        help="TLS without a certificate of one's own.",
    ),
    Option(
        long="--std-passwd",
        short="+ps",
        section=_PASSWORD,
        choice="password",
        needs=_OWN,
        default="on",
        help="Ask for it; without a terminal it is the first line of stdin.",
    ),
    Option(
        long="--use-passwd",
        short="+pw",
        section=_PASSWORD,
        choice="password",
        needs=_OWN,
        values=(Value(name="PASSWORD"),),
        help="This one. Other users of the machine see it in the list of processes.",
    ),
    Option(
        long="--null-passwd",
        short="-pw",
        section=_PASSWORD,
        choice="password",
        needs=_OWN,
        help="The empty one.",
    ),
    Option(
        long="--pem-keys",
        short="-pem",
        section=_FORMAT,
        choice="format",
        needs=TLS_NEEDED,
        default="on",
        help="Keys, certificates and revocation lists are in PEM.",
    ),
    Option(
        long="--der-keys",
        short="-der",
        section=_FORMAT,
        choice="format",
        needs=TLS_NEEDED,
        help="They are in DER.",
        note="encrypted keys and revocation lists in DER are read too; not together with +cd",
    ),
)

TRUST = (
    Option(
        long="--add-cert-file",
        short="+cf",
        section=_TRUST,
        values=_FILE,
        several=True,
        needs=TLS_NEEDED,
        note=_MISSING,
        help="Trust this certificate, or use it on the way to one that is trusted.",
    ),
    Option(
        long="--add-cert-dir",
        short="+cd",
        section=_TRUST,
        values=(Value(name="FOLDER"),),
        several=True,
        needs=TLS_NEEDED,
        excludes=("--der-keys",),
        note="a folder without hash names is an error; with -der it is refused: Python's ssl reads PEM there",
        help="Look certificates up in this folder, by the hash of their subject (openssl rehash).",
    ),
    Option(
        long="--add-crl-file",
        short="+crl",
        section=_TRUST,
        values=_FILE,
        several=True,
        needs=TLS_NEEDED,
        note=_MISSING,
        help="Use this revocation list; as --enable-crl-vfy.",
    ),
    Option(
        long="--enable-crl-vfy",
        short="+crv",
        section=_TRUST,
        choice="crl",
        needs=TLS_NEEDED,
        help="Look the peer's certificate up in a revocation list; without its issuer's list it fails.",
    ),
    Option(
        long="--enable-crl-all",
        short="+cra",
        section=_TRUST,
        choice="crl",
        needs=TLS_NEEDED,
        help="Look every certificate of the chain up.",
    ),
)

PEER = (
    Option(
        long="--no-sni",
        section=_NAME,
        default="on",
        help="Ask for no server name.",
        excludes=("--request-sni",),
    ),
    Option(
        long="--request-sni",
        section=_NAME,
        values=(Value(name="NAME"),),
        note=_IDLE,
        help="Ask for this server name (RFC 6066).",
    ),
    Option(
        long="--seed",
        short="+rs",
        section=_SEED,
        values=_FILE,
        needs=TLS_NEEDED,
        note=_MISSING,
        help="Mix what this file holds into the random number generator.",
    ),
    Option(
        long="--write-seed",
        short="+ws",
        section=_SEED,
        choice="write seed",
        needs="--seed",
        help="Write 1024 random bytes to that file at the end.",
    ),
    Option(
        long="--write-seed-file",
        short="+wf",
        section=_SEED,
        choice="write seed",
        needs="--seed",
        values=_FILE,
        note="a file that cannot be written is an error",
        help="Write 1024 random bytes to this file at the end.",
    ),
    Option(
        long="--require-peer-cert",
        short="-rc",
        section=_PEER,
        choice="peer",
        needs=TLS_NEEDED,
        default="on",
        help="Fail when it is absent or not trusted.",
    ),
    Option(
        long="--ignore-peer-cert",
        short="-ic",
        section=_PEER,
        choice="peer",
        needs=TLS_NEEDED,
        help="Take any, or none.",
    ),
    Option(
        long="--verify-cert",
        short="+vc",
        section=_OFFLINE,
        values=_FILE,
        ends=True,
        help="Tell whether this certificate would be accepted, and end: exit code 0 or 22.",
        note="what it is held against is named with +tla +cf and the like",
    ),
    Option(
        long="--is-root-cert",
        short="+rc",
        section=_OFFLINE,
        values=_FILE,
        ends=True,
        help="Tell whether this certificate is a self-signed root, and end: exit code 0 or 22.",
    ),
)
