"""The receiver and requester over real sockets on the loopback, against pynetdicom as the PACS."""

import dataclasses
import errno
import io
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless
from pynetdicom import AE, evt

from lab.bench.proof import prove
from lab.data.synth import instance
from lab.dicom.syntaxes import acceptor_order
from lab.inside.receiver import CannotListen, Receiver
from lab.inside.requests import STUDY_ROOT_MOVE
from lab.model.exchange import Ending
from tests.loopback.orders import moved, receiver_order
from tests.loopback.ports import free_port
from tests.unit.studies import SMALL, small_study

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
STUDY = small_study()
Move = Callable[[Any], Iterator[Any]]


def sends_all(destination_port: int) -> Move:
    """A C-MOVE SCP's handler that sends the whole small study (PS3.4 C.4.2.3)."""

    def handle(_: Any) -> Iterator[Any]:
        yield "127.0.0.1", destination_port, {"contexts": [_context(SMALL.sop_class_uid)]}
        yield SMALL.instances
        for index in range(SMALL.instances):
            yield 0xFF00, pydicom.dcmread(io.BytesIO(instance(SMALL, index)[0]))

    return handle


def _context(sop_class_uid: str) -> Any:
    scu = AE()
    scu.add_requested_context(sop_class_uid, JPEGLSLossless)
    return scu.requested_contexts[0]


@contextmanager
def pacs(handler: Move) -> Iterator[int]:
    """A scripted PACS; yields its port."""
    ae = AE("ORTHANC")
    ae.add_supported_context(STUDY_ROOT_MOVE)
    handlers: list[Any] = [(evt.EVT_C_MOVE, handler)]
    port = free_port()
    server: Any = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)
    try:
        yield port
    finally:
        server.shutdown()


@pytest.mark.parametrize("max_pdu_bytes", [0, 4096, 131072])
def test_a_move_is_received_hashed_and_proved_whatever_the_pdu_size(max_pdu_bytes: int) -> None:
    receiver = receiver_order()
    with pacs(sends_all(receiver.port)) as port:
        outcome = moved(port, dataclasses.replace(receiver, max_pdu_bytes=max_pdu_bytes))
    prove(outcome, STUDY)
    assert [one.instances for one in outcome.associations] == [3]
    assert outcome.suboperations.completed == 3
    assert 0 < outcome.associate_s < 10


def test_times_count_up_from_the_request_to_the_final_response() -> None:
    receiver = receiver_order()
    with pacs(sends_all(receiver.port)) as port:
        outcome = moved(port, receiver)
    times = outcome.arrivals.end_s
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] < outcome.completion_s


def test_an_image_is_not_there_before_the_pacs_has_sent_it() -> None:
    """A PACS that waits 0.3 s before each image: no time may lie before the waits it contains."""
    receiver = receiver_order()

    def waits(event: Any) -> Iterator[Any]:
        for number, answer in enumerate(sends_all(receiver.port)(event)):
            if number > 1:  # address and count come first
                time.sleep(0.3)
            yield answer

    with pacs(waits) as port:
        outcome = moved(port, receiver)
    assert all(end_s >= 0.3 * number for number, end_s in enumerate(outcome.arrivals.end_s, 1))
    assert outcome.completion_s >= 0.9


def test_a_timed_run_does_not_hash() -> None:
    receiver = receiver_order()
    with pacs(sends_all(receiver.port)) as port:
        outcome = moved(port, dataclasses.replace(receiver, sink="discard"))
    assert outcome.arrivals.dataset_sha256 == ["", "", ""]
    assert sum(outcome.arrivals.dataset_bytes) == STUDY.dataset_bytes


def test_nothing_listens_any_more_when_a_run_has_ended() -> None:
    receiver = receiver_order()
    with pacs(sends_all(receiver.port)) as port:
        moved(port, receiver)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", receiver.port), timeout=1)


def test_a_pacs_that_aborts_in_the_middle_is_a_lost_connection() -> None:
    receiver = receiver_order()

    def aborts(event: Any) -> Iterator[Any]:
        yield from list(sends_all(receiver.port)(event))[:3]
        event.assoc.abort()
        yield 0xFF00, None

    with pacs(aborts) as port:
        outcome = moved(port, receiver)
    assert outcome.ending is Ending.CONNECTION_LOST


def test_a_pacs_that_goes_silent_is_left_after_the_idle_timeout() -> None:
    receiver = receiver_order()

    def sleeps(event: Any) -> Iterator[Any]:
        yield from list(sends_all(receiver.port)(event))[:2]
        time.sleep(2)
        yield 0xFE00, None

    with pacs(sleeps) as port:
        outcome = moved(port, receiver, idle_timeout_s=1)
    assert outcome.ending is Ending.IDLE


def test_an_unknown_destination_is_refused_with_the_pacs_own_reason() -> None:
    def knows_nobody(_: Any) -> Iterator[Any]:
        yield None, None

    with pacs(knows_nobody) as port:
        outcome = moved(port, receiver_order())
    assert (outcome.ending, outcome.status) == (Ending.REFUSED, 0xA801)
    assert "does not know the move destination" in outcome.explanation


def test_a_pacs_that_is_not_there_is_said_so() -> None:
    with pytest.raises(ConnectionError, match="cannot be connected to"):
        moved(free_port(), receiver_order())


def test_a_port_that_somebody_else_listens_at_first_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two may bind a port with SO_REUSEADDR; of them one can listen."""

    def listen(_: socket.socket, __: int) -> None:
        raise OSError(errno.EADDRINUSE, "Address already in use")

    order = receiver_order()
    monkeypatch.setattr(socket.socket, "listen", listen)
    with selectors.DefaultSelector() as selector, pytest.raises(CannotListen, match=r"port \d+: Address"):
        Receiver(order, selector).start()


def test_a_port_that_is_taken_is_an_error_before_anything_is_asked() -> None:
    with closing(socket.create_server(("", 0))) as taken, pytest.raises(OSError, match="in use"):
        moved(free_port(), receiver_order(port=taken.getsockname()[1]))


def test_what_a_study_is_stored_in_is_chosen_first_and_plain_syntaxes_last() -> None:
    chosen = acceptor_order([JPEGLSLossless])
    assert chosen[0] == JPEGLSLossless
    assert chosen.index(ExplicitVRLittleEndian) == len(chosen) - 3
    assert len(chosen) == len(set(chosen))
