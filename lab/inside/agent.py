"""The agent: one MoveOrder in on stdin, JSON-line events out on stdout. A program.

    {"event": "progress", "instances": 12, "bytes": 1934556}     at most five a second
    {"event": "outcome", ...}                                    a MoveOutcome, last line
    {"event": "failure", "text": "..."}                          instead of it, last line

When its stdin ends, the controller is gone: so is the agent, and with it the listening port.
"""

import dataclasses
import json
import os
import sys
import threading
import time
from typing import Any

from lab.inside.receiver import Receiver
from lab.inside.requests import Answer, Requester
from lab.model.exchange import Ending, MoveOrder, MoveOutcome

_PROGRESS_INTERVAL_S = 0.2
_LATE_ARRIVALS_S = 5.0


def main() -> None:
    order = MoveOrder(**json.loads(sys.stdin.readline()))
    threading.Thread(target=_die_with_controller, daemon=True).start()
    try:
        outcome = measure(order)
    except Exception as error:  # whatever it is, the controller must hear of it
        _emit("failure", {"text": str(error) or type(error).__name__})
        return
    _emit("outcome", dataclasses.asdict(outcome))


def measure(order: MoveOrder) -> MoveOutcome:
    """Listen, ask, receive until the PACS has answered, stop listening."""
    receiver = _receiver(order)
    receiver.start()
    try:
        requester = Requester(order)
        associate_s = requester.associate()
        cpu_before_s = time.process_time()
        watchdog = _Watchdog(receiver, requester, order.idle_timeout_s)
        watchdog.start()
        answer = requester.move(associate_s)
        _wait_for_late_arrivals(receiver, answer)
        cpu_s = time.process_time() - cpu_before_s
        watchdog.stop()
        return _outcome(answer, receiver, cpu_s, idle=watchdog.fired)
    finally:
        receiver.stop()


def _receiver(order: MoveOrder) -> Receiver:
    return Receiver(
        ae_title=order.destination_ae_title,
        port=order.listen_port,
        max_pdu_bytes=order.max_pdu_bytes,
        preferred_transfer_syntax_uids=order.preferred_transfer_syntax_uids,
        digest=order.digest,
    )


def _wait_for_late_arrivals(receiver: Receiver, answer: Answer) -> None:
    """A PACS may answer before its last C-STORE has been counted here."""
    deadline_s = time.monotonic() + _LATE_ARRIVALS_S
    expected = answer.suboperations.completed + answer.suboperations.warning
    while receiver.count < expected and time.monotonic() < deadline_s:
        time.sleep(0.01)


def _outcome(answer: Answer, receiver: Receiver, cpu_s: float, *, idle: bool) -> MoveOutcome:
    return MoveOutcome(
        ending=Ending.IDLE if idle else answer.ending,
        explanation="the PACS sent nothing any more" if idle else answer.explanation,
        status=answer.status,
        associate_s=answer.associate_s,
        completion_s=answer.answered_s - answer.requested_s,
        suboperations=answer.suboperations,
        arrivals=receiver.arrivals(answer.requested_s),
        associations=receiver.associations,
        receiver_cpu_s=cpu_s,
        congestion_control=receiver.congestion_control,
    )


class _Watchdog(threading.Thread):
    """Reports progress, and aborts the request when no byte has come for ``idle_timeout_s``."""

    def __init__(self, receiver: Receiver, requester: Requester, idle_timeout_s: float) -> None:
        super().__init__(daemon=True)
        self.fired = False
        self._receiver = receiver
        self._requester = requester
        self._idle_timeout_s = idle_timeout_s
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(_PROGRESS_INTERVAL_S):
            _emit("progress", {"instances": self._receiver.count, "bytes": self._receiver.received_bytes})
            last_read_s = max(self._receiver.last_read_s, self._requester.last_read_s)
            if time.monotonic() - last_read_s > self._idle_timeout_s:
                self.fired = True
                self._requester.hang_up()
                return

    def stop(self) -> None:
        self._stopped.set()


def _die_with_controller() -> None:
    sys.stdin.read()
    os._exit(1)


def _emit(event: str, values: dict[str, Any]) -> None:
    print(json.dumps({"event": event, **values}), flush=True)


if __name__ == "__main__":
    main()
