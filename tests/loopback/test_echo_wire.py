"""What `lab echo` puts on the wire; tests/stack/test_echo_reference.py holds it against echoscu's."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from lab.dicom import dimse
from lab.dicom.echo_proposal import TRANSFER_SYNTAXES
from lab.dicom.pdu import PduType
from tests.loopback.client_hello import Hello, hello_taken
from tests.loopback.echo_endings import server
from tests.loopback.echo_scp import Conversation, answers, echo_scp
from tests.loopback.echoing import Ran, lab_echo

TLS_1_2, TLS_1_3 = 0x0303, 0x0304


def conversation(command: Callable[..., Ran], *words: str) -> Conversation:
    with echo_scp(answers) as (port, said):
        ran = command(*words, "127.0.0.1", port)
        assert ran.code == 0, ran.stderr
        time.sleep(0.05)
    return said[0]


def proposed(one: Conversation) -> list[tuple[int | None, str, list[str]]]:
    contexts = one.request.presentation_context
    return [
        (item.context_id, str(item.abstract_syntax), list(map(str, item.transfer_syntax)))
        for item in contexts
    ]


def max_pdu_bytes(one: Conversation) -> int:
    information = one.request.user_information
    assert information is not None
    return int(information.maximum_length or 0)


def test_contexts_have_odd_ids_and_each_proposes_the_first_transfer_syntaxes() -> None:
    contexts = proposed(conversation(lab_echo, "-pts", "4", "-ppc", "128"))
    assert [context_id for context_id, *_ in contexts] == list(range(1, 257, 2))
    assert {tuple(syntaxes) for *_, syntaxes in contexts} == {TRANSFER_SYNTAXES[:4]}


def test_titles_and_the_longest_pdu_are_those_asked_for() -> None:
    one = conversation(lab_echo, "-aet", "ME", "-aec", "  THE PACS ", "-pdu", "5000")
    assert (one.request.calling_ae_title, one.request.called_ae_title) == ("ME", "THE PACS")
    assert max_pdu_bytes(one) == 5000


def test_repeated_echoes_are_messages_of_one_association() -> None:
    one = conversation(lab_echo, "--repeat", "3")
    assert [command.us_or_none(dimse.MESSAGE_ID) for command in one.called] == [1, 2, 3]
    assert one.heard[-1] == PduType.A_RELEASE_RQ


def test_an_abort_is_an_abort() -> None:
    assert conversation(lab_echo, "--abort").heard[-1] == PduType.A_ABORT


def hello(command: Callable[..., Ran], *words: str) -> Hello:
    with hello_taken() as (port, taken):
        assert command("+tla", *words, "127.0.0.1", port).code == 1
    return taken


@pytest.mark.parametrize(
    ("profile", "newest"),
    [("+pg", TLS_1_3), ("+pm", TLS_1_3), ("+py", TLS_1_3), ("+pz", TLS_1_2), ("+pa", TLS_1_2)],
)
def test_a_profile_offers_no_newer_version_than_it_has(profile: str, newest: int) -> None:
    assert hello(lab_echo, profile).versions[0] == newest


def test_a_server_name_is_asked_for_only_when_it_is_named() -> None:
    assert hello(lab_echo).server_name == ""
    assert hello(lab_echo, "--request-sni", "pacs.example.org").server_name == "pacs.example.org"


def test_the_name_is_checked_only_when_that_is_asked_for(pki: Path) -> None:
    with echo_scp(answers, server("client")(pki)) as (port, _):
        trusting = ["+tla", "+cf", pki / "ca.pem"]
        assert lab_echo(*trusting, "localhost", port).code == 0
        other = lab_echo(*trusting, "--check-name", "localhost", port)
        assert (other.code, "it is for another name" in other.stderr) == (1, True)
        named = [*trusting, "--check-name", "--request-sni", "client"]
        assert lab_echo(*named, "localhost", port).code == 0


def test_a_password_is_asked_for_on_stdin(pki: Path) -> None:
    own = ["+tls", pki / "client-locked.key", pki / "client.pem", "+cf", pki / "ca.pem"]
    with echo_scp(answers, server(wants_certificate=True)(pki)) as (port, _):
        assert lab_echo(*own, "localhost", port, stdin="correct-horse\n").code == 0
        assert lab_echo(*own, "localhost", port, stdin="wrong\n").code == 1
        assert lab_echo(*own, "-pw", "localhost", port, stdin="correct-horse\n").code == 1


def test_certificates_are_found_by_their_hash_in_a_folder(pki: Path, tmp_path: Path) -> None:
    with echo_scp(answers, server()(pki)) as (port, _):
        (tmp_path / "ca.pem").write_bytes((pki / "ca.pem").read_bytes())
        unnamed = lab_echo("+tla", "+cd", tmp_path, "localhost", port)
        assert (unnamed.code, "openssl rehash" in unnamed.stderr) == (1, True)
        (tmp_path / "ca.pem").rename(tmp_path / hashed_name(pki / "ca.pem"))
        assert lab_echo("+tla", "+cd", tmp_path, "localhost", port).code == 0


def hashed_name(certificate: Path) -> str:
    """As openssl rehash names it."""
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    (name,) = found.subject
    text = str(name.value).lower().encode()
    attribute = b"\x06\x03\x55\x04\x03" + bytes((0x0C, len(text))) + text
    canonical = b"\x31" + bytes((len(attribute) + 2,)) + b"\x30" + bytes((len(attribute),)) + attribute
    return f"{int.from_bytes(hashlib.sha1(canonical).digest()[:4], 'little'):08x}.0"


def test_a_seed_is_mixed_in_and_another_written(pki: Path, tmp_path: Path) -> None:
    seed, other = tmp_path / "seed", tmp_path / "other"
    seed.write_text("seed")
    with echo_scp(answers, server()(pki)) as (port, _):
        trusting = ["+tla", "+cf", pki / "ca.pem", "+rs", seed]
        assert lab_echo(*trusting, "+wf", other, "localhost", port).code == 0
        assert (seed.read_text(), len(other.read_bytes()), other.stat().st_mode & 0o777) == (
            "seed",
            1024,
            0o600,
        )
        assert lab_echo(*trusting, "+ws", "localhost", port).code == 0
    assert len(seed.read_bytes()) == 1024
