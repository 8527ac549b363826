"""The C-STORE sender over real sockets: pynetdicom as the PACS, and one that writes down when."""

import dataclasses
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, evt

from lab.bench.store_methods import outgoing
from lab.bench.store_proof import differences
from lab.data.synth import instance
from lab.dicom import dimse
from lab.dicom.pdu import A_RELEASE_RP, LAST, PDV_HEADER, AbortReason, AbortSource, PduType, a_abort
from lab.inside.storing import store
from lab.model.store import StoreOrder, StoreOutcome
from lab.model.study import Instance, Study
from tests.loopback.ports import free_port
from tests.loopback.scripted import OPENED, _accept, read_pdu
from tests.unit.studies import SMALL

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
RECIPE = dataclasses.replace(SMALL, instances=6)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Study]:
    """Six small images on disk."""
    folder = tmp_path_factory.mktemp("study")
    lines = []
    for index in range(RECIPE.instances):
        content, line = instance(RECIPE, index)
        (folder / line.file).write_bytes(content)
        lines.append(line)
    return folder, Study(name="small", recipe_sha256="", instances=tuple(lines))


def stored(port: int, folder: Path, shares: Sequence[Sequence[Instance]], **changes: Any) -> StoreOutcome:
    order = StoreOrder(
        pacs_host="127.0.0.1",
        pacs_port=port,
        pacs_ae_title="ORTHANC",
        calling_ae_title="DICOMLAB",
        folder=str(folder),
        shares=[[outgoing(one) for one in share] for share in shares],
        silence_s=10,
    )
    return store(dataclasses.replace(order, **changes), lambda _: None)


Handler = Callable[[Any], int]


@contextmanager
def pacs(handler: Handler, *, max_pdu_bytes: int = 16382, syntax: str = "") -> Iterator[int]:
    """pynetdicom as a Storage SCP of one context; yields its port."""
    ae = AE("ORTHANC")
    ae.maximum_pdu_size = max_pdu_bytes
    ae.add_supported_context(SMALL.sop_class_uid, syntax or SMALL.transfer_syntax_uid)
    handlers: list[Any] = [(evt.EVT_C_STORE, handler)]
    port = free_port()
    server: Any = ae.start_server(("127.0.0.1", port), block=False, evt_handlers=handlers)
    try:
        yield port
    finally:
        server.shutdown()


class Keeping:
    """A handler that keeps a digest of every Data Set as it came."""

    def __init__(self) -> None:
        self.sha256: dict[str, str] = {}

    def __call__(self, event: Any) -> int:
        data = event.request.DataSet.getvalue()
        self.sha256[str(event.request.AffectedSOPInstanceUID)] = hashlib.sha256(data).hexdigest()
        return 0x0000


@pytest.mark.parametrize("max_pdu_bytes", [0, 4096, 131072])
def test_a_study_is_stored_unaltered_whatever_the_pdu_size(
    study: tuple[Path, Study], max_pdu_bytes: int
) -> None:
    folder, lines = study
    keeping = Keeping()
    with pacs(keeping, max_pdu_bytes=max_pdu_bytes) as port:
        outcome = stored(port, folder, [lines.instances])
    assert keeping.sha256 == {one.sop_instance_uid: one.dataset_sha256 for one in lines.instances}
    assert differences(outcome, lines) == []
    assert outcome.stores.status == [0] * 6
    assert outcome.stores.sop_instance_uids == [one.sop_instance_uid for one in lines.instances]
    assert outcome.stores.begin_s[0] == 0
    assert len(outcome.connections) == 1


def test_over_several_associations_everything_is_stored_once(study: tuple[Path, Study]) -> None:
    folder, lines = study
    keeping = Keeping()
    with pacs(keeping) as port:
        outcome = stored(port, folder, [lines.instances[job::3] for job in range(3)])
    assert len(keeping.sha256) == 6
    assert sorted(outcome.stores.association) == [0, 0, 1, 1, 2, 2]
    assert outcome.stores.end_s == sorted(outcome.stores.end_s)


def test_a_refused_instance_is_named_with_its_status_and_the_others_are_stored(
    study: tuple[Path, Study],
) -> None:
    folder, lines = study
    third = lines.instances[2]

    def refuses(event: Any) -> int:
        return 0xA700 if str(event.request.AffectedSOPInstanceUID) == third.sop_instance_uid else 0x0000

    with pacs(refuses) as port:
        outcome = stored(port, folder, [lines.instances])
    assert outcome.stores.status == [0, 0, 0xA700, 0, 0, 0]
    said = f"{third.file} ({third.sop_instance_uid}): status 0xA700: refused: out of resources"
    assert differences(outcome, lines) == [said]


def test_a_pacs_that_aborts_in_the_middle_leaves_the_rest_unanswered(study: tuple[Path, Study]) -> None:
    folder, lines = study
    seen: list[int] = []

    def aborts(event: Any) -> int:
        seen.append(1)
        if len(seen) == 3:
            event.assoc.abort()
        return 0x0000

    with pacs(aborts) as port:
        outcome = stored(port, folder, [lines.instances])
    assert len(outcome.stores.end_s) == 2
    assert "ended the association: aborted by" in outcome.lost
    assert [text.partition(" ")[0] for text in differences(outcome, lines)] == [
        one.file for one in lines.instances[2:]
    ]
    assert differences(outcome, lines)[0].endswith("was under way when that happened")


def test_a_transfer_syntax_that_is_not_accepted_is_named_for_each_instance(study: tuple[Path, Study]) -> None:
    folder, lines = study
    with pacs(Keeping(), syntax="1.2.840.10008.1.2.1") as port:
        outcome = stored(port, folder, [lines.instances])
    assert outcome.stores.end_s == []
    assert len(outcome.failures) == 6
    assert SMALL.transfer_syntax_uid in outcome.failures[lines.instances[0].sop_instance_uid]


def test_each_pair_of_sop_class_and_transfer_syntax_has_a_context_of_its_own(
    study: tuple[Path, Study],
) -> None:
    """One pair is accepted, the other is not: each instance goes by its own."""
    folder, lines = study
    other = dataclasses.replace(lines.instances[1], transfer_syntax_uid="1.2.840.10008.1.2.4.90")
    keeping = Keeping()
    with pacs(keeping) as port:
        outcome = stored(port, folder, [[lines.instances[0], other, lines.instances[2]]])
    assert list(outcome.failures) == [other.sop_instance_uid]
    assert list(keeping.sha256) == [lines.instances[row].sop_instance_uid for row in (0, 2)]


def test_a_pacs_that_is_not_there_is_said_so(study: tuple[Path, Study]) -> None:
    folder, lines = study
    with pytest.raises(ConnectionError, match="cannot be connected to"):
        stored(free_port(), folder, [lines.instances])


def test_a_file_that_is_not_there_is_said_before_anything_is_sent(study: tuple[Path, Study]) -> None:
    folder, lines = study
    gone = dataclasses.replace(lines.instances[0], file="gone.dcm")
    with pacs(Keeping()) as port, pytest.raises(FileNotFoundError, match=r"gone\.dcm"):
        stored(port, folder, [[gone]])


def test_a_file_that_is_too_short_ends_the_association(study: tuple[Path, Study]) -> None:
    folder, lines = study
    short = dataclasses.replace(
        lines.instances[1],
        file_bytes=lines.instances[1].file_bytes + 10,
        dataset_bytes=lines.instances[1].dataset_bytes + 10,
    )
    with pacs(Keeping()) as port:
        outcome = stored(port, folder, [[lines.instances[0], short]])
    assert len(outcome.stores.end_s) == 1
    assert "ends 10 bytes before the manifest says" in outcome.lost


# A PACS whose every step is written down


@dataclasses.dataclass
class Seen:
    """When an instance had come in whole, and when its response had been handed to the kernel (monotonic)."""

    received_s: list[float] = dataclasses.field(default_factory=list)
    answered_s: list[float] = dataclasses.field(default_factory=list)


@contextmanager
def scripted(answer: Callable[[socket.socket, int, dimse.Command, int], None]) -> Iterator[tuple[int, Seen]]:
    """``answer`` gets the connection, the instance's number, its command and its context."""
    seen = Seen()
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_serve, args=(server, answer, seen), daemon=True).start()
    try:
        yield server.getsockname()[1], seen
    finally:
        server.close()


def _serve(server: socket.socket, answer: Callable[..., None], seen: Seen) -> None:
    connection, _ = server.accept()
    OPENED.append(connection)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        _, body = read_pdu(connection)
        connection.sendall(_accept(body))
        while (message := _message(connection)) is not None:
            seen.received_s.append(time.monotonic())
            answer(connection, len(seen.received_s) - 1, *message)
            seen.answered_s.append(time.monotonic())
        connection.sendall(A_RELEASE_RP)
    except (EOFError, OSError):
        pass  # hung up on, as some scripts provoke


def _message(connection: socket.socket) -> tuple[dimse.Command, int] | None:
    """A whole C-STORE-RQ; None when a release was asked for instead."""
    pdu_type, body = read_pdu(connection)
    if pdu_type != PduType.P_DATA_TF:
        return None
    _, context_id, _ = PDV_HEADER.unpack_from(body)
    command = dimse.decode(body[PDV_HEADER.size :])
    while not PDV_HEADER.unpack_from(read_pdu(connection)[1])[2] & LAST:
        pass
    return command, context_id


def _calibration_errors(study: tuple[Path, Study]) -> list[float]:
    """How far, in seconds, each figure lies from the PACS's own stamps."""

    def slowly(connection: socket.socket, number: int, command: dimse.Command, context_id: int) -> None:
        time.sleep(0.25 if number == 0 else 0.03)
        connection.sendall(dimse.response(context_id, command, 0))

    folder, lines = study
    before_s = time.monotonic()
    with scripted(slowly) as (port, seen):
        outcome = stored(port, folder, [lines.instances])
    times = outcome.stores
    origin_s = seen.answered_s[0] - times.end_s[0]
    assert before_s < origin_s
    ends = [abs(origin_s + times.end_s[row] - seen.answered_s[row]) for row in range(6)]
    begins = [abs(seen.received_s[row] - (origin_s + times.begin_s[row])) for row in range(6)]
    return [*ends, *begins, abs(times.end_s[0] - 0.25)]


@pytest.mark.alone
def test_times_are_those_of_the_pacs_own_stamps(study: tuple[Path, Study]) -> None:
    """Within 1 ms; a machine that is busy may try again."""
    for _ in range(3):
        if max(errors := _calibration_errors(study)) < 0.001:
            return
    pytest.fail(f"off by up to {max(errors) * 1e3:.2f} ms")


def test_a_pacs_that_goes_silent_is_left(study: tuple[Path, Study]) -> None:
    folder, lines = study
    with scripted(lambda *_: time.sleep(2)) as (port, _):
        outcome = stored(port, folder, [lines.instances], silence_s=0.5)
    assert "timed out" in outcome.lost
    assert outcome.stores.end_s == []


def test_a_response_to_another_message_ends_the_association(study: tuple[Path, Study]) -> None:
    def confused(connection: socket.socket, _: int, command: dimse.Command, context_id: int) -> None:
        other = dimse.Command(command.field, {**command.elements, dimse.MESSAGE_ID: b"\x63\x00"})
        connection.sendall(dimse.response(context_id, other, 0))

    folder, lines = study
    with scripted(confused) as (port, _):
        outcome = stored(port, folder, [lines.instances])
    assert "to message 99 was not asked for" in outcome.lost


def test_an_abort_while_a_large_data_set_is_sent_is_told(tmp_path: Path) -> None:
    """The PACS aborts without reading on, and the send breaks."""
    size = 64 << 20
    (tmp_path / "large.dcm").write_bytes(bytes(size))
    large = dataclasses.replace(instance(SMALL, 0)[1], file="large.dcm", file_bytes=size, dataset_bytes=size)
    server = socket.create_server(("127.0.0.1", 0))

    def abort() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(_accept(read_pdu(connection)[1]))
            read_pdu(connection)
            connection.sendall(a_abort(AbortSource.SERVICE_PROVIDER, AbortReason.NOT_SPECIFIED))

    thread = threading.Thread(target=abort, daemon=True)
    thread.start()
    outcome = stored(server.getsockname()[1], tmp_path, [[large]])
    thread.join()
    server.close()
    assert "ended the association" in outcome.lost
    assert outcome.stores.end_s == []


def test_a_data_set_larger_than_what_is_read_ahead_arrives_whole(tmp_path: Path) -> None:
    size = 80 << 20
    block = bytes(range(256)) * 4096
    with (tmp_path / "large.dcm").open("wb") as file:
        for _ in range(size // len(block)):
            file.write(block)
    large = dataclasses.replace(instance(SMALL, 0)[1], file="large.dcm", file_bytes=size, dataset_bytes=size)
    keeping = Keeping()
    with pacs(keeping, max_pdu_bytes=0) as port:
        outcome = stored(port, tmp_path, [[large]])
    assert outcome.lost == ""
    assert list(keeping.sha256.values()) == [hashlib.sha256(block * (size // len(block))).hexdigest()]
