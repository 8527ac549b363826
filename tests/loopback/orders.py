"""Orders as the controller gives them, for peers on the loopback."""

import dataclasses
from typing import Any

from lab.dicom.syntaxes import acceptor_order
from lab.inside.moving import move
from lab.model.exchange import MoveOrder, MoveOutcome, ReceiverOrder
from lab.model.study import StudyKey
from tests.loopback.ports import free_port
from tests.unit.studies import SMALL


def receiver_order(**changes: Any) -> ReceiverOrder:
    order = ReceiverOrder(
        ae_title="STORESCP",
        port=free_port(),
        max_pdu_bytes=16382,
        transfer_syntaxes=acceptor_order([SMALL.transfer_syntax_uid]),
        sink="digest",
        artim_s=5,
        silence_s=20,
    )
    return dataclasses.replace(order, **changes)


def move_order(pacs_port: int, receiver: ReceiverOrder, **changes: Any) -> MoveOrder:
    order = MoveOrder(
        pacs_host="127.0.0.1",
        pacs_port=pacs_port,
        pacs_ae_title="ORTHANC",
        calling_ae_title="DICOMLAB",
        receiver=receiver,
        studies=[StudyKey(patient_id=SMALL.patient_id, study_instance_uid=SMALL.study_instance_uid)],
        idle_timeout_s=10,
    )
    return dataclasses.replace(order, **changes)


def moved(pacs_port: int, receiver: ReceiverOrder, **changes: Any) -> MoveOutcome:
    return move(move_order(pacs_port, receiver, **changes), lambda _: None)
