"""The receiver's own ceiling: what it takes from a sender of pre-encoded PDUs over this host's loopback."""

import dataclasses
import json
import selectors
import subprocess
import sys
from threading import Thread

from lab.inside.receiver import Receiver
from lab.model.exchange import Ceiling, CeilingOrder, ReceiverOrder, SendOrder, Sent
from lab.model.plain import to_json

_BUDGET_BYTES = 800_000_000
_LARGEST_DATA_SET_BYTES = 16_000_000
_MOST_INSTANCES = 8000
_AT_MOST_S = 1.0


def ceiling(order: CeilingOrder) -> Ceiling:
    """Receive for a second at most as a run would: same PDU size, acknowledgements, sink, processes."""
    order = dataclasses.replace(order, receiver=_talking_to_itself(order.receiver))
    with selectors.DefaultSelector() as selector:
        receiver = Receiver(order.receiver, selector)
        try:
            sent = _sent_to(receiver, selector, receiver.start(), order)
            received = receiver.stop()
        finally:
            receiver.kill()
    mbit_s = sent.dataset_bytes * 8 / sent.duration_s / 1e6
    return Ceiling(mbit_s=mbit_s, receiver_cpu_s_per_gb=received.cost.cpu_s / sent.dataset_bytes * 1e9)


def _talking_to_itself(receiver: ReceiverOrder) -> ReceiverOrder:
    """Its own certificate need not be of the authority that it trusts."""
    tls = dataclasses.replace(receiver.tls, any_peer=True) if receiver.tls else None
    return dataclasses.replace(receiver, address="127.0.0.1", port=0, tls=tls)


def _sent_to(receiver: Receiver, selector: selectors.BaseSelector, port: int, order: CeilingOrder) -> Sent:
    """The sender is a process of its own, as a PACS is."""
    said: list[bytes] = []
    argv = [sys.executable, "-m", "lab.inside.sender", to_json(_send_order(order, port))]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as sender:
        assert sender.stdout is not None
        output = sender.stdout
        listening = Thread(target=lambda: said.append(output.read()), daemon=True)
        listening.start()
        while listening.is_alive():
            for key, _ in selector.select(0.02):
                receiver.serve(key.fileobj)
    if not said or not said[0]:
        msg = "the receiver could not be measured alone: its sender failed"
        raise ConnectionError(msg)
    return Sent(**json.loads(said[0]))


def _send_order(order: CeilingOrder, port: int) -> SendOrder:
    size = min(_LARGEST_DATA_SET_BYTES, max(64, order.dataset_bytes // 2 * 2))
    return SendOrder(
        host="127.0.0.1",
        port=port,
        called_ae_title=order.receiver.ae_title,
        instances=max(order.associations, min(_MOST_INSTANCES, _BUDGET_BYTES // size)),
        dataset_bytes=size,
        max_pdu_bytes=order.receiver.max_pdu_bytes,
        associations=order.associations,
        at_most_s=_AT_MOST_S,
        tls=order.receiver.tls,
    )
