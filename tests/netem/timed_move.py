"""Runs inside the guest: a C-MOVE between two hosts of a wire, timed by the lab's own instrument."""

from collections.abc import Callable, Sequence

from lab.dicom.syntaxes import acceptor_order
from lab.inside import receiver
from lab.inside.moving import move
from lab.model.exchange import MoveOrder, MoveOutcome, ReceiverOrder
from lab.model.study import StudyKey
from tests.loopback.scripted import EXPLICIT
from tests.netem.forked_worker import ForkedWorker
from tests.netem.scripted_pacs import serve
from tests.netem.wire import PACS, TESTER, Wire

RECEIVER = ReceiverOrder(
    ae_title="STORESCP", port=9999, max_pdu_bytes=131072, transfer_syntaxes=acceptor_order([EXPLICIT])
)


def timed_move(wire: Wire, dataset_bytes: Sequence[int]) -> MoveOutcome:
    """Have instances of these sizes sent by C-MOVE, stop-and-wait. Raises RuntimeError."""
    destination = (wire.address(TESTER), RECEIVER.port)
    pacs = wire.ask(PACS, serve, wire.address(PACS), destination, dataset_bytes)
    try:
        order = MoveOrder(
            pacs_host=wire.address(PACS),
            pacs_port=pacs.said(),
            pacs_ae_title="ORTHANC",
            calling_ae_title="DICOMLAB",
            receiver=RECEIVER,
            studies=[StudyKey(patient_id="WIRE", study_instance_uid="2.25.17")],
            expected_instances=len(dataset_bytes),
        )
        outcome: MoveOutcome = wire.ask(TESTER, _move, order).said()
    finally:
        pacs.end()
    return outcome


def _move(_: Callable[[object], None], order: MoveOrder) -> MoveOutcome:
    receiver.subprocess.Popen = ForkedWorker  # type: ignore[attr-defined]
    return move(order, lambda _: None)
