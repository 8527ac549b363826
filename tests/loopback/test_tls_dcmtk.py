"""DICOM TLS between this lab and DCMTK: who gets in, and what is said of who does not.

storescu is the client of our receiver, storescp the server that our echo asks, by their default profile.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.model.exchange import Received
from tests.conftest import cannot_run
from tests.loopback.echoing import Ran, filled, lab_echo
from tests.loopback.orders import receiver_order
from tests.loopback.peers import study_files
from tests.loopback.receiving import receiving
from tests.loopback.test_echo_peers import storescp
from tests.loopback.test_tls import files
from tests.unit.studies import SMALL

CLIENT = "+tls {pki}/client.key {pki}/client.pem"
CA = "+cf {pki}/ca.pem"
ONLY_TLS_1_0 = """
openssl_conf = all
[all]
ssl_conf = tls
[tls]
system_default = old
[old]
Protocol = ALL,-TLSv1.1,-TLSv1.2,-TLSv1.3
"""


@dataclass(frozen=True)
class Case:
    """One peer of ours.

    Attributes:
        words: of the side that asks; {pki} is the folder of tests/certificates.py.
        says: what our message must match, "" where all is well.
        certificate: of the side that is asked.
        old: DCMTK's side has nothing newer than TLS 1.0, which its retired profile allows.
    """

    words: str
    says: str = ""
    certificate: str = "localhost"
    old: bool = False


TO_OUR_RECEIVER = {
    "a client that we trust": Case(f"{CLIENT} {CA}"),
    "another authority": Case(
        f"+tls {{pki}}/stranger.key {{pki}}/stranger.pem {CA}", "not accepted: its issuer is not known here"
    ),
    "expired": Case(f"+tls {{pki}}/expired.key {{pki}}/expired.pem {CA}", "not accepted: it has expired"),
    "no certificate": Case(f"+tla {CA}", "the peer shows no certificate"),
    "a client that does not trust us": Case(
        f"{CLIENT} +cf {{pki}}/stranger-ca.pem", "the peer does not accept the certificate of this side"
    ),
    "TLS 1.0 only": Case(f"{CLIENT} {CA} +pa", "the peer speaks no TLS version of this profile", old=True),
    "nothing encrypted": Case(f"{CLIENT} {CA} +pn", "no cipher suite is common to both sides"),
    "no TLS": Case("", "the peer does not speak TLS there"),
}


@pytest.mark.parametrize("case", TO_OUR_RECEIVER.values(), ids=TO_OUR_RECEIVER)
def test_our_receiver_takes_of_storescu_what_it_trusts_and_says_why_it_takes_no_more(
    case: Case, pki: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, received = stored(case, pki, tmp_path)
    assert (code == 0, len(received.arrivals.end_s)) == (not case.says, 0 if case.says else 1)
    said = capfd.readouterr().err
    assert re.search(case.says, said), said
    assert bool(case.says) == bool(said)


def stored(case: Case, pki: Path, folder: Path) -> tuple[int, Received]:
    """storescu's exit code, and what our receiver has then."""
    if not shutil.which("storescu"):
        cannot_run("no storescu here: Debian has it in dcmtk")
    image = study_files(folder / "study", SMALL)[0]
    with receiving(receiver_order(tls=files(pki, case.certificate))) as receiver:
        words = [*filled(case.words, pki, ""), "localhost", str(receiver.port), str(image)]
        argv = ["storescu", "-xt", "-aec", "STORESCP", "-ta", "5", *words]
        env = {**os.environ, **of_long_ago(case, folder)}
        ended = subprocess.run(argv, capture_output=True, env=env, timeout=60, check=False)
        return ended.returncode, receiver.stop()


def of_long_ago(case: Case, folder: Path) -> dict[str, str]:
    """By OpenSSL's own configuration: DCMTK has no option for it."""
    if not case.old:
        return {}
    configuration = folder / "openssl.cnf"
    configuration.write_text(ONLY_TLS_1_0)
    return {"OPENSSL_CONF": str(configuration)}


OURS_REFUSED = (
    "does not accept the certificate of this side|this side's certificate is missing or not trusted"
)
"""The latter where the connection is reset before it is read why."""
FROM_OUR_ECHO = {
    "a server that we trust": Case(f"{CLIENT} {CA} --check-name"),
    "another authority": Case(
        f"{CLIENT} +cf {{pki}}/stranger-ca.pem", "the peer's certificate is not accepted"
    ),
    "expired": Case(f"{CLIENT} {CA}", "not accepted: it has expired", certificate="expired"),
    "another name": Case(f"{CLIENT} {CA} --check-name", "it is for another name", certificate="client"),
    "another name, which nobody checks": Case(f"{CLIENT} {CA}", certificate="client"),
    "no certificate of ours": Case(f"+tla {CA}", "the peer wants a certificate from this side"),
    "ours of another authority": Case(
        f"+tls {{pki}}/stranger.key {{pki}}/stranger.pem {CA}",
        OURS_REFUSED,
    ),
    "ours expired": Case(
        f"+tls {{pki}}/expired.key {{pki}}/expired.pem {CA}",
        OURS_REFUSED,
    ),
    "TLS 1.0 only": Case(f"{CLIENT} {CA}", "the peer speaks no TLS version of this profile", old=True),
    "no TLS of ours": Case("", "in TLS|a TLS port that is spoken to plainly"),
}


@pytest.mark.parametrize("case", FROM_OUR_ECHO.values(), ids=FROM_OUR_ECHO)
def test_our_echo_asks_of_storescp_what_it_trusts_and_says_why_it_does_not(
    case: Case, pki: Path, tmp_path: Path
) -> None:
    ran = echoed(case, pki, tmp_path)
    assert ran.code == (1 if case.says else 0), ran.stderr
    assert re.search(case.says, ran.stderr), ran.stderr
    assert bool(case.says) == bool(ran.stderr)


def echoed(case: Case, pki: Path, folder: Path) -> Ran:
    own = ["+tls", f"{pki}/{case.certificate}.key", f"{pki}/{case.certificate}.pem", "+cf", f"{pki}/ca.pem"]
    profile = ["+pa"] if case.old else []
    with storescp(folder, *own, *profile, **of_long_ago(case, folder)) as port:
        return lab_echo(*filled(case.words, pki, ""), "localhost", port)
