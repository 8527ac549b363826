"""A receiving process: one loop over the associations it is handed. A program, started by receiver.py.

    stdin       a SOCK_SEQPACKET socket: the order as JSON, then connections and single letters
    stdout      JSON lines: what has come so far, at most ten a second; at the end everything, by column
    stderr      a log line for each association that did not end in a release

When stdin ends, the receiver is gone, and so is this.
"""

import dataclasses
import json
import select
import socket
import sys
import time
from datetime import UTC, datetime

from lab.dicom.acceptor import Acceptor
from lab.dicom.negotiation import Offer
from lab.dicom.states import Event, State
from lab.inside import sinks
from lab.inside.columns import Columns, concatenated
from lab.inside.memory import peak_rss_bytes
from lab.inside.peer import Peer
from lab.inside.secured import acceptor_context
from lab.model.exchange import Accepted, ReceiverCost, ReceiverOrder
from lab.model.plain import from_json

CONNECTION, MARK, STOP = b"C", b"M", b"S"
BUFFER_BYTES = 256 << 10
MOST_ASSOCIATIONS = 64
_MOST_WAITING = 200  # each may have sent 256 KiB of an A-ASSOCIATE-RQ
_GRACE_S = 0.5
_REPORT_INTERVAL_S = 0.1
_CLOCK_INTERVAL_S = 0.25
_ORDER_BYTES = 64 << 10


class Worker:
    """Serves connections until told to stop."""

    def __init__(self, control: socket.socket, order: ReceiverOrder) -> None:
        self._control = control
        self._order = order
        self._offer = Offer(
            ae_title=order.ae_title,
            check_called=order.check_called,
            max_pdu_bytes=order.max_pdu_bytes,
            transfer_syntaxes=tuple(order.transfer_syntaxes),
            verification=order.verification,
        )
        self._secured = acceptor_context(order.tls) if order.tls else None
        self._poll = select.epoll()
        self._poll.register(control, select.EPOLLIN)
        self._open: dict[int, Peer] = {}
        self._closed: list[tuple[Accepted, Columns]] = []
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self._cpu_mark_s = time.process_time()
        self._instances = 0
        self._received_bytes = 0
        self._last_read_s = 0.0
        self._reported = (0, 0)
        self._stop_s: float | None = None

    def serve(self) -> None:
        """Until told to stop and all is released, or until whoever started this is gone."""
        clock_s = report_s = 0.0
        while not self._is_done():
            for number, _ in self._poll.poll(_REPORT_INTERVAL_S):
                if number in self._open:
                    self._served(number)
                else:
                    self._told()
            now_s = time.monotonic()
            if now_s >= clock_s:
                clock_s = now_s + _CLOCK_INTERVAL_S
                self._look_at_the_clock(now_s)
            if now_s >= report_s:
                report_s = now_s + _REPORT_INTERVAL_S
                self._report_progress()

    def tell(self) -> None:
        """Everything, a line per column; the connections that are still open are closed."""
        for number in list(self._open):
            self._open[number].acceptor.happened(Event.TRANSPORT_CLOSED, "still open at the end")
            self._close(number)
        cpu_s = time.process_time() - self._cpu_mark_s
        for name, values in concatenated([columns for _, columns in self._closed]):
            _say({"column": name, "values": values})
        cost = ReceiverCost(cpu_s=cpu_s, busiest_cpu_s=cpu_s, peak_rss_bytes=peak_rss_bytes())
        _say({"associations": [dataclasses.asdict(one) for one, _ in self._closed], "cost": vars(cost)})

    def _is_done(self) -> bool:
        """A peer may release its association a moment after its last instance: that is waited for."""
        if self._stop_s is None:
            return False
        associated = any(peer.acceptor.state is State.STA6 for peer in self._open.values())
        return not associated or time.monotonic() > self._stop_s + _GRACE_S

    def _served(self, number: int) -> None:
        peer = self._open[number]
        before, before_bytes = len(peer.columns), peer.received_bytes
        peer.readable(self._buffer)
        self._instances += len(peer.columns) - before
        self._received_bytes += peer.received_bytes - before_bytes
        self._last_read_s = peer.last_read_s
        if peer.acceptor.is_over:
            self._close(number)

    def _told(self) -> None:
        message, descriptors, _, _ = socket.recv_fds(self._control, _ORDER_BYTES, 1)
        for descriptor in descriptors:
            self._take(socket.socket(fileno=descriptor))
        if message == MARK:
            self._cpu_mark_s = time.process_time()
        elif message == STOP:
            self._stop_s = time.monotonic()
        elif not message:
            raise SystemExit  # whoever started this is gone

    def _take(self, connection: socket.socket) -> None:
        """Who has not associated yet makes room for who comes: of those, only so many are kept."""
        waiting = [number for number, peer in self._open.items() if peer.acceptor.state is State.STA2]
        if len(waiting) >= _MOST_WAITING:
            self._close(waiting[0])
        connection.setblocking(False)
        if self._secured:
            connection = self._secured.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        sink = sinks.make(self._order.sink, self._order.keep_folder)
        peer = Peer(
            connection,
            Acceptor(self._offer, sink, self._is_full),
            quick=self._order.ack == "quick",
            artim_s=self._order.artim_s,
            silence_s=self._order.silence_s,
            stamped=self._secured is None,
        )
        self._open[connection.fileno()] = peer
        self._poll.register(connection, select.EPOLLIN)

    def _is_full(self) -> bool:
        associated = sum(peer.acceptor.state is State.STA6 for peer in self._open.values())
        return associated >= MOST_ASSOCIATIONS

    def _close(self, number: int) -> None:
        """What is to be told of it stays; of one that never said anything, nothing."""
        peer = self._open.pop(number)
        self._poll.unregister(number)
        peer.close()
        accepted = peer.described()
        if peer.received_bytes:
            self._closed.append((accepted, peer.columns))
        if accepted.trouble:
            _log(accepted)

    def _look_at_the_clock(self, now_s: float) -> None:
        for number, peer in list(self._open.items()):
            peer.look_at_the_clock(now_s)
            if peer.acceptor.is_over:
                self._close(number)

    def _report_progress(self) -> None:
        sofar = (self._instances, self._received_bytes)
        if sofar != self._reported:
            self._reported = sofar
            instances, received_bytes = sofar
            _say({"instances": instances, "bytes": received_bytes, "last_read_s": self._last_read_s})


def _log(accepted: Accepted) -> None:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    who = f"{accepted.peer} {accepted.calling_ae_title!r}"
    print(
        f"{moment} {who} after {accepted.instances} instances: {accepted.trouble}",
        file=sys.stderr,
        flush=True,
    )


def _say(values: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def main() -> None:
    control = socket.socket(fileno=0)
    order = from_json(ReceiverOrder, control.recv(_ORDER_BYTES))
    worker = Worker(control, order)
    _say({"ready": True})
    worker.serve()
    worker.tell()


if __name__ == "__main__":
    main()
