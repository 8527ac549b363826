"""Runs inside the guest: a C-MOVE between two hosts of the wire, the lab's agent receiving and timing it."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lab.dicom.syntaxes import acceptor_order
from lab.model.exchange import MoveOrder, ReceiverOrder
from lab.model.study import StudyKey
from tests.loopback.scripted import EXPLICIT
from tests.netem.wire import ADDRESSES, PACS, TESTER, in_host

RECEIVER = ReceiverOrder(
    ae_title="STORESCP", port=9999, max_pdu_bytes=131072, transfer_syntaxes=acceptor_order([EXPLICIT])
)


def timed_move(dataset_bytes: Sequence[int], *, pacs: str = PACS, tester: str = TESTER) -> dict[str, Any]:
    """Have instances of these sizes sent by C-MOVE, stop-and-wait; the fields of the agent's MoveOutcome.

    ``duration_s`` is added: the request to the last byte of the last instance. Raises RuntimeError.
    """
    with _scripted_pacs(pacs, tester, dataset_bytes) as port:
        order = MoveOrder(
            pacs_host=ADDRESSES[pacs],
            pacs_port=port,
            pacs_ae_title="ORTHANC",
            calling_ae_title="DICOMLAB",
            receiver=RECEIVER,
            studies=[StudyKey(patient_id="WIRE", study_instance_uid="2.25.17")],
            expected_instances=len(dataset_bytes),
        )
        outcome = _ordered(tester, {"order": "move", **dataclasses.asdict(order)})
    return {**outcome, "duration_s": max(outcome["arrivals"]["end_s"], default=0.0)}


@contextmanager
def _scripted_pacs(pacs: str, tester: str, dataset_bytes: Sequence[int]) -> Iterator[int]:
    """Yields its port."""
    order = {
        "address": ADDRESSES[pacs],
        "receiver": (ADDRESSES[tester], RECEIVER.port),
        "dataset_bytes": list(dataset_bytes),
    }
    argv = in_host(pacs, sys.executable, "-m", "tests.netem.scripted_pacs", json.dumps(order))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline() if process.stdout else "")
        finally:
            process.terminate()


def _ordered(tester: str, order: dict[str, Any]) -> dict[str, Any]:
    """The agent's outcome; its stdin stays open until then, or it would think us gone."""
    argv = in_host(tester, sys.executable, "-m", "lab.inside.agent")
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as agent:
        if agent.stdin is None or agent.stdout is None:
            raise RuntimeError("an agent without pipes")
        agent.stdin.write(json.dumps(order) + "\n")
        agent.stdin.flush()
        said: dict[str, Any] = {}
        for line in agent.stdout:
            said = json.loads(line)
    if said.pop("event", "") != "outcome":
        raise RuntimeError(f"the agent says {said}")
    return said
