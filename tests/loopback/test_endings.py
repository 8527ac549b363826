"""How a C-MOVE ends: by the PACS's answer, by everything having come, or by silence; and it is said which."""

import time

import pytest

from lab.dicom import dimse
from lab.dicom.pdu import A_RELEASE_RP, A_RELEASE_RQ, PduType
from lab.inside.moving import move
from lab.model.exchange import Ending, Stop
from tests.loopback.orders import move_order, moved, receiver_order
from tests.loopback.scripted import Request, Script, StoreScu, read_pdu, scripted_pacs

IMAGES = 3


def stores(port: int, images: int) -> None:
    scu = StoreScu(port)
    for index in range(images):
        scu.send(index)
        scu.await_response()
    scu.release()


def answers_first(port: int, images: int) -> Script:
    """An asynchronous C-MOVE: success is said before anything is sent."""

    def script(request: Request) -> None:
        request.respond(0, completed=IMAGES)
        time.sleep(0.3)
        stores(port, images)

    return script


@pytest.mark.alone
def test_a_pacs_that_answers_before_it_sends_is_waited_for_until_everything_came() -> None:
    receiver = receiver_order()
    with scripted_pacs(answers_first(receiver.port, IMAGES)) as port:
        outcome = moved(port, receiver, expected_instances=IMAGES)
    assert (outcome.ending, outcome.stop) == (Ending.COMPLETED, Stop.ALL_RECEIVED)
    assert len(outcome.arrivals.end_s) == IMAGES
    assert outcome.completion_s < 0.3 < outcome.arrivals.end_s[0]


def test_a_pacs_that_answers_and_then_sends_too_little_is_left_after_the_idle_timeout() -> None:
    receiver = receiver_order()
    with scripted_pacs(answers_first(receiver.port, IMAGES - 1)) as port:
        outcome = moved(port, receiver, expected_instances=IMAGES, idle_timeout_s=1)
    assert (outcome.ending, outcome.stop) == (Ending.IDLE, Stop.IDLE_TIMEOUT)
    assert len(outcome.arrivals.end_s) == IMAGES - 1


def test_a_pacs_that_sends_everything_and_never_answers_is_left_after_the_idle_timeout() -> None:
    receiver = receiver_order()

    def script(_: Request) -> None:
        stores(receiver.port, IMAGES)
        time.sleep(3)

    with scripted_pacs(script) as port:
        outcome = moved(port, receiver, expected_instances=IMAGES, idle_timeout_s=1)
    assert (outcome.ending, outcome.stop, outcome.status) == (Ending.IDLE, Stop.IDLE_TIMEOUT, None)


def test_a_pacs_that_says_it_sent_fewer_is_not_waited_for() -> None:
    receiver = receiver_order()

    def script(request: Request) -> None:
        stores(receiver.port, IMAGES - 1)
        request.respond(0, completed=IMAGES - 1)

    with scripted_pacs(script) as port:
        outcome = moved(port, receiver, expected_instances=IMAGES, idle_timeout_s=30)
    assert (outcome.ending, outcome.stop) == (Ending.COMPLETED, Stop.FINAL_RESPONSE)


@pytest.mark.parametrize(
    ("status", "words"),
    [(0xB000, "one or more failed"), (0xA702, "could not perform"), (0xC123, "reports a failure")],
)
def test_a_failure_is_told_in_words_and_not_waited_for(status: int, words: str) -> None:
    receiver = receiver_order()

    def script(request: Request) -> None:
        stores(receiver.port, 1)
        request.respond(status, completed=1, failed=IMAGES - 1)

    with scripted_pacs(script) as port:
        outcome = moved(port, receiver, expected_instances=IMAGES, idle_timeout_s=30)
    assert (outcome.ending, outcome.status) == (Ending.REFUSED, status)
    assert outcome.suboperations.failed == IMAGES - 1
    assert words in outcome.explanation
    assert f"0x{status:04X}" in outcome.explanation


def test_pending_responses_tell_how_much_is_still_to_come() -> None:
    receiver = receiver_order()

    def script(request: Request) -> None:
        for done in range(1, 6):
            request.respond(0xFF00, remaining=5 - done, completed=done)
            time.sleep(0.1)
        stores(receiver.port, IMAGES)
        request.respond(0, completed=IMAGES)

    said: list[dict[str, int]] = []
    with scripted_pacs(script) as port:
        move(move_order(port, receiver), said.append)
    assert any(one["remaining"] > 0 for one in said)


@pytest.mark.alone
def test_the_request_is_stamped_before_the_pacs_has_it() -> None:
    """Stamped when it was handed over: a PACS on the same clock reads it later, and not much."""
    receiver = receiver_order()
    asked: list[Request] = []

    def script(request: Request) -> None:
        asked.append(request)
        stores(receiver.port, 1)
        request.sent_s.append(time.monotonic())
        request.respond(0, completed=1)

    with scripted_pacs(script) as port:
        outcome = moved(port, receiver)
    said = asked[0]
    assert outcome.arrivals.end_s[0] <= said.sent_s[0] - said.requested_s + 0.05
    assert outcome.completion_s >= outcome.arrivals.end_s[0]


def test_a_pacs_that_releases_before_it_answers_is_answered_and_left() -> None:
    """AR-2 and AR-4: its A-RELEASE-RQ gets an A-RELEASE-RP, and the C-MOVE was lost."""
    receiver = receiver_order()
    heard: list[int] = []

    def script(request: Request) -> None:
        request.connection.sendall(A_RELEASE_RQ)
        heard.append(read_pdu(request.connection)[0])
        time.sleep(3)

    begun_s = time.monotonic()
    with scripted_pacs(script) as port:
        outcome = moved(port, receiver, idle_timeout_s=30)
    assert heard == [PduType.A_RELEASE_RP]
    assert (outcome.ending, outcome.status) == (Ending.CONNECTION_LOST, None)
    assert time.monotonic() - begun_s < 15


def test_a_pacs_that_breaks_the_rules_is_aborted() -> None:
    """AA-8: an A-RELEASE-RP that nobody asked for."""
    receiver = receiver_order()
    heard: list[int] = []

    def script(request: Request) -> None:
        request.connection.sendall(A_RELEASE_RP)
        heard.append(read_pdu(request.connection)[0])

    with scripted_pacs(script) as port:
        outcome = moved(port, receiver, idle_timeout_s=30)
    assert heard == [PduType.A_ABORT]
    assert outcome.ending is Ending.CONNECTION_LOST


def test_a_response_to_another_message_is_no_answer() -> None:
    receiver = receiver_order()

    def script(request: Request) -> None:
        request.connection.sendall(
            dimse.command_pdu(
                1,
                dimse.us(dimse.COMMAND_FIELD, dimse.CommandField.C_MOVE_RSP),
                dimse.us(dimse.MESSAGE_ID_RESPONDED_TO, 77),
                dimse.us(dimse.DATA_SET_TYPE, 0x0101),
                dimse.us(dimse.STATUS, 0),
            )
        )
        time.sleep(1)

    with scripted_pacs(script) as port:
        outcome = moved(port, receiver, idle_timeout_s=30)
    assert outcome.ending is Ending.CONNECTION_LOST
    assert "to message 77 was not asked for" in outcome.explanation
